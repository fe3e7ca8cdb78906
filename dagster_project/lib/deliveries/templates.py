"""Templates that senders fill in: an Excel workbook with explanations, and a CSV file with the header row."""

import csv
import datetime as dt
import io
from collections.abc import Iterator
from typing import Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from dagster_project.lib.deliveries.catalogue import KINDS
from dagster_project.lib.deliveries.kinds import Column, ColumnType, Kind
from dagster_project.lib.deliveries.words import TYPES_SV, limits_sv, must_sv
from dagster_project.lib.deliveries.workbook import DATA_SHEET

_HELP_SHEET: Final = "Instruktion"
# Rows of the data sheet that have formats and lists to choose from.
_PREPARED_ROWS: Final = 5000
# A workbook remembers when it was made; ours are the same whenever they are made.
_MADE: Final = dt.datetime(2026, 1, 1)  # noqa: DTZ001 - the format knows no time zone
_FORMATS: Final = {
    ColumnType.DATE: "yyyy-mm-dd",
    ColumnType.INTEGER: "0",
    ColumnType.DECIMAL: "General",
    ColumnType.PERCENT: "General",
    ColumnType.MONEY: "# ##0.00",
}
_TEXT_FORMAT: Final = "@"
_HELP_HEADERS: Final = ("Kolumn", "Måste fyllas i", "Skriv", "Värden", "Förklaring", "Exempel")
_HELP_WIDTHS: Final = (28, 15, 32, 60, 80, 24)


def files() -> Iterator[tuple[str, bytes]]:
    """Name and content of every template."""
    for kind in KINDS.values():
        yield f"{kind.name}.xlsx", workbook(kind)
        yield f"{kind.name}.csv", text(kind)


def text(kind: Kind) -> bytes:
    """The header row as CSV for Swedish Excel: semicolons, UTF-8 with byte order mark."""
    stream = io.StringIO()
    csv.writer(stream, delimiter=";").writerow([column.header_sv for column in kind.columns])
    return stream.getvalue().encode("utf-8-sig")


def workbook(kind: Kind) -> bytes:
    """The sheet to fill in, and one that explains every column. Headers of required columns end with *."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        book.set_properties({"title": f"{kind.title_sv}: mall", "created": _MADE})
        bold = book.add_format({"bold": True, "bottom": 1})
        data, instructions = book.add_worksheet(DATA_SHEET), book.add_worksheet(_HELP_SHEET)
        for position, column in enumerate(kind.columns):
            shape = book.add_format({"num_format": _FORMATS.get(column.type, _TEXT_FORMAT)})
            _prepare_column(data, position, column, shape)
            data.write_string(0, position, column.header_sv + ("*" if column.required else ""), bold)
        data.freeze_panes(1, 0)
        _explain(instructions, kind, bold, book.add_format({"text_wrap": True, "valign": "top"}))
    return stream.getvalue()


def _prepare_column(sheet: Worksheet, position: int, column: Column, shape: Format) -> None:
    sheet.set_column(position, position, max(14, len(column.header_sv) + 3), shape)
    choices = ["ja", "nej"] if column.type is ColumnType.YES_NO else list(column.allowed)
    # A list longer than 255 characters cannot stand in a cell's own rule.
    if choices and len(",".join(choices)) <= 255:
        sheet.data_validation(
            1,
            position,
            _PREPARED_ROWS,
            position,
            {
                "validate": "list",
                "source": choices,
                "error_title": column.header_sv,
                "error_message": "Välj ett värde ur listan.",
            },
        )


def _explain(sheet: Worksheet, kind: Kind, bold: Format, wrapped: Format) -> None:
    lines = [
        f"{kind.title_sv}. {kind.description_sv}",
        f"Lämnas av: {kind.responsible_sv}. Fyll i bladet {DATA_SHEET}; ändra inte rubrikerna.",
        f"Rader hör ihop genom: {', '.join(kind.by_name[name].header_sv for name in kind.key)}.",
    ]
    for row, line in enumerate(lines):
        sheet.write_string(row, 0, line)
    for position, (header, width) in enumerate(zip(_HELP_HEADERS, _HELP_WIDTHS, strict=True)):
        sheet.set_column(position, position, width)
        sheet.write_string(len(lines) + 1, position, header, bold)
    for row, column in enumerate(kind.columns, start=len(lines) + 2):
        cells = (
            column.header_sv,
            must_sv(column),
            TYPES_SV[column.type],
            limits_sv(column),
            column.description_sv,
            column.example,
        )
        for position, cell in enumerate(cells):
            sheet.write_string(row, position, cell, wrapped)
