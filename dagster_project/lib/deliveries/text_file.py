"""Delivered text files: any encoding and separator that Swedish offices produce, line by line."""

import codecs
import csv
import io
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final

from dagster_project.lib.answers import Answer
from dagster_project.lib.deliveries.problems import refused
from dagster_project.lib.deliveries.sheet import Cells, Row, Sheet, is_blank

SEPARATORS: Final = (";", ",", "\t")
# A quoted cell with more lines than this is a lost quotation mark.
_MOST_LINES: Final = 50
_CHUNK: Final = 1 << 20
_BLANK: Final = ' ;,\t"\ufeff\u00a0'
_UTF16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def open_text(answer: Answer, known_headers: Callable[[Cells], int]) -> Sheet:
    """The rows of a CSV file.

    Args:
        answer: the file.
        known_headers: how many of the cells are headers of a template; the separator that gives most wins.

    Raises:
        NotThisFileError: empty.
        WrongEncodingError: neither UTF-8, UTF-16 with byte order mark nor Windows-1252.
        TruncatedError: it ends in the middle of a character.
    """
    text = io.TextIOWrapper(io.BytesIO(answer.body), encoding=_encoding(answer), newline=None)
    lines = enumerate((line.rstrip("\n") for line in text), start=1)
    separators: tuple[str, ...] = SEPARATORS
    for number, line in lines:
        if line.lower().startswith("sep=") and len(line) == 5:
            separators = (line[4],)
            continue
        if not line.strip(_BLANK):
            continue
        candidates = [(separator, _cells(line, separator) or [line]) for separator in separators]
        separator, header = max(candidates, key=lambda candidate: known_headers(candidate[1]))
        while header and not header[-1].strip():
            header.pop()
        return Sheet(Row(number, header), _rows(lines, separator, len(header)), is_workbook=False)
    raise refused(answer.address, "empty_file")


def _encoding(answer: Answer) -> str:
    body = answer.body
    if body.startswith(_UTF16_MARKS):
        if len(body) % 2:
            raise refused(answer.address, "truncated")
        try:
            return _checked(answer, "utf-16")
        except UnicodeDecodeError as error:
            raise refused(answer.address, "wrong_encoding") from error
    # UTF-16 without its mark has a zero byte in every second place or so.
    sample = body[:4096]
    if sample.count(0) > len(sample) // 4:
        raise refused(answer.address, "wrong_encoding")
    try:
        return _checked(answer, "utf-8-sig")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data" and not body[: -len(error.object)].isascii():
            raise refused(answer.address, "truncated") from error
    try:
        return _checked(answer, "cp1252")
    except UnicodeDecodeError as error:
        raise refused(answer.address, "wrong_encoding") from error


def _checked(answer: Answer, encoding: str) -> str:
    """``encoding`` if all of the file is in it; decoded in pieces, of which none is kept."""
    decoder = codecs.getincrementaldecoder(encoding)()
    for start in range(0, len(answer.body), _CHUNK):
        decoder.decode(answer.body[start : start + _CHUNK])
    decoder.decode(b"", final=True)
    return encoding


def _cells(line: str, separator: str) -> Cells | None:
    if '"' not in line:
        return line.split(separator)
    try:
        return next(csv.reader([line], delimiter=separator, strict=True), None)
    except csv.Error:
        return None


def _rows(lines: Iterator[tuple[int, str]], separator: str, width: int) -> Iterator[Row]:
    waiting: deque[tuple[int, str]] = deque()

    def following() -> tuple[int, str] | None:
        return waiting.popleft() if waiting else next(lines, None)

    while (taken := following()) is not None:
        number, line = taken
        more: list[tuple[int, str]] = []
        # A cell in quotation marks may hold line breaks; the marks of a whole row are even in number.
        joined = line
        while joined.count('"') % 2 and len(more) < _MOST_LINES and (taken := following()) is not None:
            more.append(taken)
            joined += "\n" + taken[1]
        cells = _cells(joined, separator)
        if more and (cells is None or _fitted(cells, width) is None):
            # It was a lost quotation mark after all: only its own line is to blame.
            waiting.extendleft(reversed(more))
            yield Row(number, None, "quoting")
        elif cells is None:
            yield Row(number, None, "quoting")
        elif not is_blank(cells):
            fitted = _fitted(cells, width)
            yield Row(number, fitted, None if fitted is not None else "cell_count")


def _fitted(cells: Cells, width: int) -> Cells | None:
    """As many cells as the header has; empty ones beyond it are dropped."""
    return None if len(cells) < width or not is_blank(cells[width:]) else cells[:width]
