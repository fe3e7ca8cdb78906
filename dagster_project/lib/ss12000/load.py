"""Rows of one list from their files into the raw tables, and the list's state with them, or neither.

Within one extract an entity counts once: delivered again it is a duplicate, and of an entity that changed
while the pages were being read the latest version stays. Versions from several extracts stand side by side;
staging takes the latest.
"""

import datetime as dt
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Final

import duckdb

from dagster_project.lib import raw_tables
from dagster_project.lib.extract_store import Extract, ExtractStore
from dagster_project.lib.raw_tables import Account, LoadReport
from dagster_project.lib.readers.result import fingerprint
from dagster_project.lib.ss12000 import state as states
from dagster_project.lib.ss12000.fetch import Fetched, edge_fingerprint
from dagster_project.lib.ss12000.months import LOCAL
from dagster_project.lib.ss12000.rows import ENTITY, REASON, ROW, RULE
from dagster_project.lib.ss12000.state import SOURCE, State
from dagster_project.lib.ss12000.tables import DELETED_TABLE, Table

_JUDGED: Final = "judged"
_VERSION_COLUMNS: Final = ("meta_modified", "deleted_at")


def _instant(column: str) -> str:
    """SQL for the instant a text says, none where it says none; without an offset it is Swedish time."""
    return (
        f"case when regexp_matches({column}, '([Zz]|[+-][0-9]{{2}}:?[0-9]{{2}})$')"
        f" then try_cast({column} as timestamptz)"
        f" else timezone('{LOCAL.key}', try_cast({column} as timestamp)) end"
    )


class Takes(Enum):
    """Which earlier rows an extract takes the place of."""

    ALL = auto()  # every row of the list
    PERIOD = auto()  # those of the same period
    NONE = auto()  # none: versions stand side by side


@dataclass(frozen=True)
class _Part:
    """One raw table's share of what was fetched, judged in a temporary table."""

    table: Table
    file: Path
    judged: str
    account: Account
    is_new: bool


def dataset_of(table: Table) -> str:
    """The dataset name of one raw table."""
    return table.name.removeprefix(f"{SOURCE}_")


def load(
    connection: duckdb.DuckDBPyConnection,
    store: ExtractStore,
    fetched: Fetched,
    *,
    period: str,
    takes: Takes,
    state: State | None,
    since: dt.datetime | None = None,
) -> list[LoadReport]:
    """Keep what was fetched in ``store`` and load it; one report per raw table of the list.

    What says nothing new (the same bytes of a period; of an increment only rows that are there already) is
    not kept; the state moves all the same.

    Args:
        connection: the warehouse; no transaction may be open.
        store: where the files go.
        fetched: files and what is known about them.
        period: name of the extract's period.
        takes: which earlier rows it takes the place of.
        state: the list's state afterwards; none leaves it as it is.
        since: of an increment, the instant it was asked for from.
    """
    parts: list[_Part] = []
    try:
        for position in range(len(fetched.files)):
            parts.append(_judge(connection, fetched, position, takes, since))
        is_new = any(part.is_new for part in parts) and not _is_loaded(connection, fetched, period, takes)
        if not is_new:
            _confirm(connection, parts, period, takes, state)
            return [_unchanged(part, period, takes) for part in parts]
        extracts = [
            store.keep(
                part.file,
                source=SOURCE,
                dataset=dataset_of(part.table),
                period=period,
                address=fetched.address,
                answers=fetched.pages,
                fetched_at=fetched.asked_at,
                sha256=fetched.sha256,
                size_bytes=fetched.size_bytes,
            )
            for part in parts
        ]
        connection.begin()
        try:
            for part, extract in zip(parts, extracts, strict=True):
                _make_way(connection, part.table, period, takes)
                _insert(connection, part, extract.extract_id, fetched.address)
                raw_tables.record(connection, extract, part.table.name, part.account)
                _clear_problems(connection, part.table, period, takes)
            if state is not None:
                states.move(connection, state)
            connection.commit()
        except duckdb.Error:
            connection.rollback()
            raise
        return [_report(part, extract, period) for part, extract in zip(parts, extracts, strict=True)]
    finally:
        for position in range(len(fetched.files)):
            # After a fatal error of the database the connection takes no statement; its tables are gone too.
            with suppress(duckdb.Error):
                connection.execute(f"drop table if exists {_JUDGED}_{position}")


def latest_modified(connection: duckdb.DuckDBPyConnection, fetched: Fetched) -> dt.datetime | None:
    """Latest ``meta.modified`` of what was fetched (UTC); none where no entity has a readable one."""
    (latest,) = connection.execute(
        f"select max({_instant('meta_modified')}) from read_json("  # noqa: S608 - a constant
        " ?, format = 'newline_delimited', compression = 'gzip', columns = {'meta_modified': 'varchar'})",
        [str(fetched.files[0])],
    ).fetchone() or (None,)
    return None if latest is None else latest.astimezone(dt.UTC)


