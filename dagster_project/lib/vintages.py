"""Vintages: the municipality's own figures as a release was made from them, and what of them was hidden.

A change of a few persons between two releases is a figure about just those persons, whatever each release
hides. So the build compares with the vintage of the current release and lets a school year stand where the
change is small, until the next scheduled revision (``ind_own_school_years``). Vintages lie beside the
releases, never in them: a folder for each release, ``data/vintages/R000007/``, readable by this user only.
"""

import csv
import datetime as dt
import shutil
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

import duckdb

from dagster_project.lib.errors import SettingsError
from dagster_project.lib.release import durable
from dagster_project.lib.release.sql import literal

#: raw table of each kind, and the table it is kept from
FIGURES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "own_levels_vintage": "indicators.ind_own_levels_in_force",
        "own_statistics_vintage": "indicators.ind_own_statistics_in_force",
        "disclosure_pattern_vintage": "indicators.ind_disclosure_pattern",
    }
)
#: what every mart held, likewise: the gate compares with it (``expectations/quality/``)
MARTS: Final = ("dq_marts", "dq_mart_figures")
# As those tables promise them; a vintage of an older version may lack some.
_CREATE = """
create table if not exists raw.own_levels_vintage (
    entity_type varchar not null,
    entity_key varchar not null,
    municipality_code varchar,
    organiser_kind varchar,
    area_key varchar,
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
);
create table if not exists raw.own_statistics_vintage (
    entity_type varchar not null,
    entity_key varchar not null,
    municipality_code varchar,
    school_year varchar not null,
    indicator_id varchar not null,
    group_id varchar not null,
    method_version varchar,
    numerator decimal(18, 4),
    denominator decimal(18, 4),
    value double,
    coverage double,
    status varchar,
    n_units bigint,
    n_hidden_units bigint,
    suppression varchar,
    interval_low double,
    interval_high double,
    verdict varchar,
    break_in_series varchar,
    is_made_up boolean
);
create table if not exists raw.disclosure_pattern_vintage (
    audience varchar not null,
    cell_id varchar not null,
    state varchar not null,
    reason varchar
)
"""


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the tables of :data:`FIGURES` where they are missing; schema ``raw`` must exist."""
    connection.execute(_CREATE)


def keep(connection: duckdb.DuckDBPyConnection, folder: Path, release_id: str) -> Path:
    """Write the own figures in force, and what every mart holds, as the vintage of ``release_id``.

    All or nothing.

    Returns:
        Its folder, with a file for each raw table and each table about the marts.

    Raises:
        duckdb.Error: the figures have not been built.
        StorageFailedError: the disk did not take the files.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    kept = folder / release_id
    staged = folder / f"{durable.STAGED_PREFIX}{release_id}"
    with durable.storage_failures(f"The vintage of {release_id}"):
        for leftover in (staged, kept):
            shutil.rmtree(leftover, ignore_errors=True)
        staged.mkdir(mode=0o700)
        for name, table in {**FIGURES, **{name: f"quality.{name}" for name in MARTS}}.items():
            path = staged / f"{name}.parquet"
            connection.execute(f"copy {table} to {literal(path)} (format parquet, compression zstd)")
            path.chmod(0o600)
            durable.sync(path)
        durable.sync(staged)
        staged.replace(kept)
        durable.sync(folder)
    return kept


def load(connection: duckdb.DuckDBPyConnection, vintage: Path | None) -> None:
    """Fill the tables of :data:`FIGURES` from a vintage, or empty them; schema ``raw`` must exist.

    Raises:
        duckdb.Error: a file is missing or damaged.
    """
    create_tables(connection)
    for raw_table in FIGURES:
        connection.execute(f"delete from raw.{raw_table}")  # noqa: S608 - names of our own tables
        if vintage is not None:
            _load_table(connection, raw_table, vintage / f"{raw_table}.parquet")


def _load_table(connection: duckdb.DuckDBPyConnection, raw_table: str, file: Path) -> None:
    source = f"read_parquet({literal(file)})"
    ours = {str(row[0]) for row in connection.execute(f"describe raw.{raw_table}").fetchall()}
    theirs = [str(row[0]) for row in connection.execute(f"describe from {source}").fetchall()]
    columns = ", ".join(f'"{name}"' for name in theirs if name in ours)
    connection.execute(f"insert into raw.{raw_table} by name select {columns} from {source}")  # noqa: S608 - names of our own tables


def show_marts(connection: duckdb.DuckDBPyConnection, kept: Sequence[Path]) -> frozenset[str]:
    """Show what every mart held when earlier releases were built, for rules that compare.

    ``last.dq_marts`` and so on hold what the newest vintage has, ``recent.dq_marts`` the rows of all of them,
    with the column ``releases_ago``, 1 for the newest. They have the build's columns: one that a vintage of
    an older version lacks is missing in every row.

    Args:
        connection: to the warehouse.
        kept: vintages, newest first.

    Returns:
        The tables shown: those that the newest vintage has, none where it is gone.
    """
    for catalog in ("last", "recent"):
        connection.execute(f"attach if not exists ':memory:' as {catalog}")
    shown = {name for name in MARTS if kept and (kept[0] / f"{name}.parquet").is_file()}
    for name in shown:
        files = [(ago, vintage / f"{name}.parquet") for ago, vintage in enumerate(kept, start=1)]
        rows = "".join(
            f" union all by name from read_parquet({literal(file)}) select {ago} as releases_ago, *"
            for ago, file in files
            if file.is_file()
        )
        connection.execute(f"create or replace table recent.{name} as from quality.{name} where false {rows}")
        connection.execute(
            f"create or replace table last.{name} as"
            f" from recent.{name} select * exclude (releases_ago) where releases_ago = 1"
        )
    return frozenset(shown)


def is_whole(vintage: Path) -> bool:
    """Whether every file of a vintage is there."""
    return all((vintage / f"{raw_table}.parquet").is_file() for raw_table in FIGURES)


def retire(folder: Path, needed: Collection[str]) -> None:
    """Remove the vintages of releases that are neither on disk nor waiting."""
    for path in folder.iterdir():
        if path.name not in needed:
            shutil.rmtree(path)


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
