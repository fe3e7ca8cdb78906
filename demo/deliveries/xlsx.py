"""Writes a plain workbook: one sheet, texts, numbers and days."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import xlsxwriter

from demo.deliveries.table import Cell

_MADE = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
"""The same content is to give the same bytes, so the workbook is always made at the same moment."""


def write(path: Path, header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """Write a workbook with the sheet ``Data``: a header row, then the rows."""
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"created": _MADE})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet("Data")
        for number, cells in enumerate([header, *rows]):
            for place, cell in enumerate(cells):
                if isinstance(cell, dt.date):
                    sheet.write_datetime(number, place, dt.datetime.combine(cell, dt.time.min), day)
                elif cell is not None:
                    sheet.write(number, place, cell)