def _report(part: _Part, extract: Extract, period: str) -> LoadReport:
    one = part.account
    return LoadReport(
        period, extract, one.delivered, one.loaded, one.rejected, one.duplicates, None, one.notes
    )


def _unchanged(part: _Part, period: str, takes: Takes) -> LoadReport:
    """The same bytes count as loaded before; what an increment repeats counts as duplicates."""
    one = part.account
    if takes is Takes.NONE:
        return LoadReport(period, None, one.delivered, 0, 0, one.delivered, unchanged=True)
    return LoadReport(
        period, None, one.delivered, one.loaded, one.rejected, one.duplicates, None, one.notes, unchanged=True
    )


def _judge(
    connection: duckdb.DuckDBPyConnection,
    fetched: Fetched,
    position: int,
    takes: Takes,
    since: dt.datetime | None,
) -> _Part:
    """Read one file into a temporary table and settle for each row whether it is taken over."""
    table, path = fetched.endpoint.tables[position], fetched.files[position]
    judged = f"{_JUDGED}_{position}"
    version = next((column for column in table.columns if column in _VERSION_COLUMNS), None)
    columns = _listed(table.columns)
    types = ", ".join(
        [
            f"'{ROW}': 'bigint', '{ENTITY}': 'bigint', '{RULE}': 'varchar', '{REASON}': 'varchar'",
            *(f"'{column}': 'varchar'" for column in table.columns),
        ]
    )
    latest_first = f"{ENTITY} desc"
    if version is not None:
        latest_first = f"{_instant(version)} desc nulls last, {latest_first}"
    # Only an entity that gives several rows can give the same one twice.
    duplicate = ""
    if table.elements is not None:
        same = f"partition by {columns}, version_rank, {RULE} is null order by {ROW}"
        duplicate = f"when row_number() over ({same}) > 1 then 'duplicate'"
    # Names are constants of `tables`; the path is bound.
    connection.execute(
        f"""
        create or replace temp table {judged} as
        with lines as (
            select * from read_json(
                ?, format = 'newline_delimited', compression = 'gzip', columns = {{{types}}}
            )
        ),
        ranked as (
            select
                *,
                dense_rank() over (
                    partition by {_listed(table.key)}, {RULE} is null order by {latest_first}
                ) as version_rank
            from lines
        )
        select
            * exclude (version_rank),
            case
                when {RULE} is not null then 'rejected'
                when version_rank > 1 then 'earlier_version'
                {duplicate}
                else 'taken'
            end as outcome
        from ranked
        """,  # noqa: S608
        [str(path)],
    )
    if table is DELETED_TABLE:
        _drop_known_deletions(connection, judged, since)
    counts = dict(
        connection.execute(f"select outcome, count(*) from {judged} group by outcome").fetchall()  # noqa: S608
    )
    loaded, rejected = counts.get("taken", 0), counts.get("rejected", 0)
    delivered = sum(counts.values())
    notes = [note for note in fetched.notes if "ss12000_" not in note or note.startswith(f"{table.name}.")]
    notes += _notes(connection, judged, table, version, since)
    account = Account(
        delivered=delivered,
        loaded=loaded,
        rejected=rejected,
        duplicates=delivered - loaded - rejected,
        notes=notes,
        schema_fingerprint=fingerprint(table.columns),
        reader_fingerprint=edge_fingerprint(),
    )
    is_new = takes is not Takes.NONE or rejected > 0 or _says_something_new(connection, judged, table)
    return _Part(table, path, judged, account, is_new)


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def _drop_known_deletions(
    connection: duckdb.DuckDBPyConnection, judged: str, since: dt.datetime | None
) -> None:
    """Mark what the overlap of two increments has told before.

    Without an instant of deletion the same id may have come back and gone again: only what was told since
    ``since`` is taken to be the same deletion.
    """
    connection.execute(
        f"""
        update {judged} as told set outcome = 'duplicate'
        from raw."{DELETED_TABLE.name}" as known
        where told.outcome = 'taken'
            and told.entity_type = known.entity_type
            and told.id = known.id
            and told.deleted_at is not distinct from known.deleted_at
            and (told.deleted_at is not null or try_cast(known.asked_at as timestamptz) >= ?)
        """,  # noqa: S608 - constants
        [since],
    )


