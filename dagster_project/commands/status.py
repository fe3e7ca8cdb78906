"""`equity status`: where things stand, from the releases and the build file. Imports no Dagster."""

import duckdb
from rich.console import Console
from rich.markup import escape

from dagster_project.commands import processes
from dagster_project.commands.installation import settings_in_force
from dagster_project.commands.run_lock import LOCK_FILE
from dagster_project.commands.words import local_time, say
from dagster_project.lib.release import lock
from dagster_project.lib.release.event_log import LogEvent
from dagster_project.lib.release.reader import connect
from dagster_project.lib.release.store import Release, ReleaseStore
from dagster_project.lib.warehouse import open_warehouse
from dagster_project.settings import Settings

_EVENTS = {
    "publish": "published",
    "rollback": "made current by a rollback",
    "refused": "refused",
    "removed": "removed as one of the oldest",
}


def print_status() -> None:
    """Print the current release, what it lacks, the last outcome, and deliveries with problems.

    Raises:
        ReleaseNotFoundError: ``current`` leads to a release that is not on disk.
        ReleaseRefusedError: its manifest is missing or damaged.
    """
    console, settings = Console(), settings_in_force()
    store = ReleaseStore(settings.data_dir)
    current = store.current()
    if current is None:
        say(console, "There is no release yet. `equity run` makes one.")
    else:
        _print_current(console, current)
    decided = [event for event in store.log.events() if event.event != "removed"]
    if decided:
        _print_last(console, decided[-1])
    published = [] if current is None else _published_problems(current)
    say(console, "")
    if current is not None:
        _print_problems(console, f"Deliveries with problems in {current.id}", published)
    _print_build_file(console, settings, published)


def _print_current(console: Console, release: Release) -> None:
    created = local_time(release.manifest.created_at)
    say(console, f"[bold]Current release: {release.id}[/], created {created}")
    say(console, f"  {escape(str(release.folder))}")
    for sentence in release.manifest.lacks:
        say(console, f"  Lacks: {escape(sentence)}")
    for warning in release.manifest.expectations.warnings:
        say(console, f"  Warning {escape(warning.id)}: {escape(warning.how_to_resolve)}")


def _print_last(console: Console, last: LogEvent) -> None:
    say(console, f"\n[bold]Last decision:[/] {last.release_id} {_EVENTS[last.event]}, {local_time(last.at)}")
    for reason in last.reasons:
        say(console, f"  {escape(reason)}")


def _published_problems(release: Release) -> list[str]:
    with connect(release.file) as connection:
        if not _has_table(connection, "main", "pub_delivery_problems"):
            return []
        return [
            f"{source} {dataset} {period}: {message}"
            for source, dataset, period, message in connection.execute(
                "select source, dataset, period, message from pub_delivery_problems order by all"
            ).fetchall()
        ]


def _print_problems(console: Console, heading: str, problems: list[str]) -> None:
    say(console, f"[bold]{heading}:[/]{'' if problems else ' none'}")
    for problem in problems:
        say(console, f"  {escape(problem)}")


def _print_build_file(console: Console, settings: Settings, published: list[str]) -> None:
    path = settings.warehouse_path
    if not path.exists():
        return
    run_lock = settings.data_dir / LOCK_FILE
    # A reader in the way would make the run's next step fail.
    if (run_lock.exists() and lock.is_held(run_lock)) or processes.holders(path):
        say(console, f"A run is at work on {path.name}: its deliveries are shown when it has ended.")
        return
    with open_warehouse(
        path, memory_limit=settings.memory_limit, threads=settings.threads, read_only=True
    ) as connection:
        if not _has_table(connection, "raw", "delivery_problems"):
            return
        problems = [
            f"{source} {dataset} {period}: {message}"
            for source, dataset, period, message in connection.execute(
                "select source, dataset, period, message from raw.delivery_problems order by all"
            ).fetchall()
        ]
    if problems != published:
        _print_problems(console, "Deliveries with problems since then", problems)


def _has_table(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    found = connection.execute(
        "select 1 from information_schema.tables where table_schema = ? and table_name = ?", [schema, table]
    ).fetchone()
    return found is not None
