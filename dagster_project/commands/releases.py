"""`equity releases`: list, show, compare, roll back. Imports no Dagster."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from dagster_project.commands.figures import thousands
from dagster_project.commands.installation import settings_in_force
from dagster_project.commands.words import local_time, say
from dagster_project.lib.release.difference import compare
from dagster_project.lib.release.ids import number
from dagster_project.lib.release.manifest import Manifest
from dagster_project.lib.release.read_back import verify
from dagster_project.lib.release.store import ReleaseStore
from dagster_project.settings import Settings


def store_for(settings: Settings, *, internal: bool) -> ReleaseStore:
    """The releases that everybody may read, or those for the administration."""
    return ReleaseStore(settings.internal_dir if internal else settings.data_dir)


def print_list(*, internal: bool) -> None:
    """Every release on disk and every refused candidate, oldest first; the current one is marked."""
    store, console = store_for(settings_in_force(), internal=internal), Console()
    current = store.pointer()
    table = Table(box=None, pad_edge=False)
    for header in ("", "Release", "Created", "Outcome"):
        table.add_column(header)
    for header in ("Rows", "Warnings"):
        table.add_column(header, justify="right")
    rows = {
        release.id: (
            local_time(release.manifest.created_at),
            "published",
            thousands(sum(entry.rows for entry in release.manifest.tables.values())),
            str(len(release.manifest.expectations.warnings)),
        )
        for release in store.releases()
    }
    for event in store.log.events():
        if event.event == "refused" and event.release_id not in rows:
            rows[event.release_id] = (local_time(event.at), "refused", "", "")
    if not rows:
        say(console, "There is no release yet. `equity run` makes one.")
        return
    for release_id in sorted(rows, key=number):
        table.add_row("→" if release_id == current else "", release_id, *rows[release_id])
    console.print(table)
    if current is not None and current not in rows:
        say(console, f"current leads to {current}, which is not on disk. Roll back to another release.")
    elif current is None:
        say(console, "No release is current.")


def print_release(release_id: str, *, internal: bool) -> None:
    """One release's manifest in words; for a refused candidate the reasons.

    Raises:
        ReleaseNotFoundError: neither a release nor a refusal has this id.
        ReleaseRefusedError: the release's manifest is missing or damaged.
    """
    store, console = store_for(settings_in_force(), internal=internal), Console()
    refusals = [e for e in store.log.events() if e.event == "refused" and e.release_id == release_id]
    if refusals and not (store.releases_dir / release_id).is_dir():
        say(console, f"[bold]{release_id}[/] was refused on {local_time(refusals[-1].at)}:")
        for reason in refusals[-1].reasons:
            say(console, f"  {escape(reason)}")
        return
    release = store.get(release_id)
    manifest = release.manifest
    is_current = " It is the current release." if store.pointer() == release_id else ""
    say(console, f"[bold]{release_id}[/] was created on {local_time(manifest.created_at)}.{is_current}")
    say(console, f"  {escape(str(release.folder))}")
    say(
        console,
        f"Built by version {manifest.code_version}, build {manifest.build_id}, "
        f"from {len(manifest.extracts)} deliveries; follows {manifest.previous or 'no earlier release'}.",
    )
    _print_tables(console, manifest)
    found = manifest.expectations
    say(
        console,
        f"\n[bold]Expectations:[/] {found.passed} of {found.expectations} met, "
        f"{len(found.warnings)} warnings.",
    )
    for warning in found.warnings:
        say(console, f"  {escape(warning.id)}: {escape(warning.observed)} {escape(warning.how_to_resolve)}")
    hidden = {table: cells for table, cells in manifest.suppressed_cells.items() if cells}
    say(console, "\n[bold]Hidden cells[/]" if hidden else "\nNo cell is hidden.")
    for table, cells in hidden.items():
        say(console, f"  {table}: {thousands(cells)}")
    say(console, "\n[bold]What it lacks[/]" if manifest.lacks else "\nIt lacks nothing.")
    for sentence in manifest.lacks:
        say(console, f"  {escape(sentence)}")
    say(console, "\n[bold]Difference from the release before[/]")
    for sentence in manifest.difference.sentences:
        say(console, f"  {escape(sentence)}")
    for revision in manifest.revisions.unexpected:
        say(console, f"  [yellow]Revised:[/] {escape(revision.sentence())}")
    if manifest.approval is not None:
        approval = manifest.approval
        say(
            console,
            f"  Approved by {escape(approval.by)} on {local_time(approval.at)}: {escape(approval.reason)}",
        )


def _print_tables(console: Console, manifest: Manifest) -> None:
    say(console, "\n[bold]Tables[/]")
    for name, entry in manifest.tables.items():
        say(
            console, f"  {name}, {thousands(entry.rows)} rows: {escape(_first_sentence(entry.comment or ''))}"
        )


def _first_sentence(comment: str) -> str:
    """First line of a table's Markdown comment that is not a heading."""
    lines = (line.strip() for line in comment.splitlines())
    return next((line for line in lines if line and not line.startswith("#")), "no description")


def print_difference(old_id: str, new_id: str, *, internal: bool) -> None:
    """What release ``new_id`` says differently from ``old_id``, table by table, by the keys in its manifest.

    Raises:
        ReleaseNotFoundError: one of them is not on disk.
        ReleaseRefusedError: one of them is damaged.
    """
    store, console = store_for(settings_in_force(), internal=internal), Console()
    old, new = store.get(old_id), store.get(new_id)
    for release in (old, new):
        verify(release.file, release_id=release.id)
    keys = {table: entry.key for table, entry in new.manifest.tables.items()}
    say(console, f"[bold]From {old_id} to {new_id}[/]")
    for sentence in compare(old.file, new.file, keys).sentences:
        say(console, f"  {escape(sentence)}")


def roll_back(release_id: str, reason: str, *, internal: bool) -> None:
    """Let ``current`` lead to another release.

    Raises:
        ReleaseNotFoundError, ReleaseRefusedError, WarehouseBusyError, StorageFailedError: as
            :meth:`ReleaseStore.rollback`.
    """
    store, console = store_for(settings_in_force(), internal=internal), Console()
    previous = store.pointer()
    store.rollback(release_id, reason)
    if previous == release_id:
        say(console, f"Release {release_id} was current already.")
    else:
        say(
            console, f"Readers now see {release_id} (before: {previous or 'none'}). The reason is in the log."
        )
        say(console, "The next run publishes again if data or code differ from it.")
