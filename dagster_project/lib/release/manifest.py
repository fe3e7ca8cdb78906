"""``manifest.json``: what a release is made of, so that anyone can check and cite it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict

from dagster_project.lib.release import durable
from dagster_project.lib.release.audit import AuditRecord, ExpectationResult, RefusedBreakdown
from dagster_project.lib.release.difference import Difference
from dagster_project.lib.release.event_log import Disclosed, LogEvent
from dagster_project.lib.release.exports import CSV_FOLDER, PARQUET_FOLDER
from dagster_project.lib.release.reader import connect
from dagster_project.lib.release.revisions import Revisions

MANIFEST_FILE = "manifest.json"


class ExtractEntry(BaseModel):
    """One delivery that the release was built from."""

    model_config = ConfigDict(frozen=True)

    source: str
    address: str
    sha256: str
    fetched_at: AwareDatetime | None = None


class ManifestParts(BaseModel):
    """What only the caller of the store knows.

    Attributes:
        code_version: version or commit of this project.
        dbt_manifest_sha256: of the dbt manifest that built the tables.
        extracts: every delivery behind the release.
        suppressed_cells: number of cells withheld for disclosure control, by table.
        lacks: what the release does not hold and why, one sentence each.
    """

    model_config = ConfigDict(frozen=True)

    code_version: str
    dbt_manifest_sha256: str
    extracts: list[ExtractEntry] = []
    suppressed_cells: dict[str, int] = {}
    lacks: list[str] = []


class FileEntry(BaseModel):
    """Size and digest of one file of the release."""

    sha256: str
    bytes: int


class ColumnEntry(BaseModel):
    """One published column."""

    name: str
    type: str
    comment: str | None


class TableEntry(BaseModel):
    """One published table; ``files`` are its exports, relative to the release.

    ``key`` are the columns that name a row; empty when nobody said: two releases are then compared by rows.
    """

    rows: int
    key: list[str] = []
    comment: str | None
    columns: list[ColumnEntry]
    files: list[str]


class ExpectationSummary(BaseModel):
    """The gate in figures, and every warning in full; all results are in ``audit.json``."""

    suites: int
    expectations: int
    passed: int
    warnings: list[ExpectationResult]


class Approval(BaseModel):
    """Who said that published figures may change, when and why."""

    by: str
    at: AwareDatetime
    reason: str

    @classmethod
    def of(cls, event: LogEvent) -> Self:
        """What the release tells of an approval in the log."""
        return cls(by=event.by or "unknown", at=event.at, reason=" ".join(event.reasons))


class Manifest(BaseModel):
    """The whole manifest.

    ``files`` lists every file of the release but the manifest itself; ``disclosed`` is what it made known of
    cells under disclosure control, ``attacks`` the attacker audit in figures, ``refused_breakdowns`` what
    could not be protected otherwise than by hiding it whole.
    """

    id: str
    build_id: str
    created_at: AwareDatetime
    previous: str | None
    code_version: str
    code_fingerprint: str
    dbt_manifest_sha256: str
    extracts: list[ExtractEntry]
    tables: dict[str, TableEntry]
    files: dict[str, FileEntry]
    expectations: ExpectationSummary
    suppressed_cells: dict[str, int]
    lacks: list[str]
    difference: Difference
    # Releases made before revisions were watched have none.
    revisions: Revisions = Revisions(compared_with=None)
    approval: Approval | None = None
    disclosed: Disclosed | None = None
    attacks: list[dict[str, int | str | None]] = []
    refused_breakdowns: list[RefusedBreakdown] = []


def describe_tables(
    database: Path, rows: dict[str, int], key_columns: Mapping[str, Sequence[str]]
) -> dict[str, TableEntry]:
    """Comments, columns, key and export files of each table in ``database``; ``rows`` and keys by table."""
    with connect(database) as connection:
        comments = dict(connection.execute("select table_name, comment from duckdb_tables()").fetchall())
        columns: dict[str, list[ColumnEntry]] = {table: [] for table in rows}
        for table, name, data_type, comment in connection.execute(
            """
            select table_name, column_name, data_type, comment from duckdb_columns()
            where not internal order by table_name, column_index
            """
        ).fetchall():
            columns[table].append(ColumnEntry(name=name, type=data_type, comment=comment))
    return {
        table: TableEntry(
            rows=count,
            key=list(key_columns.get(table, ())),
            comment=comments[table],
            columns=columns[table],
            files=[f"{PARQUET_FOLDER}/{table}.parquet", f"{CSV_FOLDER}/{table}.csv"],
        )
        for table, count in rows.items()
    }


def describe_files(folder: Path) -> dict[str, FileEntry]:
    """Size and digest of every file below ``folder`` but the manifest, by path relative to it."""
    return {
        str(path.relative_to(folder)): FileEntry(sha256=durable.sha256(path), bytes=path.stat().st_size)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path != folder / MANIFEST_FILE
    }


def summarise(record: AuditRecord) -> ExpectationSummary:
    """Counts and warnings of an audit."""
    results = [expectation for suite in record.suites for expectation in suite.expectations]
    return ExpectationSummary(
        suites=len(record.suites),
        expectations=len(results),
        passed=sum(result.success is True for result in results),
        warnings=record.warnings(),
    )
