"""Skolverket's "Underlag för analys" for the compulsory school: the national quality system's own table.

Published as a workbook (a column per organiser or school unit, a row per measure) and over PxWeb.
"""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

import pyarrow as pa

from dagster_project.lib.answers import Answer
from dagster_project.lib.errors import HeaderChangedError, NotThisFileError
from dagster_project.lib.readers.json_stat import Cube, read_cube
from dagster_project.lib.readers.long_tables import Part, assemble
from dagster_project.lib.readers.result import ReadResult
from dagster_project.lib.readers.ufa_measures import MEASURES
from dagster_project.lib.readers.xlsx import read_first_sheet

_TABLE: Final = "ufa_measures"
_TITLE: Final = "Underlag för analys"
_MEASURE, _LEVEL, _YEAR = "variable", "level", "time"
_SCHOOL_YEAR: Final = re.compile(r"\d{4}/\d{2}")
# 0-based rows of the sheet.
_LEVEL_ROW, _YEAR_ROW, _FIRST_MEASURE = 2, 3, 4


def read_ufa(answers: Sequence[Answer]) -> ReadResult:
    """The table's cells, from the workbook or from PxWeb; one row per measure and organiser or school unit.

    Every answer must have all known measures; measures beyond them are kept and noted.

    Raises:
        NotThisFileError, TruncatedError, WrongEncodingError: neither of the two.
        HeaderChangedError: levels, school year or a measure are missing, or a level or measure is doubled.
        TooManyRowsError: far larger than the published table.
    """
    notes: list[str] = []
    headers: list[str] = []
    parts = []
    for answer in answers:
        is_workbook = answer.body.startswith(b"PK")
        parts.append((_read_workbook if is_workbook else _read_px)(answer, headers, notes))
    return assemble(_TABLE, parts, headers, notes)


def _read_workbook(answer: Answer, headers: list[str], notes: list[str]) -> Part:
    source = answer.address
    rows = read_first_sheet(answer)
    if not rows or not rows[0] or not rows[0][0].startswith(_TITLE):
        raise NotThisFileError(
            source=source,
            rule="another_report",
            message=f"the first cell of the first sheet does not start with {_TITLE!r}",
            remedy="Fetch or send the table 'Underlag för analys' for grundskola, unchanged.",
        )
    if len(rows) <= _FIRST_MEASURE:
        raise _changed(source, len(rows), None, "the rows of levels, school year and measures are missing")
    levels = [level.strip() for level in rows[_LEVEL_ROW][1:]]
    years = [year.strip() for year in rows[_YEAR_ROW][1:]]
    _demand_distinct(source, _LEVEL_ROW + 1, levels, "a column of an organiser or school unit")
    if not all(map(_SCHOOL_YEAR.fullmatch, years)):
        raise _changed(source, _YEAR_ROW + 1, None, "a column has no school year")

    # The measures end at the first row without a label; explanations follow.
    measures: list[str] = []
    for row in rows[_FIRST_MEASURE:]:
        if not row[0].strip():
            break
        measures.append(row[0].strip())
    _demand_distinct(source, _FIRST_MEASURE + 1, measures, "a measure")
    _check_measures(source, measures, notes)
    headers += [rows[0][0], *measures]

    table_rows = range(_FIRST_MEASURE, _FIRST_MEASURE + len(measures))
    return Part(
        source=source,
        columns={
            "school_year": pa.array(years * len(measures), pa.string()),
            "level_label": pa.array(levels * len(measures), pa.string()),
            "measure": pa.array([measure for measure in measures for _ in levels], pa.string()),
            "value": pa.array([cell for at in table_rows for cell in rows[at][1:]], pa.string()),
        },
        row_numbers=pa.array([at + 1 for at in table_rows for _ in levels], pa.int64()),
    )


def _read_px(answer: Answer, headers: list[str], notes: list[str]) -> Part:
    cube: Cube = read_cube(answer)
    needed = (_MEASURE, _LEVEL, _YEAR)
    cube.demand(needed, needed)
    for dimension in needed:
        _demand_distinct(cube.source, None, cube.labels[dimension], f"a category of {dimension!r}")
    measures = cube.labels[_MEASURE]
    _check_measures(cube.source, measures, notes)
    headers += [*cube.ids, *measures]
    return Part(
        source=cube.source,
        columns={
            "school_year": cube.column(_YEAR, cube.labels),
            "level_label": cube.column(_LEVEL, cube.labels),
            "measure": cube.column(_MEASURE, cube.labels),
            "value": pa.array(cube.values, pa.string()),
        },
        row_numbers=pa.array(range(1, len(cube.values) + 1), pa.int64()),
    )


def _demand_distinct(source: str, row: int | None, labels: list[str], what: str) -> None:
    if not labels or not all(labels):
        raise _changed(source, row, None, f"{what} has no label")
    label, times = Counter(labels).most_common(1)[0]
    if times > 1:
        raise _changed(source, row, label, f"{what} is delivered {times} times")


def _check_measures(source: str, measures: list[str], notes: list[str]) -> None:
    missing = [measure for measure in MEASURES if measure not in measures]
    if missing:
        raise _changed(source, None, missing[0], "the measure is missing or has another name")
    unknown = [measure for measure in measures if measure not in MEASURES]
    notes.extend(f"{source}: unknown measure {measure!r} kept" for measure in unknown)


def _changed(source: str, row: int | None, column: str | None, found: str) -> HeaderChangedError:
    return HeaderChangedError(
        source=source,
        rule="header_changed",
        message=found,
        remedy="Compare the table with last year's; Skolverket may have changed it.",
        row=row,
        column=column,
    )
