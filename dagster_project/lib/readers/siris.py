"""Reads the CSV exports of SIRIS ("Statistik per skolenhet"): banner, header, rows, notes.

A SIRIS file has a banner with the report's name and the chosen year, a header row (with a row of group names
above it in some reports), the rows, and after them a block of notes that starts with "Rapportbeskrivning".
Every published file has that block, so a file without it after its last row has been cut short. The block,
and not the first odd row, ends the rows: the costs of upper secondary schools list municipal federations
among the municipalities, with an empty municipality code.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from dagster_project.lib import school_year
from dagster_project.lib.answers import Answer
from dagster_project.lib.errors import (
    HeaderChangedError,
    NotThisFileError,
    TooManyRowsError,
    TruncatedError,
)
from dagster_project.lib.readers.columns import COLUMNS
from dagster_project.lib.readers.result import Collector, ReadResult
from dagster_project.lib.readers.text import decode, is_blank, match_columns, normal, split_cells

_MUNICIPALITIES = 290
# A file may grow to four times its usual size (more kinds of organisers, a reform) before it cannot be right.
_MARGIN = 4
_SENDER = "Statistik från Skolverket"
_NOTES = "Rapportbeskrivning"
# A line of notes speaks of one column.
_FEWEST_NAMES = 3
_WRONG_LEVEL = (
    "Check that this is the right level of the report (unit or municipality). If it is, compare the header "
    "row with last year's file."
)
_PERIOD = re.compile(r"^(Valt läsår|Valt år):\s*(.*)$")


@dataclass(frozen=True)
class Report:
    """One SIRIS report.

    Attributes:
        table: raw table it is read into.
        titles: start of the banner's report line -> constant columns that follow from it.
        first_header: text of the header row's first cell, which tells the levels of a report apart.
        period: the banner's word for the year; it decides between school year and calendar year.
        headers: column of the raw table -> header texts accepted (``group: header`` under a group row).
        rows_per_municipality: most rows of a municipality (mean over the country for reports per unit).
    """

    table: str
    titles: dict[str, dict[str, str]]
    first_header: str
    period: str
    headers: dict[str, tuple[str, ...]]
    rows_per_municipality: int

    @property
    def bound(self) -> int:
        """Most rows one file of this report can hold."""
        return _MARGIN * _MUNICIPALITIES * self.rows_per_municipality


@dataclass(frozen=True)
class _Line:
    number: int
    text: str
    cells: list[str] | None

    @property
    def width(self) -> int:
        return len(self.cells or [])

    @property
    def named(self) -> int:
        """Cells up to the last that is not empty."""
        return max((at for at, cell in enumerate(self.cells or [], start=1) if cell), default=0)

    @property
    def first(self) -> str:
        return normal(self.cells[0]) if self.cells else normal(self.text)


def read_report(report: Report, answers: Sequence[Answer]) -> ReadResult:
    """Read the files of one SIRIS report.

    Returns:
        One row per delivered data line, grain as published (unit, or municipality x kind of organiser x …).

    Raises:
        NotThisFileError: no file, an empty file, a web page, another report, or no rows at all.
        WrongEncodingError: not UTF-8, or control characters.
        TruncatedError: the notes after the last row are missing.
        HeaderChangedError: header row or year not found; a column is missing or doubled; notes were moved.
        TooManyRowsError: more rows than this report can hold.
    """
    if not answers:
        raise NotThisFileError(
            source=report.table,
            rule="nothing_delivered",
            message="no file was delivered",
            remedy="Fetch or send the report.",
        )
    collector = Collector(report.table)
    for answer in answers:
        _read_file(report, answer, collector)
    return collector.result()


def _read_file(report: Report, answer: Answer, collector: Collector) -> None:
    source = answer.address
    text = decode(answer)
    lines = [
        _Line(number, line, split_cells(line))
        for number, line in enumerate(text.split("\n"), start=1)
        if not is_blank(line)
    ]
    _check_whole(source, lines)
    constants = _banner(report, source, lines)
    header, names = _header(report, source, lines)
    is_recognised = report.first_header in map(normal, names)
    found, unknown = match_columns(
        source, header.number, names, report.headers, remedy=None if is_recognised else _WRONG_LEVEL
    )
    for column in unknown:
        collector.note(f"{source}: unknown column {column!r} ignored")
    collector.header([normal(name) for name in names])
    if not text.endswith("\n"):
        collector.note(
            f"{source}: the last line has no line end; the rows and the start of the notes are there"
        )

    code_at = found["municipality_code"]
    rows = _data_lines(report, source, lines, header, code_at)
    collector.delivered += len(rows)
    for line in rows:
        problem = _problem(line, header, code_at)
        if problem is not None:
            collector.reject(source, line.number, *problem)
            continue
        cells = line.cells or []
        values = {**constants, **{column: cells[position] for column, position in found.items()}}
        collector.add(
            source,
            line.number,
            [values[column] for column in COLUMNS[report.table]],
            identity=(*constants.values(), *cells[: header.width]),
        )


def _check_whole(source: str, lines: list[_Line]) -> None:
    if not lines or not lines[0].first.startswith(_SENDER):
        raise NotThisFileError(
            source=source,
            rule="not_this_file",
            message=f"the first line is not {_SENDER!r}, so this is no SIRIS export",
            remedy="Export the report again from Skolverket's statistics and send the file unchanged.",
        )
    if not any(line.first.startswith(_NOTES) for line in lines):
        raise _cut_short(source, lines[-1].number)


def _cut_short(source: str, row: int) -> TruncatedError:
    return TruncatedError(
        source=source,
        rule="truncated",
        message=f"the notes that follow the last row (starting with {_NOTES!r}) are missing, "
        "so the file has been cut short",
        remedy="Fetch or send the whole file again.",
        row=row,
    )


def _notes_moved(source: str, row: int) -> HeaderChangedError:
    return HeaderChangedError(
        source=source,
        rule="notes_moved",
        message=f"the notes (starting with {_NOTES!r}) stand before the rows, so that nothing tells whether "
        "all rows are there",
        remedy="Compare the file with last year's. If the publisher has moved the notes, the reader has to "
        "learn where such a file ends.",
        row=row,
    )


def _banner(report: Report, source: str, lines: list[_Line]) -> dict[str, str]:
    """Constant columns from the banner: the period first, then what follows from the report's name.

    Files put together have several banners; all of them must say the same.
    """
    named = {
        next((start for start in report.titles if line.first.startswith(start)), None)
        for sender, line in pairwise(lines)
        if sender.first.startswith(_SENDER)
    }
    title = named.pop() if len(named) == 1 else None
    if title is None:
        raise NotThisFileError(
            source=source,
            rule="another_report",
            message=f"the banner does not name this report: {' or '.join(report.titles)}",
            remedy="Export the report with that name and send it in a file of its own.",
        )
    matches = filter(None, (_PERIOD.match(line.first) for line in lines))
    periods = {match[2].strip() for match in matches if match[1] == report.period}
    period = periods.pop() if len(periods) == 1 else ""
    if not _is_period(report, period):
        raise HeaderChangedError(
            source=source,
            rule="period_not_found",
            message=f"the banner has no line {report.period + ':'!r} with one year in the usual form",
            remedy="Export the report again with one year chosen.",
        )
    return {COLUMNS[report.table][0]: period, **report.titles[title]}


def _is_period(report: Report, text: str) -> bool:
    if report.period == "Valt år":
        return re.fullmatch(r"\d{4}", text) is not None
    try:
        school_year.autumn(text)
    except ValueError:
        return False
    return True


def _header(report: Report, source: str, lines: list[_Line]) -> tuple[_Line, list[str]]:
    """The header line and its names, joined with the group names right above where there are any.

    It is the first line with most of the report's column names, not the one with all of them: a header row
    that lacks a column has to be found for the column to be missed by its name.
    """
    accepted = {text for texts in report.headers.values() for text in texts}
    most, found = 0, None
    for before, line in pairwise(lines):
        names = _names(before, line)
        known = len(accepted.intersection(map(normal, names)))
        if known > most:
            most, found = known, (line, names)
        if most == len(report.headers):
            break
    if found is None or most < _FEWEST_NAMES:
        raise HeaderChangedError(
            source=source,
            rule="header_not_found",
            message=f"no row holds the report's column names, {report.first_header!r} and the others",
            remedy="Check that this is the right level of the report (unit or municipality), sent unchanged.",
            column=report.first_header,
        )
    return found


def _names(before: _Line, line: _Line) -> list[str]:
    """The cells of ``line`` as column names, under their groups where ``before`` is a row of group names."""
    cells = line.cells or []
    groups = before.cells or []
    if before.number != line.number - 1 or len(groups) != len(cells) or not groups or groups[0]:
        return cells
    return [f"{group}: {name}" if group else name for group, name in zip(groups, cells, strict=True)]


def _data_lines(report: Report, source: str, lines: list[_Line], header: _Line, code_at: int) -> list[_Line]:
    """Every line meant as a row: all between header and notes, and whatever looks like one further down."""
    rows: list[_Line] = []
    in_notes = False
    closed = False
    for line in lines:
        if line.number <= header.number:
            continue
        if line.first.startswith(_NOTES):
            in_notes = closed = True
            continue
        if line.cells == header.cells:
            in_notes = False
        if in_notes and not _looks_like_row(line, header, code_at):
            continue
        rows.append(line)
        closed = False
        if len(rows) > report.bound:
            raise TooManyRowsError(
                source=source,
                rule="too_many_rows",
                message=f"there are more than {report.bound} rows",
                remedy="Check that the file holds one report for one year and was not put together.",
                row=line.number,
            )
    if not closed:
        before = [
            line.number for line in lines if line.first.startswith(_NOTES) and line.number < header.number
        ]
        raise _notes_moved(source, before[0]) if before else _cut_short(source, lines[-1].number)
    if not rows:
        raise NotThisFileError(
            source=source,
            rule="no_rows",
            message="there is no row between the header and the notes",
            remedy="Export the report again with all municipalities chosen.",
        )
    return rows


def _looks_like_row(line: _Line, header: _Line, code_at: int) -> bool:
    cells = line.cells or []
    return len(cells) == header.width and _is_municipality(cells[code_at])


def _is_municipality(cell: str) -> bool:
    return re.fullmatch(r"[0-9]{4}", cell) is not None


def _problem(line: _Line, header: _Line, code_at: int) -> tuple[str, str] | None:
    """Rule and reason why a line cannot be taken over as a row, if there is one."""
    if line.cells is None:
        return "quoting", "The quotation marks in the row do not pair up."
    if line.cells == header.cells:
        return "repeated_header", "The header row stands among the rows; the file may hold the report twice."
    if len(line.cells) < header.width or any(line.cells[header.named :]):
        return "cell_count", f"The row has {len(line.cells)} cells where the header row has {header.width}."
    if line.cells[code_at] and not _is_municipality(line.cells[code_at]):
        return (
            "municipality_code",
            "The municipality code is not four digits; a spreadsheet may have removed a leading zero.",
        )
    return None
