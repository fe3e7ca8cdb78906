"""Child process of `xlsx`: reads a workbook from standard input, writes one of its sheets as JSON.

Run by file name, with nothing of the project imported, so that the memory limit it sets on itself covers
little but the workbook.
"""

import datetime as dt
import io
import json
import posixpath
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree

import python_calamine

_CHUNK = 1 << 20
# Longer than any cell without text of its own.
_OVERLAP = 1 << 14
_RELATIONSHIP = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
#: Cells whose value is an error, and formulas that were never calculated: the library gives both as empty.
_NO_VALUE = re.compile(
    rb'<(?:\w+:)?c\b(?=[^>]*\br="([A-Z]{1,3})([0-9]{1,7})")(?:'
    rb'(?=[^>]*\bt="e")[^>]*>|'
    rb'(?![^>]*\bt="str")[^>]*>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*'
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>)"
)
ERROR = "#VALUE!"


def text_of(cell: object) -> str:
    """A cell as text: whole numbers without a decimal part, others with a decimal point."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return str(cell)


def cells_without_value(archive: zipfile.ZipFile, sheet_at: int) -> Iterator[tuple[int, int]]:
    """0-based row and column of cells that show an error or were never calculated."""
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    identifier = [sheet for sheet in book.iter() if sheet.tag.endswith("}sheet")][sheet_at].get(_RELATIONSHIP)
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    (target,) = (link.get("Target", "") for link in links if link.get("Id") == identifier)
    rest = b""
    with archive.open(posixpath.join("xl", target).removeprefix("/")) as part:
        while chunk := part.read(_CHUNK):
            for found in _NO_VALUE.finditer(rest + chunk):
                column = 0
                for letter in found[1]:
                    column = column * 26 + letter - ord("A") + 1
                yield int(found[2]) - 1, column - 1
            rest = (rest + chunk)[-_OVERLAP:]


def with_errors(rows: list[list[str]], places: Iterator[tuple[int, int]]) -> list[list[str]]:
    """The rows with an error text in the places that look empty but are not."""
    for row, column in places:
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = ERROR
    return rows


def main() -> None:
    """Arguments: memory limit in bytes, and the name of the sheet wanted where it is not the first.

    Without a sheet of that name the first is written. Where a name is given, errors and formulas that were
    never calculated stand as error texts. A workbook that cannot be read ends with exit status 3.
    """
    limit = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    try:
        content = io.BytesIO(sys.stdin.buffer.read())
        workbook = python_calamine.CalamineWorkbook.from_filelike(content)
        is_named = sys.argv[2:3] != [] and sys.argv[2] in workbook.sheet_names
        at = workbook.sheet_names.index(sys.argv[2]) if is_named else 0
        sheet = workbook.get_sheet_by_index(at)
        rows = [[text_of(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
        if sys.argv[2:]:
            with zipfile.ZipFile(content) as archive:
                rows = with_errors(rows, cells_without_value(archive, at))
    except (
        python_calamine.CalamineError,
        ElementTree.ParseError,
        zipfile.BadZipFile,
        LookupError,
        ValueError,
        MemoryError,
        OSError,
    ) as error:
        sys.stderr.write(type(error).__name__)
        sys.exit(3)
    found = {
        "sheets": len(workbook.sheet_names),
        "is_named": is_named,
        "merged": [(first[0] + 1, last[0] + 1) for first, last in sheet.merged_cell_ranges or ()],
        "rows": rows,
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