def _says_something_new(connection: duckdb.DuckDBPyConnection, judged: str, table: Table) -> bool:
    """Whether a row that would be taken over is not there yet."""
    columns = _listed(table.columns)
    row = connection.execute(
        f"""
        select 1 from (
            select {columns} from {judged} where outcome = 'taken'
            except
            select {columns} from raw."{table.name}"
        ) limit 1
        """  # noqa: S608 - constants of `tables`
    ).fetchone()
    return row is not None


def _notes(
    connection: duckdb.DuckDBPyConnection,
    judged: str,
    table: Table,
    version: str | None,
    since: dt.datetime | None,
) -> list[str]:
    notes = []
    equal = " and ".join(f'other."{one}" is not distinct from taken."{one}"' for one in table.columns)
    (changed,) = connection.execute(
        f"""
        select count(distinct other.{ENTITY})
        from {judged} as other
        where other.outcome = 'earlier_version' and not exists (
            select 1 from {judged} as taken where taken.outcome = 'taken' and {equal}
        )
        """  # noqa: S608 - constants of `tables`
    ).fetchone() or (0,)
    if changed:
        notes.append(
            f"{changed} entities came more than once and differed: the server changed them while its pages "
            "were read. The latest version was kept."
        )
    if since is not None and version == "meta_modified":
        (early,) = connection.execute(
            f"select count(*) from {judged}"  # noqa: S608 - constants
            f" where outcome = 'taken' and {_instant(version)} <= ?",
            [since],
        ).fetchone() or (0,)
        if early:
            notes.append(
                f"{early} rows were modified before the instant asked from: the server does not heed "
                "meta.modified.after. Tell the supplier; nothing is lost."
            )
    return notes


def _is_loaded(connection: duckdb.DuckDBPyConnection, fetched: Fetched, period: str, takes: Takes) -> bool:
    """Whether the same bytes are what the period holds now."""
    if takes is Takes.NONE:
        return False
    datasets = [dataset_of(table) for table in fetched.endpoint.tables]
    (same,) = connection.execute(
        "select count(*) from raw.extracts"
        " where source = ? and period = ? and sha256 = ? and dataset in (select unnest(?::varchar[]))",
        [SOURCE, period, fetched.sha256, datasets],
    ).fetchone() or (0,)
    return bool(same == len(datasets))


def _confirm(
    connection: duckdb.DuckDBPyConnection,
    parts: Sequence[_Part],
    period: str,
    takes: Takes,
    state: State | None,
) -> None:
    """Nothing new: note that it was looked at, and move the state."""
    connection.begin()
    try:
        for part in parts:
            dataset = dataset_of(part.table)
            _clear_problems(connection, part.table, period, takes)
            connection.execute(
                "update raw.extracts set checked_at = now() where extract_id = ("
                " select arg_max(extract_id, fetched_at) from raw.extracts"
                " where source = ? and dataset = ? and (? or period = ?))",
                [SOURCE, dataset, takes is not Takes.PERIOD, period],
            )
        if state is not None:
            states.move(connection, state)
        connection.commit()
    except duckdb.Error:
        connection.rollback()
        raise


def _make_way(connection: duckdb.DuckDBPyConnection, table: Table, period: str, takes: Takes) -> None:
    if takes is Takes.NONE:
        return
    earlier = "select extract_id from raw.extracts where source = ? and dataset = ? and (? or period = ?)"
    place = [SOURCE, dataset_of(table), takes is Takes.ALL, period]
    if takes is Takes.ALL:
        connection.execute(f'delete from raw."{table.name}"')  # noqa: S608 - a constant of `tables`
    else:
        connection.execute(f'delete from raw."{table.name}" where _extract_id in ({earlier})', place)  # noqa: S608
    connection.execute(f"delete from raw.rejected_rows where extract_id in ({earlier})", place)  # noqa: S608
    connection.execute(f"delete from raw.extracts where extract_id in ({earlier})", place)  # noqa: S608


def _insert(connection: duckdb.DuckDBPyConnection, part: _Part, extract_id: str, address: str) -> None:
    columns = _listed(part.table.columns)
    connection.execute(
        f'insert into raw."{part.table.name}" ({columns}, _source_file, _row_number, _extract_id)'  # noqa: S608
        f" select {columns}, ?, {ROW}, ? from {part.judged} where outcome = 'taken'",
        [address, extract_id],
    )
    connection.execute(
        f"insert into raw.rejected_rows select ?, ?, {ROW}, {RULE}, {REASON}"  # noqa: S608
        f" from {part.judged} where outcome = 'rejected'",
        [extract_id, address],
    )


def _clear_problems(connection: duckdb.DuckDBPyConnection, table: Table, period: str, takes: Takes) -> None:
    connection.execute(
        "delete from raw.delivery_problems where source = ? and dataset = ? and (? or period = ?)",
        [SOURCE, dataset_of(table), takes is not Takes.PERIOD, period],
    )
