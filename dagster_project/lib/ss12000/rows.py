"""Projected rows as a file: gzipped, one JSON object per delivered row, in the order received.

Each line has ``_row_number``, ``_entity`` and either the table's columns or, for a row that was set aside,
``_rule`` and ``_reason``. So the file holds the whole account: every line is a row that was delivered.
"""

import gzip
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import orjson

from dagster_project.lib.ss12000.edge import Row
from dagster_project.lib.ss12000.tables import Table

ROW, ENTITY, RULE, REASON = "_row_number", "_entity", "_rule", "_reason"
# Level 6 takes three times as long and saves a tenth.
_LEVEL: Final = 2


class RowFile:
    """Writes the rows of one raw table to a new file; a context manager.

    Attributes:
        path: the file.
        rows: rows written so far.
    """

    def __init__(self, path: Path, table: Table) -> None:
        self.path = path
        self.rows = 0
        self._columns = table.columns

    def __enter__(self) -> Self:
        # Neither name nor time in the header: the same rows make the same file.
        self._raw = self.path.open("wb")
        self._file = gzip.GzipFile(filename="", mode="wb", compresslevel=_LEVEL, fileobj=self._raw, mtime=0)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._raw.close()

    def write(self, rows: Iterable[Row]) -> None:
        """Append ``rows``."""
        lines = [orjson.dumps(self._line(row)) for row in rows]
        if lines:
            self._file.write(b"\n".join(lines) + b"\n")
            self.rows += len(lines)

    def _line(self, row: Row) -> dict[str, str | int | None]:
        line: dict[str, str | int | None] = {ROW: row.number, ENTITY: row.entity}
        if row.rule is None:
            line.update(zip(self._columns, row.values, strict=True))
        else:
            line[RULE], line[REASON] = row.rule, row.reason
        return line
