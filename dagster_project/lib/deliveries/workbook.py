"""Delivered workbooks: the sheet that holds the rows, read in a guarded child process."""

from collections.abc import Iterator
from typing import Final

from dagster_project.lib.answers import Answer
from dagster_project.lib.deliveries.problems import refused
from dagster_project.lib.deliveries.sheet import Row, Sheet, is_blank
from dagster_project.lib.errors import DeliveryProblem
from dagster_project.lib.readers.xlsx import WorkbookSheet, read_sheet

#: The template's sheet; the only one of a workbook may have any name.
DATA_SHEET: Final = "Data"


def open_workbook(answer: Answer) -> Sheet:
    """The rows of the sheet ``Data``, or of the only sheet.

    Raises:
        NotThisFileError: no workbook, a damaged or protected one, an empty one, or none of its sheets
            is called ``Data``.
        TruncatedError: it has been cut short.
        TooManyRowsError: it unpacks to more than a delivery can be.
    """
    try:
        sheet = read_sheet(answer, DATA_SHEET)
    except DeliveryProblem as problem:
        raise refused(answer.address, problem.rule) from problem
    if not sheet.is_named and sheet.sheets > 1:
        raise refused(answer.address, "wrong_sheet")
    numbered = enumerate(sheet.rows, start=1)
    for number, cells in numbered:
        if not is_blank(cells):
            header = list(cells)
            while header and not header[-1].strip():
                header.pop()
            rows = _rows(numbered, len(header), _rows_with_merged_cells(sheet))
            return Sheet(Row(number, header), rows, is_workbook=True)
    raise refused(answer.address, "empty_file")


def _rows_with_merged_cells(sheet: WorkbookSheet) -> set[int]:
    return {row for first, last in sheet.merged for row in range(first, last + 1)}


def _rows(numbered: Iterator[tuple[int, list[str]]], width: int, merged: set[int]) -> Iterator[Row]:
    for number, cells in numbered:
        # The cells of a merged area are empty but for the first: they are not what the sender sees.
        if number in merged:
            yield Row(number, cells[:width], "merged_cells")
        elif not is_blank(cells):
            yield Row(number, cells[:width], None if is_blank(cells[width:]) else "cell_count")
