"""Full read of a database file: every column of every row."""

from pathlib import Path

import duckdb

from dagster_project.lib.errors import ReleaseRefusedError
from dagster_project.lib.release.sql import identifier, literal


def verify(path: Path, *, release_id: str | None = None) -> dict[str, int]:
    """Read every value of every table once.

    A file can open, answer ``count(*)`` and still hold a block that cannot be decoded: only reading it all
    tells.

    Args:
        path: a DuckDB file with its tables in the schema ``main``.
        release_id: if given, every row of every table must carry it in its column ``release_id``.

    Returns:
        Number of rows by table name.

    Raises:
        ReleaseRefusedError: no file, no table, a write-ahead log beside the file, a value that cannot be
            read, or a row of another release.
    """
    if not path.is_file():
        raise ReleaseRefusedError(
            f"{path.name}: there is no such file in {path.parent.name}. Build it again."
        )
    if wal_of(path).exists():
        raise ReleaseRefusedError(
            f"{path.name}: a write-ahead log ({wal_of(path).name}) lies beside the file, so the file is not "
            "finished or the log belongs to another file. Build the candidate again."
        )
    try:
        # Attached to an instance of its own: duckdb.connect(path) fails, as if the file were damaged, while
        # this process has it open with another configuration.
        with duckdb.connect() as connection:
            connection.execute(f"attach {literal(path)} as release (read_only)")
            connection.execute("use release")
            connection.execute("set enable_external_access = false")
            connection.execute("set lock_configuration = true")
            tables = [
                row[0] for row in connection.execute("select table_name from duckdb_tables()").fetchall()
            ]
            rows = {table: _read(connection, table, release_id) for table in sorted(tables)}
    except duckdb.Error as damage:
        raise ReleaseRefusedError(
            f"{path.name} in {path.parent.name}: the file is damaged and cannot be read back in full "
            f"({type(damage).__name__}). Build the candidate again; if it happens twice, check the disk."
        ) from damage
    if not rows:
        raise ReleaseRefusedError(f"{path.name}: the file holds no table. Build the candidate again.")
    return rows


def wal_of(path: Path) -> Path:
    """Where DuckDB keeps the write-ahead log of the database file ``path``."""
    return path.with_name(f"{path.name}.wal")


def _read(connection: duckdb.DuckDBPyConnection, table: str, release_id: str | None) -> int:
    name = identifier(table)
    # bit_xor over the hash of the whole row makes DuckDB decode every column.
    found = connection.execute(f"select count(*), bit_xor(hash(t)) from {name} t").fetchone()  # noqa: S608
    assert found is not None  # an aggregate without GROUP BY has one row
    if release_id is not None:
        query = f"select count(*) from {name} where release_id is distinct from ?"  # noqa: S608
        foreign = connection.execute(query, [release_id]).fetchone()
        if foreign is None or foreign[0]:
            raise ReleaseRefusedError(
                f"Table {table}: rows carry another release id than {release_id}. Build the candidate again."
            )
    return int(found[0])
