"""The one way to open a release."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb


def connect(path: Path) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB file so that SQL can read its tables and nothing else.

    ``read_only`` alone still lets SQL read any file of the machine and write files with COPY; without
    external access neither works, and the locked configuration keeps SQL from turning it back on.

    The path is resolved first: DuckDB keeps one instance per path in a process, so a path through ``current``
    would go on showing the old release as long as any older connection is open.

    Args:
        path: ``equity.duckdb`` of a release or candidate, also through the ``current`` link.

    Raises:
        FileNotFoundError: no file there.
        duckdb.Error: not a DuckDB file, or a damaged one.
    """
    return duckdb.connect(
        path.resolve(strict=True),
        read_only=True,
        config={
            "enable_external_access": "false",
            "lock_configuration": "true",
            "temp_directory": _spill_folder().name,
        },
    )


@cache
def _spill_folder() -> TemporaryDirectory[str]:
    """Where a query too large for memory spills, until the process ends.

    DuckDB's own choice lies beside the file, where nobody may write. It has to be a folder of our own: DuckDB
    lets SQL read and write files in the spill folder, external access or not.
    """
    return TemporaryDirectory(prefix="equity-spill-")
