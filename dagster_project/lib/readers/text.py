"""Bytes to lines and cells: the checks every delivered text passes before anything is read out of it."""

import csv
import re
import unicodedata
from collections.abc import Mapping

from dagster_project.lib.answers import Answer
from dagster_project.lib.errors import (
    HeaderChangedError,
    NotThisFileError,
    TruncatedError,
    WrongEncodingError,
)

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BOM = "\ufeff"
# å, ä and ö as they look when UTF-8 is taken for Windows-1252 and saved as UTF-8 once more.
_TWICE = re.compile("Ã[¥¤¶…„–]")
_SWEDISH = re.compile("[åäöÅÄÖ]")
_RENAMED = (
    "Compare the header row with last year's file. If the publisher renamed the column, "
    "add the new name to the accepted names of this report."
)


def decode(answer: Answer) -> str:
    """The answer as text, without byte order mark and with LF line ends.

    Raises:
        NotThisFileError: empty, a web page, or a packed or Office file.
        WrongEncodingError: not UTF-8, or with characters that no text file holds.
        TruncatedError: the bytes end in the middle of a character.
    """
    _check_kind(answer)
    try:
        text = answer.body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            raise TruncatedError(
                source=answer.address,
                rule="truncated",
                message="the file ends in the middle of a character",
                remedy="Fetch or send the whole file again.",
            ) from error
        raise _wrong_encoding(answer, f"it is not UTF-8; it looks like {_guess(answer.body)}") from error
    # Line ends are the only carriage returns a text file holds; a lone one is damage.
    text = text.replace("\r\n", "\n")
    found = _CONTROL.search(text) or re.search("\r", text)
    if found is not None:
        kind = "UTF-16" if "\x00" in text and _guess(answer.body) == "UTF-16" else "damaged text"
        row = text.count("\n", 0, found.start()) + 1
        raise _wrong_encoding(answer, f"it holds control characters; it looks like {kind}", row=row)
    if "\ufffd" in text:
        row = text.count("\n", 0, text.index("\ufffd")) + 1
        raise _wrong_encoding(answer, "letters were lost in an earlier conversion", row=row)
    twice = _TWICE.search(text)
    # Where other letters are sound, it is one cell that was broken at the publisher's.
    if twice is not None and _SWEDISH.search(text) is None:
        row = text.count("\n", 0, twice.start()) + 1
        raise _wrong_encoding(answer, "it was converted to UTF-8 twice", row=row)
    return text


def _check_kind(answer: Answer) -> None:
    head = answer.body[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not answer.body.removeprefix(b"\xef\xbb\xbf").strip():
        found = "the file is empty"
    elif head.startswith(b"<"):
        found = "a web page (HTML or XML) was delivered, perhaps an error page or a login page"
    elif head.startswith((b"PK\x03\x04", b"\x1f\x8b", b"%PDF", b"\xd0\xcf\x11\xe0")):
        found = "a packed file or an Office document was delivered where plain text is expected"
    else:
        return
    raise NotThisFileError(
        source=answer.address,
        rule="not_this_file",
        message=found,
        remedy="Open the address or file by hand, then fetch or send the right one.",
    )


def _guess(body: bytes) -> str:
    """Which encoding ``body`` seems to be in, for the message."""
    sample = body[:4096]
    if body.startswith((b"\xff\xfe", b"\xfe\xff")) or sample.count(0) > len(sample) // 4:
        return "UTF-16"
    try:
        body.decode("cp1252")
    except UnicodeDecodeError:
        return "no known encoding"
    return "Windows-1252"


def _wrong_encoding(answer: Answer, found: str, row: int | None = None) -> WrongEncodingError:
    return WrongEncodingError(
        source=answer.address,
        rule="wrong_encoding",
        message=found,
        remedy="Send the file as published: UTF-8, not saved again from a spreadsheet program.",
        row=row,
    )


def split_cells(line: str) -> list[str] | None:
    """The cells of one semicolon-separated line, trimmed; None where its quotation marks do not pair up."""
    if '"' not in line:
        return [cell.strip().strip(_BOM) for cell in line.split(";")]
    try:
        cells = next(csv.reader([line.lstrip(_BOM)], delimiter=";", strict=True))
    except csv.Error:
        return None
    return [cell.strip() for cell in cells]


def is_blank(line: str) -> bool:
    """Whether a line holds nothing but separators and white space."""
    return not line.strip("; \t\u00a0" + _BOM)


def normal(header: str) -> str:
    """A header cell for comparison: one space between words, composed letters."""
    return unicodedata.normalize("NFC", " ".join(header.replace(_BOM, "").split()))


def match_columns(
    source: str,
    row: int,
    delivered: list[str],
    wanted: Mapping[str, tuple[str, ...]],
    *,
    optional: frozenset[str] = frozenset(),
    remedy: str | None = None,
) -> tuple[dict[str, int], list[str]]:
    """Find each wanted column among the delivered header cells.

    Args:
        source: file name, for messages.
        row: 1-based line of the header row.
        delivered: header cells as delivered.
        wanted: column of the raw table -> header texts accepted for it.
        optional: columns of the raw table that need not be delivered.
        remedy: what to do about a missing column, where it is not the usual advice.

    Returns:
        Position of each found column, and the delivered header texts that nothing asks for.

    Raises:
        HeaderChangedError: a column is missing or delivered twice.
    """
    positions: dict[str, list[int]] = {}
    for position, text in enumerate(map(normal, delivered)):
        if text:
            positions.setdefault(text, []).append(position)
    found: dict[str, int] = {}
    missing: list[str] = []
    for column, accepted in wanted.items():
        at = [position for text in accepted for position in positions.pop(text, [])]
        if len(at) > 1:
            raise _header_changed(source, row, accepted[0], "the column is delivered twice", _RENAMED)
        if at:
            found[column] = at[0]
        elif column not in optional:
            missing.append(accepted[0])
    if missing:
        raise _header_changed(source, row, missing[0], _missing(missing), remedy or _RENAMED)
    for text, at in positions.items():
        if len(at) > 1:
            raise _header_changed(source, row, text, "the column is delivered twice", _RENAMED)
    return found, list(positions)


def _missing(columns: list[str]) -> str:
    if len(columns) == 1:
        return "the column is missing or has another name"
    return f"{len(columns)} columns are missing or have other names: {', '.join(map(repr, columns))}"


def _header_changed(source: str, row: int, column: str, found: str, remedy: str) -> HeaderChangedError:
    return HeaderChangedError(
        source=source,
        rule="header_changed",
        message=found,
        remedy=remedy,
        row=row,
        column=column,
    )
