"""Tables as plain CSV: one header row, semicolons, UTF-8, no banner and no notes.

A cut at a line end cannot be seen in such a file: it carries neither notes nor a row count. The extract's
history of row counts has to catch it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dagster_project.lib.answers import Answer
from dagster_project.lib.errors import NotThisFileError, TruncatedError
from dagster_project.lib.readers.result import Collector
from dagster_project.lib.readers.text import decode, is_blank, match_columns, normal, split_cells


@dataclass(frozen=True)
class FlatRow:
    """One row that has as many cells as the header.

    Attributes:
        number: 1-based line in the file.
        cells: every cell, trimmed.
        values: column of the raw table -> cell, for the columns asked for and delivered.
    """

    number: int
    cells: list[str]
    values: dict[str, str]


@dataclass(frozen=True)
class FlatFile:
    """Header and rows of one file.

    Attributes:
        unknown: header texts nothing asks for -> their position.
        rows: rows to take over, in order.
    """

    unknown: dict[str, int]
    rows: list[FlatRow]


def read_flat(
    answer: Answer,
    collector: Collector,
    headers: Mapping[str, tuple[str, ...]],
    optional: frozenset[str] = frozenset(),
    rows_per_line: int = 1,
) -> FlatFile:
    """Read one file; lines that are no rows go to the collector's rejected rows, and all are counted.

    Args:
        answer: the file.
        collector: takes the account, the notes and the header.
        headers: column of the raw table -> header texts accepted for it.
        optional: columns that need not be delivered.
        rows_per_line: rows of the raw table that a line becomes.

    Raises:
        NotThisFileError: empty, a web page, or no rows.
        WrongEncodingError: not UTF-8, or control characters.
        TruncatedError: the last line has no line end.
        HeaderChangedError: a column is missing or delivered twice.
    """
    source = answer.address
    text = decode(answer)
    lines = text.split("\n")
    header = split_cells(lines[0]) or []
    found, unknown = match_columns(source, 1, header, headers, optional=optional)
    collector.header([normal(name) for name in header])
    if text[-1] != "\n":
        raise TruncatedError(
            source=source,
            rule="truncated",
            message="the last line has no line end, so the file has been cut short",
            remedy="Fetch or send the whole file again.",
            row=len(lines),
        )
    missing = sorted(optional - found.keys())
    if missing:
        collector.note(f"{source}: not in this file: {', '.join(missing)}")
    rows = list(_rows(lines, source, collector, found, rows_per_line))
    if not rows:
        raise NotThisFileError(
            source=source,
            rule="no_rows",
            message="there is no usable row under the header",
            remedy="Fetch or send the file again.",
        )
    positions = {normal(name): position for position, name in enumerate(header)}
    return FlatFile(unknown={name: positions[name] for name in unknown}, rows=rows)


def _rows(
    lines: list[str], source: str, collector: Collector, found: dict[str, int], rows_per_line: int
) -> Iterator[FlatRow]:
    header = split_cells(lines[0]) or []
    for number, line in enumerate(lines[1:], start=2):
        if is_blank(line):
            continue
        cells = split_cells(line)
        if cells is not None and len(cells) == len(header) and cells != header:
            collector.delivered += rows_per_line
            yield FlatRow(number, cells, {column: cells[position] for column, position in found.items()})
            continue
        collector.delivered += 1
        if cells is None:
            collector.reject(source, number, "quoting", "The quotation marks in the row do not pair up.")
        elif cells == header:
            collector.reject(source, number, "repeated_header", "The header row stands among the rows.")
        else:
            reason = f"The row has {len(cells)} cells where the header row has {len(header)}."
            collector.reject(source, number, "cell_count", reason)
