"""What a reader returns, and the collector that readers fill row by row."""

import hashlib
import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from dagster_project.lib.readers.columns import COLUMNS, EMPTY_TABLES, REJECTED

# Characters no published figure or name holds: controls other than tab and line ends, and the replacement
# character that a wrong conversion leaves behind.
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]")


@dataclass(frozen=True)
class ReadResult:
    """One dataset and period as a text table, with an account of every delivered row.

    Attributes:
        table: the columns of the raw table (all text, null where the cell is empty), then ``_source_file``
            and ``_row_number`` (1-based line of the file, or 1-based position within the answer).
        rejected: ``_source_file``, ``_row_number``, ``rule``, ``reason``: rows that could not be taken over.
        duplicates: rows identical in every delivered cell to an earlier row, left out of ``table``.
        delivered: data rows found in what was delivered, counted before any of them is judged.
        notes: what the officer on duty should know though nothing had to be refused.
        schema_fingerprint: sha256 (hex) of the delivered header texts.

    Raises:
        ValueError: ``delivered`` is not the sum of taken, rejected and duplicate rows.
    """

    table: pa.Table
    rejected: pa.Table
    duplicates: int
    delivered: int
    notes: list[str]
    schema_fingerprint: str

    def __post_init__(self) -> None:
        accounted = self.table.num_rows + self.rejected.num_rows + self.duplicates
        if self.delivered != accounted:
            raise ValueError(f"{self.delivered} rows delivered but {accounted} accounted for")


def fingerprint(headers: Iterable[str]) -> str:
    """sha256 (hex) of header texts, in the order given."""
    return hashlib.sha256("\n".join(headers).encode()).hexdigest()


def tidy(cell: str | None) -> str | None:
    """The cell without surrounding white space; null where nothing is left."""
    return (cell.strip().strip("\ufeff") or None) if cell is not None else None


@dataclass
class Collector:
    """Takes rows one at a time and keeps the account; ``raw_table`` names the table they belong to."""

    raw_table: str
    delivered: int = 0
    duplicates: int = 0
    notes: list[str] = field(default_factory=list)
    _rows: list[tuple[str | int | None, ...]] = field(default_factory=list)
    _rejected: list[tuple[str, int, str, str]] = field(default_factory=list)
    _seen: set[Hashable] = field(default_factory=set)
    _header_lines: list[str] = field(default_factory=list)
    _keys: set[str] = field(default_factory=set)

    def add(
        self, source: str, row: int, values: Sequence[str | None], *, identity: Hashable | None = None
    ) -> None:
        """Take one row over, or drop it as a duplicate when ``identity`` was seen before.

        ``identity`` is every delivered cell of the row, where there are more than the values taken over.
        """
        tidied = tuple(map(tidy, values))
        if any(value is not None and UNPRINTABLE.search(value) for value in tidied):
            self.reject(source, row, "unprintable", "A cell holds control characters or broken text.")
            return
        key = tidied if identity is None else identity
        if key in self._seen:
            self.duplicates += 1
            return
        self._seen.add(key)
        self._rows.append((*tidied, source, row))

    def reject(self, source: str, row: int, rule: str, reason: str) -> None:
        """Set one row aside; ``reason`` is a sentence without any of the row's content."""
        self._rejected.append((source, row, rule, reason))

    def note(self, text: str) -> None:
        """Keep ``text`` once."""
        if text not in self.notes:
            self.notes.append(text)

    def header(self, texts: Sequence[str]) -> None:
        """Remember a delivered header row for the schema fingerprint."""
        line = ";".join(texts)
        if line not in self._header_lines:
            self._header_lines.append(line)

    def keys(self, names: Iterable[str]) -> None:
        """Remember delivered JSON keys for the schema fingerprint; their order does not matter."""
        self._keys.update(names)

    def result(self) -> ReadResult:
        """Everything taken so far.

        Raises:
            ValueError: the account does not add up.
        """
        names = (*COLUMNS[self.raw_table], "_source_file", "_row_number")
        columns = list(zip(*self._rows, strict=True)) or [()] * len(names)
        rejected = list(zip(*self._rejected, strict=True)) or [()] * len(REJECTED)
        return ReadResult(
            table=pa.table(
                dict(zip(names, map(list, columns), strict=True)), schema=EMPTY_TABLES[self.raw_table]
            ),
            rejected=pa.table(dict(zip(REJECTED.names, map(list, rejected), strict=True)), schema=REJECTED),
            duplicates=self.duplicates,
            delivered=self.delivered,
            notes=self.notes,
            schema_fingerprint=fingerprint([*self._header_lines, *sorted(self._keys)]),
        )
