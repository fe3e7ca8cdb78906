"""Child process of `xlsx`: reads a workbook from standard input, writes its first sheet as JSON.

Run by file name, with nothing of the project imported, so that the memory limit it sets on itself covers
little but the workbook.
"""

import datetime as dt
import io
import json
import resource
import sys

import python_calamine


def text_of(cell: object) -> str:
    """A cell as text: whole numbers without a decimal part, others with a decimal point."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return str(cell)


def main() -> None:
    """Memory limit in bytes is the only argument; a workbook that cannot be read ends with exit status 3."""
    limit = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
        rows = workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, MemoryError, OSError) as error:
        sys.stderr.write(type(error).__name__)
        sys.exit(3)
    json.dump([[text_of(cell) for cell in row] for row in rows], sys.stdout)


if __name__ == "__main__":
    main()
