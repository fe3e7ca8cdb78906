"""Loads the vintage of the current release before dbt runs, and keeps one for each candidate."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import duckdb

from dagster_project.defs.resources import EquityResource
from dagster_project.lib import vintages
from dagster_project.lib.release.candidate import load_candidate
from dagster_project.lib.release.store import ReleaseStore
from dagster_project.settings import PROJECT_ROOT

_CALENDAR = PROJECT_ROOT / "seeds" / "thresholds" / "thr_revision_calendar.csv"
_FOLDER = "vintages"


def latest_revision() -> dt.date | None:
    """The last scheduled revision that has come.

    Raises:
        SettingsError: see :func:`vintages.read_calendar`.
    """
    return vintages.latest_revision(vintages.read_calendar(_CALENDAR), _today())


def load_vintage(connection: duckdb.DuckDBPyConnection, store: ReleaseStore) -> str | None:
    """Load what the current release was made from (:data:`vintages.FIGURES`), unless a revision is due.

    Returns:
        A sentence when the vintage that should be there is not: nothing is frozen then, and every published
        figure that changes waits for a person all the same.
    """
    release = store.current()
    vintage = None
    if release is not None:
        published_on = release.manifest.created_at.date()
        if not vintages.is_revision_due(vintages.read_calendar(_CALENDAR), published_on, _today()):
            vintage = store.data_dir / _FOLDER / release.id
    if vintage is not None and not vintages.is_whole(vintage):
        vintages.load(connection, None)
        return f"{_FOLDER}/{vintage.name} is missing or not whole, so nothing of own figures is frozen."
    vintages.load(connection, vintage)
    return None


def show_marts_of_last_releases(
    connection: duckdb.DuckDBPyConnection, store: ReleaseStore, *, before: Sequence[Path]
) -> frozenset[str]:
    """Show what every mart held when the current release, and those before it, were built.

    Args:
        connection: to the warehouse.
        store: of the public releases.
        before: files of releases before the current one, newest first.

    Returns:
        The tables shown; see :func:`vintages.show_marts`.
    """
    current = store.pointer()
    releases = [current, *(file.parent.name for file in before)] if current else []
    return vintages.show_marts(connection, [store.data_dir / _FOLDER / release for release in releases])


def keep_vintage(equity: EquityResource, release_id: str) -> None:
    """Keep what candidate ``release_id`` was made from; those of releases that are gone are removed."""
    store = equity.releases
    folder = store.data_dir / _FOLDER
    with equity.warehouse() as connection:
        vintages.keep(connection, folder, release_id)
    waiting = {path.parent.name for path in store.candidates_dir.glob("[!.]*/candidate.json")}
    needed = {release.name for release in store.folders()} | {release_id}
    needed |= {load_candidate(store.candidates_dir, build_id).release_id for build_id in waiting}
    vintages.retire(folder, needed)


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()
