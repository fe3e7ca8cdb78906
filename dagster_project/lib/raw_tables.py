"""Raw tables in the warehouse: text as delivered, the current extract of each dataset and period.

Schema ``raw``:

- one table per entry of ``readers.EMPTY_TABLES``: text columns, ``_source_file``, ``_row_number``,
  ``_extract_id``;
- ``extracts``: the extract loaded now and what became of its rows, grain (source, dataset, period);
- ``rejected_rows``: rows a reader set aside, grain (extract_id, source_file, row_number);
- ``delivery_problems``: periods whose latest delivery could not be fetched or read as a whole, grain
  (source, dataset, period); cleared when a later delivery is loaded;
- ``delivery_files``: the log of the municipality's own files (`deliveries.log`), grain (file, sha256);
- ``delivery_origin``: whether they are the made-up municipality's (`deliveries.origin`), one row or none;
- ``withdrawn_deliveries``: files that were taken back (`deliveries.withdrawal`), grain sha256;
- ``ss12000_state``: how far each list of the SS 12000 server has been fetched (`ss12000.state`);
- ``pruned_extracts``, ``person_keys``: what retention has removed, and under which keys pseudonyms are stored
  (`personal_retention`, `person_keys`);
- ``disclosed``: what earlier releases told of cells under disclosure control (`release.disclosed`);
- ``own_levels_vintage``, ``own_statistics_vintage``: own figures as the current release was made from them
  (`vintages`).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa

from dagster_project.lib import vintages
from dagster_project.lib.deliveries import log, origin, withdrawal
from dagster_project.lib.delivery_size import DeliverySize
from dagster_project.lib.errors import DeliveryProblem
from dagster_project.lib.extract_store import Extract, ExtractStore
from dagster_project.lib.readers import EMPTY_TABLES, READERS
from dagster_project.lib.readers.result import ReadResult

_EXTRACTS = """
create table if not exists raw.extracts (
    extract_id varchar primary key,
    source varchar not null,
    dataset varchar not null,
    period varchar not null,
    raw_table varchar not null,
    address varchar not null,
    answers bigint not null,
    fetched_at timestamptz not null,
    checked_at timestamptz not null,
    sha256 varchar not null,
    size_bytes bigint not null,
    notes varchar[] not null,
    delivered bigint not null,
    loaded bigint not null,
    rejected bigint not null,
    duplicates bigint not null,
    schema_fingerprint varchar,
    reader_fingerprint varchar not null
)
"""
_REJECTED = """
create table if not exists raw.rejected_rows (
    extract_id varchar not null,
    source_file varchar not null,
    row_number bigint not null,
    rule varchar not null,
    reason varchar not null
)
"""

_DISCLOSED = """
create table if not exists raw.disclosed (
    audience varchar not null,
    cell_id varchar not null,
    low bigint not null,
    high bigint not null,
    primary key (audience, cell_id)
)
"""

_PROBLEMS = """
create table if not exists raw.delivery_problems (
    source varchar not null,
    dataset varchar not null,
    period varchar not null,
    raw_table varchar not null,
    address varchar not null,
    extract_id varchar,
    seen_at timestamptz not null,
    rule varchar not null,
    message varchar not null,
    primary key (source, dataset, period)
)
"""

_PRUNED = """
create table if not exists raw.pruned_extracts (
    extract_id varchar not null,
    source varchar not null,
    dataset varchar not null,
    period varchar not null,
    pruned_at timestamptz not null,
    keep_days bigint not null,
    rows_pruned bigint not null,
    is_file_pruned boolean not null
)
"""
_PERSON_KEYS = """
create table if not exists raw.person_keys (
    position bigint primary key,
    fingerprint varchar not null
)
"""
_SS12000_STATE = """
create table if not exists raw.ss12000_state (
    dataset varchar primary key,
    server varchar not null,
    asked_at timestamptz not null,
    edge_fingerprint varchar not null,
    whole_at timestamptz
)
"""

_CLEAR_PROBLEM = "delete from raw.delivery_problems where source = ? and dataset = ? and period = ?"


@dataclass(frozen=True)
class Account:
    """What became of an extract's rows; ``delivered`` is the sum of the other three.

    Attributes:
        delivered, loaded, rejected, duplicates: rows.
        notes: remarks that did not stop it.
        schema_fingerprint: of what was delivered, by the reader.
        reader_fingerprint: of the code that read it.
    """

    delivered: int
    loaded: int
    rejected: int
    duplicates: int
    notes: Sequence[str]
    schema_fingerprint: str
    reader_fingerprint: str


@dataclass(frozen=True)
class LoadReport:
    """What became of one period's delivery.

    Attributes:
        period: the period asked for.
        extract: its manifest line; none when nothing could be fetched.
        delivered, loaded, rejected, duplicates: rows; the first is the sum of the others.
        problem: why it was refused as a whole, or none.
        notes: remarks that did not stop it.
        unchanged: the same bytes were loaded before by the same reader, so nothing was done.
    """

    period: str
    extract: Extract | None
    delivered: int = 0
    loaded: int = 0
    rejected: int = 0
    duplicates: int = 0
    problem: str | None = None
    notes: Sequence[str] = ()
    unchanged: bool = False


@cache
def reader_fingerprint() -> str:
    """Hash of the readers' own code: a changed reader reads every extract again."""
    digest = hashlib.sha256()
    for path in sorted((Path(__file__).parent / "readers").glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create what is missing of schema ``raw``, so that dbt finds every source table."""
    connection.execute("create schema if not exists raw")
    connection.execute(_EXTRACTS)
    connection.execute(_REJECTED)
    connection.execute(_PROBLEMS)
    connection.execute(_PRUNED)
    connection.execute(_DISCLOSED)
    connection.execute(_PERSON_KEYS)
    connection.execute(_SS12000_STATE)
    connection.execute("alter table raw.ss12000_state add column if not exists whole_at timestamptz")
    log.create_table(connection)
    origin.create_table(connection)
    vintages.create_tables(connection)
    withdrawal.create_table(connection)
    there = {
        table
        for (table,) in connection.execute(
            "select table_name from information_schema.tables where table_schema = 'raw'"
        ).fetchall()
    }
    for table, schema in EMPTY_TABLES.items():
        if table in there:
            continue
        connection.register("empty", _with_extract_id(schema.empty_table(), ""))
        connection.execute(f'create table raw."{table}" as select * from empty')  # noqa: S608 - name from EMPTY_TABLES
        connection.unregister("empty")


def load(
    connection: duckdb.DuckDBPyConnection,
    store: ExtractStore,
    extract: Extract,
    raw_table: str,
    size: DeliverySize | None = None,
) -> LoadReport:
    """Read ``extract`` and put its rows in ``raw.<raw_table>`` in place of the same period's earlier rows.

    A delivery refused as a whole (by its reader, or by ``size``) changes no row: the period's last good rows
    stand, and the refusal is written to ``raw.delivery_problems``.
    """
    known = connection.execute(
        "select delivered, loaded, rejected, duplicates, notes from raw.extracts"
        " where extract_id = ? and reader_fingerprint = ?",
        [extract.extract_id, reader_fingerprint()],
    ).fetchone()
    place = [extract.source, extract.dataset, extract.period]
    if known is not None:
        connection.execute(_CLEAR_PROBLEM, place)
        connection.execute(
            "update raw.extracts set checked_at = now() where extract_id = ?", [extract.extract_id]
        )
        delivered, loaded, rejected, duplicates, notes = known
        return LoadReport(
            extract.period, extract, delivered, loaded, rejected, duplicates, None, notes, unchanged=True
        )
    last = _last_loaded(connection, place)
    try:
        result = READERS[raw_table](store.answers(extract))
        if size is not None:
            size.check(extract.address, result.delivered, None if last is None else last.delivered)
    except DeliveryProblem as problem:
        _record_problem(connection, place, raw_table, extract.extract_id, problem)
        return LoadReport(extract.period, extract, problem=str(problem))
    if last is not None and last.schema_fingerprint != result.schema_fingerprint:
        result.notes.append(f"{extract.address}: the columns or keys are not those of the last delivery")
    connection.register("delivered_rows", _with_extract_id(result.table, extract.extract_id))
    connection.register("rejected_rows", _with_extract_id(result.rejected, extract.extract_id))
    connection.begin()
    try:
        earlier = "select extract_id from raw.extracts where source = ? and dataset = ? and period = ?"
        connection.execute(
            f'delete from raw."{raw_table}" where _extract_id in ({earlier})',  # noqa: S608 - name from READERS
            place,
        )
        connection.execute(f"delete from raw.rejected_rows where extract_id in ({earlier})", place)  # noqa: S608
        connection.execute(f'insert into raw."{raw_table}" by name select * from delivered_rows')  # noqa: S608
        connection.execute(
            "insert into raw.rejected_rows"
            " select _extract_id, _source_file, _row_number, rule, reason from rejected_rows"
        )
        connection.execute("delete from raw.extracts where source = ? and dataset = ? and period = ?", place)
        record(connection, extract, raw_table, _account(result))
        connection.execute(_CLEAR_PROBLEM, place)
        connection.commit()
    except duckdb.Error:
        connection.rollback()
        raise
    finally:
        connection.unregister("delivered_rows")
        connection.unregister("rejected_rows")
    return LoadReport(
        extract.period,
        extract,
        result.delivered,
        result.table.num_rows,
        result.rejected.num_rows,
        result.duplicates,
        None,
        result.notes,
    )


@dataclass(frozen=True)
class _LastLoaded:
    delivered: int
    schema_fingerprint: str | None


def _last_loaded(connection: duckdb.DuckDBPyConnection, place: list[str]) -> _LastLoaded | None:
    # All of them, of at most one: DuckDB 2 registers nothing while a result has not been read to its end.
    found = connection.execute(
        "select delivered, schema_fingerprint from raw.extracts"
        " where source = ? and dataset = ? and period = ?",
        place,
    ).fetchall()
    return _LastLoaded(*found[0]) if found else None


def is_loaded(connection: duckdb.DuckDBPyConnection, *, source: str, dataset: str, period: str) -> bool:
    """Whether rows of the period stand in the warehouse."""
    return _last_loaded(connection, [source, dataset, period]) is not None


def clear_problem(connection: duckdb.DuckDBPyConnection, *, source: str, dataset: str, period: str) -> None:
    """Forget what was wrong with a period."""
    connection.execute(_CLEAR_PROBLEM, [source, dataset, period])


def record_failed_fetch(
    connection: duckdb.DuckDBPyConnection,
    *,
    source: str,
    dataset: str,
    period: str,
    raw_table: str,
    problem: DeliveryProblem,
) -> LoadReport:
    """Remember that a period could not be fetched; its last good rows stand."""
    _record_problem(connection, [source, dataset, period], raw_table, None, problem)
    return LoadReport(period, None, problem=str(problem))


def _with_extract_id(table: pa.Table, extract_id: str) -> pa.Table:
    return table.append_column("_extract_id", pa.array([extract_id] * table.num_rows, pa.string()))


def _account(result: ReadResult) -> Account:
    return Account(
        delivered=result.delivered,
        loaded=result.table.num_rows,
        rejected=result.rejected.num_rows,
        duplicates=result.duplicates,
        notes=result.notes,
        schema_fingerprint=result.schema_fingerprint,
        reader_fingerprint=reader_fingerprint(),
    )


def record(connection: duckdb.DuckDBPyConnection, extract: Extract, raw_table: str, account: Account) -> None:
    """Enter an extract as the one loaded now for its source, dataset and period."""
    connection.execute(
        "insert into raw.extracts values"
        " ($1, $2, $3, $4, $5, $6, $7, $8, now(), $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        [
            extract.extract_id,
            extract.source,
            extract.dataset,
            extract.period,
            raw_table,
            extract.address,
            extract.answers,
            extract.fetched_at,
            extract.sha256,
            extract.size_bytes,
            list(account.notes),
            account.delivered,
            account.loaded,
            account.rejected,
            account.duplicates,
            account.schema_fingerprint,
            account.reader_fingerprint,
        ],
    )


def _record_problem(
    connection: duckdb.DuckDBPyConnection,
    place: list[str],
    raw_table: str,
    extract_id: str | None,
    problem: DeliveryProblem,
) -> None:
    connection.execute(
        "insert or replace into raw.delivery_problems values ($1, $2, $3, $4, $5, $6, now(), $7, $8)",
        [*place, raw_table, problem.source, extract_id, problem.rule, str(problem)],
    )
