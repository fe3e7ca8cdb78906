"""Writes deliveries for tests: made-up persons, rows that follow the template, CSV and xlsx bytes.

The made-up persons were born in January 1890: numbers that no living person has.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import xlsxwriter

from dagster_project.lib.answers import Answer
from dagster_project.lib.deliveries.catalogue import KINDS
from dagster_project.lib.deliveries.examination import Examination, examine
from dagster_project.lib.deliveries.kinds import Column, ColumnType, Kind
from dagster_project.lib.pseudonyms import Pseudonymiser

KEY = b"a key that only tests have, 32 b"
PSEUDONYMS = Pseudonymiser([KEY])
MUNICIPALITY = "9999"


def made_up_number(serial: int, day: str = "18900101") -> str:
    """Twelve digits with a right check digit, of nobody alive; ``serial`` from 0 to 999."""
    nine = f"{day[2:]}{serial:03d}"
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(nine))
    check = -sum(value - 9 if value > 9 else value for value in doubled) % 10
    return f"{day}{serial:03d}{check}"


def cell(column: Column, serial: int) -> str:
    """What row ``serial`` has in ``column``: the template's own example, another person in each row."""
    if column.type is ColumnType.CIVIC_NUMBER:
        return made_up_number(serial)
    return column.example


def rows(kind: Kind, count: int = 3) -> list[dict[str, str]]:
    """Sound rows, header -> cell. Rows of kinds without persons differ in the last column of their key."""
    made = [{column.header_sv: cell(column, serial) for column in kind.columns} for serial in range(count)]
    if not kind.is_personal:
        varied = kind.by_name[_VARIED[kind.name][0]]
        for row, value in zip(made, _VARIED[kind.name][1], strict=False):
            row[varied.header_sv] = value
    return made


_UNITS = ("99990001", "99990002", "99990003", "99990004")
_VARIED: Mapping[str, tuple[str, Sequence[str]]] = {
    **{name: ("unit_code", _UNITS) for name in KINDS if name != "structural_pools"},
    "structural_pools": ("school_year", ("2023/24", "2024/25", "2025/26", "2026/27")),
}


def headers(kind: Kind) -> list[str]:
    return [column.header_sv for column in kind.columns]


def table(kind: Kind, lines: Iterable[Mapping[str, str]]) -> list[list[str]]:
    """Header row and rows, in the template's order."""
    return [headers(kind), *([line.get(header, "") for header in headers(kind)] for line in lines)]


def as_csv(lines: Iterable[Sequence[str]], separator: str = ";", encoding: str = "utf-8") -> bytes:
    stream = io.StringIO()
    csv.writer(stream, delimiter=separator).writerows(lines)
    return stream.getvalue().encode(encoding)


def as_xlsx(lines: Iterable[Sequence[Any]], sheet: str = "Data", other_sheets: Sequence[str] = ()) -> bytes:
    """A workbook with ``lines`` in one sheet; numbers, dates and booleans are written as such."""
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, options | {"default_date_format": "yyyy-mm-dd"}) as book:
        page = book.add_worksheet(sheet)
        for number, line in enumerate(lines):
            page.write_row(number, 0, line)
        for name in other_sheets:
            book.add_worksheet(name).write_string(0, 0, name)
    return stream.getvalue()


def examined(body: bytes, name: str = "leverans.csv", kind: str | None = None) -> Examination:
    """What becomes of a file with this content."""
    return examine(
        Answer(name, body),
        kind=None if kind is None else KINDS[kind],
        pseudonym_of=PSEUDONYMS.of_civic_number,
        municipality_code=MUNICIPALITY,
    )
