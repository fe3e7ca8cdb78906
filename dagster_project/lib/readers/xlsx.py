"""Workbooks: read in a child process with a memory limit, after a look at how large they claim to be.

A workbook of one megabyte can unpack to gigabytes, and the library that reads it does not ask first.
"""

import io
import json
import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dagster_project.lib.answers import Answer
from dagster_project.lib.errors import NotThisFileError, TooManyRowsError, TruncatedError

_CHILD: Final = Path(__file__).with_name("xlsx_child.py")
_MEMORY: Final = 2 * 1024**3
_SECONDS: Final = 120
# The largest published table unpacks to 15 MB, 12 times its packed size.
_MOST_UNPACKED: Final = 256 * 1024**2
_MOST_RATIO: Final = 100


@dataclass(frozen=True)
class WorkbookSheet:
    """One sheet.

    Attributes:
        rows: every row as text, empty cells as empty text; row ``i`` is line ``i + 1``. In a sheet asked for
            by name, a cell that shows an error or was never calculated is an error text (``#VALUE!``).
        merged: first and last line of every area of merged cells.
        is_named: it has the name asked for; else it is the first sheet.
        sheets: how many sheets the workbook has.
    """

    rows: list[list[str]]
    merged: list[tuple[int, int]]
    is_named: bool
    sheets: int


def read_first_sheet(answer: Answer) -> list[list[str]]:
    """Rows of the first sheet as text, empty cells and errors as empty text; raises as :func:`read_sheet`."""
    return _read(answer, []).rows


def read_sheet(answer: Answer, name: str) -> WorkbookSheet:
    """The sheet called ``name``; without one, the first sheet.

    Raises:
        NotThisFileError: no workbook, or one that cannot be read.
        TruncatedError: the workbook has been cut short.
        TooManyRowsError: it unpacks to more than a published table can be.
    """
    return _read(answer, [name])


def _read(answer: Answer, sheet_name: list[str]) -> WorkbookSheet:
    _check_size(answer)
    try:
        child = subprocess.run(
            [sys.executable, "-I", str(_CHILD), str(_MEMORY), *sheet_name],
            input=answer.body,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            # Writing a backtrace without memory can hang the library for ever.
            env=os.environ | {"RUST_BACKTRACE": "0"},
        )
    except subprocess.TimeoutExpired as error:
        raise _too_large(answer, f"it could not be read within {_SECONDS} seconds") from error
    # Status 3 is the child's own; with any other the library gave up, as it does at the memory limit.
    if child.returncode == 3 and child.stderr.strip() != b"MemoryError":
        raise _not_a_workbook(answer)
    if child.returncode != 0:
        raise _too_large(answer, f"reading it fails within {_MEMORY // 1024**2} MB of memory")
    return WorkbookSheet(**json.loads(child.stdout))


def _check_size(answer: Answer) -> None:
    if not answer.body.startswith(b"PK\x03\x04"):
        raise _not_a_workbook(answer)
    try:
        with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
            parts = archive.infolist()
    except zipfile.BadZipFile as error:
        raise TruncatedError(
            source=answer.address,
            rule="truncated",
            message="the workbook's table of contents, which stands at its end, is missing or broken",
            remedy="Fetch or send the whole file again.",
        ) from error
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if unpacked > _MOST_UNPACKED or unpacked > _MOST_RATIO * max(packed, 1):
        raise _too_large(answer, f"it unpacks to {unpacked // 1024**2} MB from {len(answer.body) // 1024} kB")


def _not_a_workbook(answer: Answer) -> NotThisFileError:
    return NotThisFileError(
        source=answer.address,
        rule="not_this_file",
        message="it is not an Excel workbook (.xlsx), or a damaged one",
        remedy="Fetch or send the workbook again, as published.",
    )


def _too_large(answer: Answer, found: str) -> TooManyRowsError:
    return TooManyRowsError(
        source=answer.address,
        rule="too_large",
        message=f"the workbook is far larger than any published table: {found}",
        remedy="Check where the file comes from before opening it.",
    )
