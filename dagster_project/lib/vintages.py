"""Vintages: the municipality's own figures as a release was made from them, before suppression.

A change of a few persons between two releases is a figure about just those persons, whatever each release
hides. So the build compares with the vintage of the current release and lets a school year stand where the
change is small, until the next scheduled revision (``ind_own_levels_in_force``). Vintages lie beside the
releases, never in them: ``data/vintages/R000007.parquet``, readable by this user only.
"""

import csv
import datetime as dt
from collections.abc import Collection, Sequence
from pathlib import Path

import duckdb

from dagster_project.lib.errors import SettingsError
from dagster_project.lib.release import durable
from dagster_project.lib.release.sql import literal

IN_FORCE = "indicators.ind_own_levels_in_force"
# As ind_own_levels promises them; a vintage of an older version may lack some.
_CREATE = """
create table if not exists raw.own_levels_vintage (
    entity_type varchar not null,
    entity_key varchar not null,
    municipality_code varchar,
    organiser_kind varchar,
    school_year varchar not null,
    indicator_id varchar not null,
    group_id varchar not null,
    persons bigint not null,
    sensitive_count bigint,
    total bigint,
    numerator decimal(18, 4),
    denominator decimal(18, 4),
    value double,
    coverage double,
    status varchar,
    n_units bigint,
    interval_low double,
    interval_high double,
    break_in_series varchar,
    is_made_up boolean
)
"""


def create_table(connection: duckdb.DuckDBPyConnection) -> None:
    """Create ``raw.own_levels_vintage`` where it is missing; schema ``raw`` must exist."""
    connection.execute(_CREATE)


def keep(connection: duckdb.DuckDBPyConnection, folder: Path, release_id: str) -> Path:
    """Write the own figures in force as the vintage of ``release_id``, all or nothing.

    Raises:
        duckdb.Error: the figures have not been built.
        StorageFailedError: the disk did not take the file.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{release_id}.parquet"
    staged = folder / f"{durable.STAGED_PREFIX}{path.name}"
    with durable.storage_failures(f"The vintage of {release_id}"):
        connection.execute(f"copy {IN_FORCE} to {literal(staged)} (format parquet, compression zstd)")
        staged.chmod(0o600)
        durable.sync(staged)
        staged.replace(path)
        durable.sync(folder)
    return path


def load(connection: duckdb.DuckDBPyConnection, vintage: Path | None) -> None:
    """Fill ``raw.own_levels_vintage`` from a vintage, or empty it; schema ``raw`` must exist.

    Raises:
        duckdb.Error: the file is damaged.
    """
    create_table(connection)
    connection.execute("delete from raw.own_levels_vintage")
    if vintage is None:
        return
    source = f"read_parquet({literal(vintage)})"
    ours = {str(row[0]) for row in connection.execute("describe raw.own_levels_vintage").fetchall()}
    theirs = [str(row[0]) for row in connection.execute(f"describe from {source}").fetchall()]
    columns = ", ".join(f'"{name}"' for name in theirs if name in ours)
    connection.execute(f"insert into raw.own_levels_vintage by name select {columns} from {source}")  # noqa: S608 - names of our own table


def retire(folder: Path, needed: Collection[str]) -> None:
    """Remove the vintages of releases that are neither on disk nor waiting."""
    for path in folder.glob("*.parquet"):
        if path.stem not in needed:
            path.unlink()


def read_calendar(path: Path) -> list[dt.date]:
    """The dates of scheduled revisions, from the seed ``thr_revision_calendar``, in order.

    Raises:
        SettingsError: a line without a date.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    try:
        return sorted(dt.date.fromisoformat(row["revised_on"]) for row in rows)
    except (KeyError, TypeError, ValueError) as error:
        raise SettingsError(
            f"{path.name}: revised_on must be a date on every line, as 2027-02-15."
        ) from error


def latest_revision(calendar: Sequence[dt.date], today: dt.date) -> dt.date | None:
    """The last scheduled revision up to and with ``today``."""
    return max((date for date in calendar if date <= today), default=None)


def is_revision_due(calendar: Sequence[dt.date], published_on: dt.date, today: dt.date) -> bool:
    """Whether a scheduled revision has come since the release: everything may then be another."""
    latest = latest_revision(calendar, today)
    return latest is not None and latest > published_on
