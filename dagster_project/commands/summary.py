"""What a person reads after a run: deliveries, checks, the release, and three figures."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from dagster_project.commands import accounts, figures
from dagster_project.commands.accounts import SourceAccount
from dagster_project.commands.installation import municipality_name
from dagster_project.commands.outcome import Outcome
from dagster_project.commands.releases import store_for
from dagster_project.commands.words import say
from dagster_project.lib.errors import WarehouseBusyError
from dagster_project.lib.release.audit import AUDIT_FILE, AuditRecord, ExpectationResult
from dagster_project.lib.release.store import Release, ReleaseStore
from dagster_project.lib.warehouse import open_warehouse
from dagster_project.settings import Settings

SEVERITIES = ("critical", "warning", "info")


def print_summary(
    console: Console, settings: Settings, outcome: Outcome, *, run_id: str, log_file: Path | None
) -> None:
    """Print the summary of one run; ``log_file`` holds what the libraries said, if kept off the screen."""
    store = ReleaseStore(settings.data_dir)
    current = store.current()
    _print_deliveries(console, settings, outcome)
    audited = store.candidates_dir / run_id
    if outcome.ending == "nothing_new" and current is not None:
        audited = current.folder
    print_checks(console, audited / AUDIT_FILE, outcome)
    # Where both are made, the administration's is refused only after the public one is out.
    refusing = store_for(settings, internal=outcome.release_id is not None)
    _print_ending(console, outcome, current, refusing.candidates_dir / run_id)
    if current is not None:
        print_figures(console, current, settings.municipality)
    if log_file is not None:
        say(console, f"\n[dim]Details of this run: {escape(str(log_file))}, and `equity ui`.[/]")


def _print_deliveries(console: Console, settings: Settings, outcome: Outcome) -> None:
    if not settings.warehouse_path.exists():
        return
    try:
        with open_warehouse(
            settings.warehouse_path,
            memory_limit=settings.memory_limit,
            threads=settings.threads,
            read_only=True,
        ) as connection:
            found = accounts.read(connection)
    except WarehouseBusyError as busy:
        say(console, f"\nThe deliveries cannot be shown: {busy}")
        return
    say(console, "")
    console.print(_deliveries_table(found.sources))
    if found.is_before_rules and found.sources:
        say(console, "The build did not come so far as to apply the row rules.")
    for sentence in outcome.left_out:
        say(console, f"Left out: {escape(sentence)}")
    for problem in found.problems:
        say(console, f"[yellow]Not delivered whole:[/] {escape(problem)}")
    if found.quarantined:
        say(console, "\n[bold]Quarantined rows, by rule[/]")
    for rejected in found.quarantined:
        say(
            console,
            f"  {figures.thousands(rejected.rows)} in {rejected.source} {rejected.dataset}: "
            f"{rejected.rule}. {escape(rejected.reason)} {escape(rejected.what_to_do)}",
        )


def _deliveries_table(rows: Sequence[SourceAccount]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Deliveries, in rows")
    for header in ("Delivered", "Loaded", "Quarantined", "Duplicates"):
        table.add_column(header, justify="right")
    for source, group in groupby(rows, key=lambda row: row.source):
        datasets = list(group)
        table.add_row(f"[bold]{source}[/]", *_sums(datasets))
        for dataset in datasets:
            table.add_row(f"  {dataset.dataset}", *_sums([dataset]), style="dim")
    return table


def _sums(rows: Sequence[SourceAccount]) -> list[str]:
    columns = zip(
        *((row.delivered, row.loaded, row.quarantined, row.duplicates) for row in rows), strict=True
    )
    return [figures.thousands(sum(column)) for column in columns]


def print_checks(console: Console, audit_file: Path, outcome: Outcome | None) -> None:
    """Print expectations by severity, and what to do about each warning."""
    if outcome is not None and outcome.dbt_tests:
        failed = outcome.dbt_tests_failed
        say(
            console,
            f"\n[bold]Tests of the build:[/] {outcome.dbt_tests - failed} passed, {failed} failed.",
        )
    if not audit_file.is_file():
        return
    record = AuditRecord.model_validate_json(audit_file.read_text(encoding="utf-8"))
    results = [expectation for suite in record.suites for expectation in suite.expectations]
    say(console, "\n[bold]Expectations[/]")
    for severity in SEVERITIES:
        say(console, f"  {severity}: {_counts([each for each in results if each.severity == severity])}")
    for warning in record.warnings():
        say(
            console,
            f"  [yellow]Warning[/] {escape(warning.id)}: {escape(warning.observed)} {escape(warning.why)} "
            f"What to do ({escape(warning.owner)}): {escape(warning.how_to_resolve)}",
        )


def _counts(results: Sequence[ExpectationResult]) -> str:
    passed = sum(each.success is True for each in results)
    failed = sum(each.success is False for each in results)
    without = len(results) - passed - failed
    return f"{passed} passed, {failed} failed" + (f", {without} without a result" if without else "")


def _print_ending(console: Console, outcome: Outcome, current: Release | None, candidate: Path) -> None:
    say(console, "")
    standing = "There is no release yet." if current is None else f"Release {current.id} stands."
    if outcome.release_id is not None and current is not None:
        say(console, f"[bold green]Published: release {current.id}[/]")
        say(console, f"  {escape(str(current.folder))}")
        for sentence in current.manifest.lacks:
            say(console, f"  Lacks: {escape(sentence)}")
    if outcome.ending == "nothing_new":
        say(console, f"[bold green]Nothing new.[/] {standing}")
    elif outcome.ending != "published":
        word = "Refused" if outcome.ending == "refused" else "Failed"
        say(console, f"[bold red]{word}.[/] {standing}")
        for failure in outcome.failures:
            say(console, f"[red]{escape(failure.step)}:[/] {escape(failure.message)}")
            if failure.traceback is not None:
                say(console, escape(failure.traceback))
        if outcome.ending == "refused":
            say(console, f"The refused candidate is kept in {escape(str(candidate))}.")


def print_figures(console: Console, release: Release, municipality: str) -> None:
    """Print three figures of one municipality out of ``release``."""
    name = municipality_name(municipality) or municipality
    found = figures.of_municipality(release.file, municipality)
    say(console, "")
    if not found:
        say(console, f"Release {release.id} holds no figures for {name}.")
        return
    say(console, f"[bold]{name} ({municipality}) in release {release.id}[/]")
    for figure in found:
        say(console, f"  {escape(figure.name_sv)}. {escape(figure.group_sv)}, {figure.school_year}")
        basis = f" ({figure.basis})" if figure.basis else ""
        parts = [f"[bold]{escape(figure.own)}[/]{escape(basis)}"]
        if figure.national is not None:
            parts.append(f"nation {figure.shown(figure.national)}")
        if figure.similar is not None:
            parts.append(f"similar municipalities {figure.shown(figure.similar)}")
        say(console, f"    {'; '.join(parts)}")
