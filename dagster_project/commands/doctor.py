"""`equity doctor`: one line per thing that can be wrong, in a plain sentence and with a remedy."""

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from platform import python_version

import yaml
from rich.console import Console
from rich.markup import escape

from dagster_project.commands import doctor_of_persons, installation, processes
from dagster_project.commands.finding import Finding
from dagster_project.commands.reachability import unreachable_sources
from dagster_project.commands.words import say
from dagster_project.lib.errors import ReleaseNotFoundError, ReleaseRefusedError
from dagster_project.lib.release.store import ReleaseStore
from dagster_project.settings import PROJECT_ROOT, Mode, Settings

_MARKS = {"ok": "[green]ok  [/]", "warn": "[yellow]warn[/]", "fail": "[red]fail[/]"}
# A build file, its spill, a candidate and a release of the whole country take about one; a release a quarter.
_GIGABYTES_WANTED, _GIGABYTES_NEEDED = 5, 1


def examine() -> int:
    """Print every finding; returns 1 if one of them is a failure, else 0.

    Raises:
        SettingsError: a setting has a value that is not allowed; nothing else can then be looked at.
    """
    console, settings = Console(), installation.settings_in_force()
    has_failed = False
    for finding in _findings(settings):
        has_failed |= finding.grade == "fail"
        remedy = f" {finding.remedy}" if finding.remedy else ""
        say(console, f"{_MARKS[finding.grade]} {escape(finding.sentence)}{escape(remedy)}")
    return int(has_failed)


def _findings(settings: Settings) -> Iterator[Finding]:
    yield from _versions()
    yield from _settings(settings)
    folder = data_folder(settings.data_dir)
    yield folder
    if folder.grade != "fail":
        yield disk(settings.data_dir)
        yield build_file(settings.warehouse_path)
        yield current_release(ReleaseStore(settings.data_dir))
        yield from doctor_of_persons.findings(settings)
        home = installation.dagster_home(settings)
        yield dagster_home(home)
        yield orphaned_runs(home)
    yield dbt_telemetry(PROJECT_ROOT / "dbt_project" / "dbt_project.yml")
    if settings.mode is Mode.LIVE:
        yield from sources(settings.source_addresses)


def _versions() -> Iterator[Finding]:
    names = ("duckdb", "dbt-core", "dbt-duckdb", "dagster", "dagster-webserver", "great-expectations")
    yield Finding(
        "ok", f"Python {python_version()}, " + ", ".join(f"{name} {version(name)}" for name in names) + "."
    )


def _settings(settings: Settings) -> Iterator[Finding]:
    kept = "all" if settings.keep_releases is None else str(settings.keep_releases)
    yield Finding(
        "ok",
        f"Mode {settings.mode}, municipality {settings.municipality}, data in {settings.data_dir}, "
        f"releases kept: {kept}, memory {settings.memory_limit}, threads {settings.threads}.",
    )
    if installation.municipality_name(settings.municipality) is None:
        yield Finding(
            "fail",
            f"No municipality has the code {settings.municipality}.",
            "Set EQUITY_MUNICIPALITY to a code in seeds/reference/ref_municipalities.csv.",
        )
    if settings.mode is Mode.LIVE and not settings.contact:
        yield Finding(
            "warn",
            "The agencies cannot see whom to ask about our requests.",
            "Set EQUITY_CONTACT to an e-mail address.",
        )


def data_folder(folder: Path) -> Finding:
    """Whether the data folder, or the folder it will be made in, can be written to."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not existing.is_dir():
        return Finding("fail", f"{existing} is not a folder.", "Set EQUITY_DATA_DIR to a folder.")
    if not os.access(existing, os.W_OK | os.X_OK):
        return Finding(
            "fail",
            f"{existing} cannot be written to.",
            "Give this user write permission, or set EQUITY_DATA_DIR to another folder.",
        )
    if existing != folder:
        return Finding("ok", f"{folder} does not exist yet; the first run makes it.")
    return Finding("ok", f"{folder} can be written to.")


def disk(folder: Path) -> Finding:
    """Free space where the data folder lies."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free / 1e9
    sentence = f"{free:.1f} GB free on the disk of {folder}."
    if free < _GIGABYTES_NEEDED:
        return Finding("fail", sentence, "A run needs about 1 GB: free space or move EQUITY_DATA_DIR.")
    if free < _GIGABYTES_WANTED:
        return Finding("warn", sentence, "Each release takes space: set EQUITY_KEEP_RELEASES, or free some.")
    return Finding("ok", sentence)


