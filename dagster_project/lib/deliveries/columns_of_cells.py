"""Rows to columns: the cells of the template's columns as text arrays, and the rows of broken form apart."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from dagster_project.lib.deliveries.sheet import Row

# Rows held as Python objects at a time; the rest are packed.
_BATCH: Final = 50_000


@dataclass(frozen=True)
class Columns:
    """All rows under a header.

    Attributes:
        cells: ``_row_number`` and a text column per column of the template, as delivered.
        broken: rows of broken form: their number and the rule.
    """

    cells: pa.Table
    broken: list[tuple[int, str]]

    @property
    def delivered(self) -> int:
        return int(self.cells.num_rows) + len(self.broken)


def gather(
    rows: Iterator[Row], positions: Mapping[str, int], is_header: Callable[[list[str]], bool]
) -> Columns:
    """Put the cells at ``positions`` (column -> position) together, column by column."""
    schema = pa.schema(
        [pa.field("_row_number", pa.int64()), *(pa.field(name, pa.string()) for name in positions)]
    )
    batches: list[pa.RecordBatch] = []
    broken: list[tuple[int, str]] = []
    numbers: list[int] = []
    taken: dict[str, list[str]] = {name: [] for name in positions}

    def pack() -> None:
        batches.append(pa.record_batch([pa.array(numbers, pa.int64()), *taken.values()], schema=schema))
        numbers.clear()
        for cells in taken.values():
            cells.clear()

    for row in rows:
        if row.rule is not None or row.cells is None:
            broken.append((row.number, row.rule or "quoting"))
            continue
        if is_header(row.cells):
            broken.append((row.number, "repeated_header"))
            continue
        numbers.append(row.number)
        for name, position in positions.items():
            taken[name].append(row.cells[position])
        if len(numbers) == _BATCH:
            pack()
    pack()
    return Columns(pa.Table.from_batches(batches, schema=schema), broken)
