"""Opening the build file: one writer at a time, bounded memory, a plain sentence when it is taken."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from dagster_project.lib.errors import WarehouseBusyError


@contextmanager
def open_warehouse(
    path: Path, *, memory_limit: str, threads: int, read_only: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Connection to the build file at ``path``, closed on leaving.

    Raises:
        WarehouseBusyError: another process holds the file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory_limit,
        "threads": str(threads),
        "temp_directory": str(path.parent / "tmp"),
        "preserve_insertion_order": "false",
    }
    try:
        connection = duckdb.connect(str(path), read_only=read_only, config=config)
    except duckdb.IOException as error:
        if "lock" not in str(error):
            raise
        raise WarehouseBusyError(
            f"{path.name} is held by another process. Wait for the other run to end, or run "
            "`equity doctor` to see which process holds it; BI tools must read a release, not this file."
        ) from error
    try:
        yield connection
    finally:
        connection.close()
