"""A candidate: the published tables copied out of the warehouse into a file of their own."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

import duckdb
from pydantic import BaseModel, ConfigDict, Field

from dagster_project.lib.errors import ReleaseRefusedError, SettingsError, WarehouseBusyError
from dagster_project.lib.release import durable, ids, lock
from dagster_project.lib.release.read_back import wal_of
from dagster_project.lib.release.sql import identifier, literal

DATABASE = "equity.duckdb"
UNFINISHED_PREFIX = ".new-"
# Opens in DuckDB 1.4, 1.5 and 2.0, and is the first format whose write-ahead log is bound to its file.
STORAGE_VERSION = "v1.4.0"

_BUILD_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_DESCRIPTION = "candidate.json"


class Candidate(BaseModel):
    """One built file that waits for its audit.

    Attributes:
        build_id: the run that built it; also the name of its folder.
        release_id: the id it will be published under; stands in every row.
        sha256: of the database file when it was finished.
        tables: number of rows by table.
        folder: ``candidates/<build_id>``.
    """

    model_config = ConfigDict(frozen=True)

    build_id: str
    release_id: str
    sha256: str
    tables: dict[str, int]
    # Known from where it lies; a data directory may be moved.
    folder: Path = Field(exclude=True)

    @property
    def file(self) -> Path:
        """The database file."""
        return self.folder / DATABASE


def load_candidate(candidates_dir: Path, build_id: str) -> Candidate:
    """The candidate that :func:`build_candidate` left for ``build_id``.

    Raises:
        ReleaseRefusedError: none was finished for this build.
    """
    folder = candidates_dir / _safe(build_id)
    description = folder / _DESCRIPTION
    if not description.is_file():
        raise ReleaseRefusedError(
            f"Build {build_id}: no finished candidate. Run the build again, then publish that one."
        )
    return Candidate.model_validate({**json.loads(description.read_text(encoding="utf-8")), "folder": folder})


def build_candidate(
    *,
    warehouse: Path,
    schema: str,
    tables: Sequence[str],
    candidates_dir: Path,
    build_id: str,
    release_id: str,
) -> Candidate:
    """Copy ``tables`` out of the warehouse into ``candidates/<build_id>/equity.duckdb``.

    Each table keeps its column types, NOT NULLs and comments, gets the column ``release_id`` in front, and is
    ordered by all its columns, so that the same data gives the same order. The file is checkpointed, closed,
    synced to disk and read-only; no write-ahead log is left beside it.

    Args:
        warehouse: the DuckDB file dbt built; opened read-only.
        schema: schema of the published tables in it.
        tables: names of the tables that leave the building.
        candidates_dir: folder that holds one folder per build.
        build_id: names the build; letters, digits, ``-`` and ``_``.
        release_id: id reserved by the release store.

    Raises:
        SettingsError: a build id or table name with other characters, or no table at all.
        ReleaseNotFoundError: ``release_id`` is not written like one.
        ReleaseRefusedError: a candidate for this build exists, a table is missing, a column is HUGEINT or is
            itself called ``release_id``.
        WarehouseBusyError: another process is writing to the warehouse.
        StorageFailedError: the disk did not take the file.
    """
    ids.number(release_id)
    folder = candidates_dir / _safe(build_id)
    if folder.exists():
        raise ReleaseRefusedError(
            f"Build {build_id}: a candidate exists already and may have been audited. Use a new build id."
        )
    if not tables:
        raise SettingsError("No table is named for publication. Name at least one.")
    if not warehouse.is_file():
        raise ReleaseRefusedError(
            f"{warehouse.name}: the warehouse has not been built. Run the dbt build first."
        )
    with (
        durable.storage_failures(f"Building the candidate of build {build_id}"),
        durable.scratch_folder(candidates_dir / f"{UNFINISHED_PREFIX}{build_id}") as work,
        # Tells the sweep that this folder has not been left by a crash.
        lock.held_folder(work),
    ):
        file = work / DATABASE
        rows = _copy_tables(warehouse, schema, tables, file, release_id)
        if wal_of(file).exists():
            raise ReleaseRefusedError(
                f"Build {build_id}: DuckDB left a write-ahead log. Run the build again."
            )
        candidate = Candidate(
            build_id=build_id,
            release_id=release_id,
            sha256=durable.sha256(file),
            tables=rows,
            folder=folder,
        )
        durable.sync(file)
        durable.make_read_only(file)
        durable.write_atomically(work / _DESCRIPTION, candidate.model_dump_json(indent=2))
        durable.sync(work)
        work.rename(folder)
        durable.sync(candidates_dir)
    return candidate


def _safe(build_id: str) -> str:
    if _BUILD_ID.fullmatch(build_id) is None:
        raise SettingsError(
            "A build id is made of letters, digits, '-' and '_' (at most 100). Use another one."
        )
    return build_id


def _copy_tables(
    warehouse: Path, schema: str, tables: Sequence[str], file: Path, release_id: str
) -> dict[str, int]:
    # Sorting spills here and not into whatever folder the process was started in.
    spill = file.with_name("spill")
    with duckdb.connect(config={"temp_directory": str(spill)}) as connection:
        try:
            connection.execute(f"attach {literal(warehouse)} as source (read_only)")
        except duckdb.IOException as locked:
            if "lock" not in str(locked):
                raise
            raise WarehouseBusyError(
                f"{warehouse.name} is being written by another process. "
                "Wait for that run to end, then try again."
            ) from locked
        connection.execute(f"attach {literal(file)} as target (storage_version {literal(STORAGE_VERSION)})")
        rows = {table: _copy_table(connection, schema, table, release_id) for table in tables}
        connection.execute("checkpoint target")
        connection.execute("detach target")
    if spill.exists():
        durable.remove_tree(spill)
    return rows


def _copy_table(connection: duckdb.DuckDBPyConnection, schema: str, table: str, release_id: str) -> int:
    source = f"source.{identifier(schema)}.{identifier(table)}"
    target = f'target."main".{identifier(table)}'
    described = connection.execute(
        """
        select comment from duckdb_tables()
        where database_name = 'source' and schema_name = ? and table_name = ?
        """,
        [schema, table],
    ).fetchone()
    if described is None:
        raise ReleaseRefusedError(
            f"Table {table}: there is none in the schema {schema} of the warehouse. "
            "Run the dbt build, or take the table off the list of published tables."
        )
    columns = connection.execute(
        """
        select column_name, data_type, is_nullable, comment
        from duckdb_columns()
        where database_name = 'source' and schema_name = ? and table_name = ?
        order by column_index
        """,
        [schema, table],
    ).fetchall()
    for name, data_type, _, _ in columns:
        if re.search(r"\bU?HUGEINT\b", data_type):
            raise ReleaseRefusedError(
                f"Table {table}, column {name}: the type {data_type} is rounded in Parquet and most clients. "
                "Cast it to bigint or decimal in the dbt model."
            )
        if name == "release_id":
            raise ReleaseRefusedError(
                f"Table {table}: it has a column release_id of its own, which the store adds. "
                "Rename it in the dbt model."
            )
    names = ", ".join(identifier(name) for name, *_ in columns)
    connection.execute(
        f"create table {target} as select {literal(release_id)} as release_id, {names} "  # noqa: S608
        f"from {source} with no data"
    )
    required = ["release_id", *(name for name, _, is_nullable, _ in columns if not is_nullable)]
    for name in required:
        connection.execute(f"alter table {target} alter column {identifier(name)} set not null")
    copied = connection.execute(
        f"insert into {target} select ?, {names} from {source} order by {names}",  # noqa: S608
        [release_id],
    ).fetchone()
    if described[0] is not None:
        connection.execute(f"comment on table {target} is {literal(described[0])}")
    connection.execute(f"comment on column {target}.release_id is 'Release that the row was published in'")
    for name, _, _, comment in columns:
        if comment is not None:
            connection.execute(f"comment on column {target}.{identifier(name)} is {literal(comment)}")
    assert copied is not None  # INSERT answers with its number of rows
    return int(copied[0])