def build_file(path: Path) -> Finding:
    """Which process holds the build file."""
    if not path.exists():
        return Finding("ok", f"{path.name} does not exist yet; the first run makes it.")
    found = processes.holders(path)
    if found is None:
        return Finding("ok", f"{path.name}: this system does not tell which process holds a file.")
    if not found:
        return Finding("ok", f"No process holds {path.name}.")
    held_by = "; ".join(f"process {holder.pid} ({holder.command or 'unknown command'})" for holder in found)
    return Finding(
        "warn",
        f"{path.name} is held by {held_by}.",
        "If that is a run, wait for it to end. Close any other program: it must read a release instead.",
    )


def current_release(store: ReleaseStore) -> Finding:
    """Whether ``current`` leads to a release that is whole."""
    try:
        release = store.current()
        if release is None:
            return Finding("ok", "There is no release yet.", "`equity run` makes one.")
        release.check(store.manifest_sha256(release.id))
    except ReleaseNotFoundError as dangling:
        return Finding("fail", str(dangling), "See `equity releases list`, then `equity releases rollback`.")
    except ReleaseRefusedError as damage:
        return Finding("fail", str(damage), "See `equity releases list`.")
    return Finding("ok", f"Release {release.id} is current and every file of it is as published.")


def dagster_home(home: Path) -> Finding:
    """Whether Dagster's home has a ``dagster.yaml`` with telemetry off."""
    file = home / "dagster.yaml"
    if not file.is_file():
        return Finding("ok", f"DAGSTER_HOME {home} does not exist yet; the first run makes it.")
    configured = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    is_disabled = os.environ.get("DAGSTER_DISABLE_TELEMETRY")
    if configured.get("telemetry", {}).get("enabled", True) and not is_disabled:
        return Finding(
            "fail",
            f"Dagster reports usage to its maker: telemetry is on in {file}.",
            "Add `telemetry: {enabled: false}` to it, or remove the file and let `equity` write its own.",
        )
    whose = "ours" if installation.is_ours(file) else "your own"
    return Finding("ok", f"DAGSTER_HOME is {home}; its dagster.yaml is {whose}, telemetry is off.")


def dbt_telemetry(project_file: Path) -> Finding:
    """Whether dbt's usage statistics are off."""
    flags = (yaml.safe_load(project_file.read_text(encoding="utf-8")) or {}).get("flags", {})
    if flags.get("send_anonymous_usage_stats", True):
        return Finding(
            "fail",
            f"dbt reports usage to its maker: telemetry is on in {project_file.name}.",
            "Set `send_anonymous_usage_stats: false` under `flags`.",
        )
    return Finding("ok", "dbt's usage statistics are off.")


def orphaned_runs(home: Path) -> Finding:
    """Runs that Dagster takes to be at work although their process is gone."""
    if not (home / "dagster.yaml").is_file():
        return Finding("ok", "There are no runs yet.")
    from dagster import DagsterInstance  # noqa: PLC0415 - takes seconds

    from dagster_project.commands import runs  # noqa: PLC0415

    with DagsterInstance.from_config(str(home)) as instance:
        found = runs.open_runs(instance)
    orphans = [run.run_id[:8] for run in found if run.is_orphaned]
    if orphans:
        return Finding(
            "warn",
            f"Ended without a word and still counted as at work: {_listed(orphans)}.",
            "The next `equity run` or `equity ui` marks them as failed.",
        )
    at_work = [f"{run.run_id[:8]} by {run.was_started_by}" for run in found]
    return Finding("ok", f"At work: {_listed(at_work)}." if at_work else "No run is at work.")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def sources(instead: Mapping[str, str]) -> Iterator[Finding]:
    """Whether each agency answers, or what stands in its place by ``instead``."""
    for source, address, failure in unreachable_sources(instead):
        if failure is None:
            yield Finding("ok", f"{source.agency} answers ({address}).")
        else:
            yield Finding(
                "fail",
                f"{source.agency} does not answer ({address}): {failure}.",
                "Open the address in a browser; behind a proxy set HTTPS_PROXY. "
                "EQUITY_MODE=recorded needs no network.",
            )
