"""Opening the build file: one writer at a time, bounded memory, a plain sentence when it is taken."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from dagster_project.lib.errors import WarehouseBusyError
from dagster_project.lib.release import durable, sql

_Config = dict[str, str | bool | int | float | list[str]]
_TO_BE_REWRITTEN = ".to_be_rewritten"
_FRESH = ".fresh"


def rewrite_when_next_opened(connection: duckdb.DuckDBPyConnection) -> None:
    """Have the build file copied into a fresh one before it is next opened to write; on disk at once.

    What was deleted or replaced stays in free blocks of the file, which nothing may use for years.
    """
    ((path,),) = connection.execute(
        "select path from duckdb_databases() where database_name = current_database()"
    ).fetchall()
    if path is not None:
        durable.write_atomically(_beside(Path(path), _TO_BE_REWRITTEN), "")


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


@contextmanager
def open_warehouse(
    path: Path, *, memory_limit: str, threads: int, read_only: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Connection to the build file at ``path``, closed on leaving.

    To write, the file is first rewritten where that was asked for (:func:`rewrite_when_next_opened`).

    Raises:
        WarehouseBusyError: another process holds the file.
        StorageFailedError: the disk has no room to rewrite the file; it stands as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    config: _Config = {
        "memory_limit": memory_limit,
        "threads": str(threads),
        "temp_directory": str(path.parent / "tmp"),
        "preserve_insertion_order": "false",
    }
    with _named_when_busy(path):
        if not read_only and _beside(path, _TO_BE_REWRITTEN).exists():
            _rewrite(path, config)
        connection = duckdb.connect(str(path), read_only=read_only, config=config)
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def _named_when_busy(path: Path) -> Iterator[None]:
    try:
        yield
    except duckdb.IOException as error:
        if "lock" not in str(error):
            raise
        raise WarehouseBusyError(
            f"{path.name} is held by another process. Wait for the other run to end, or run "
            "`equity doctor` to see which process holds it; BI tools must read a release, not this file."
        ) from error


def _rewrite(path: Path, config: _Config) -> None:
    fresh = _beside(path, _FRESH)
    fresh.unlink(missing_ok=True)
    if path.exists():
        # Under its own name, which the views in it have written down.
        name = sql.identifier(path.stem)
        with duckdb.connect(config=config) as connection:
            # Held until the fresh one is in its place: nobody can write to the old one meanwhile.
            connection.execute(f"attach {sql.literal(path)} as {name}")
            with durable.storage_failures("Rewriting the build file"):
                connection.execute(f"checkpoint {name}")
                connection.execute(f"attach {sql.literal(fresh)} as fresh")
                connection.execute(f"copy from database {name} to fresh")
                connection.execute("detach fresh")
                durable.sync(fresh)
                fresh.replace(path)
                durable.sync(path.parent)
    _beside(path, _TO_BE_REWRITTEN).unlink()
