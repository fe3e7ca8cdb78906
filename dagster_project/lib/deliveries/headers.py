"""The header row: which template it is of, and where each column stands."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from dagster_project.lib.deliveries.catalogue import KINDS
from dagster_project.lib.deliveries.kinds import Kind
from dagster_project.lib.deliveries.problems import refused
from dagster_project.lib.deliveries.sheet import Cells, Row
from dagster_project.lib.deliveries.values import tidy

# What Windows-1252 makes of å, ä and ö in UTF-8, and the letter a failed conversion leaves behind.
_GARBLED: Final = re.compile("Ã[¥¤¶…„–]|\ufffd")
# A file with fewer of a template's columns than this is not of that kind.
_LEAST_SHARE: Final = 0.5


def normal(header: str) -> str:
    """A header for comparison: case, spaces and the asterisks of required columns do not matter."""
    return tidy(header.replace("*", " ")).casefold()


_HEADERS: Final[Mapping[str, Mapping[str, str]]] = {
    name: {normal(column.header_sv): column.name for column in kind.columns} for name, kind in KINDS.items()
}
_KNOWN: Final = frozenset(header for headers in _HEADERS.values() for header in headers)


def known_headers(cells: Cells) -> int:
    """How many cells are headers of any template."""
    return sum(normal(cell) in _KNOWN for cell in cells)


def guess_kind(source: str, header: Cells) -> Kind:
    """The kind whose template has most of its columns in ``header``.

    Raises:
        NotThisFileError: no template has half of its columns there, or two have equally many.
        WrongEncodingError: because å, ä and ö are damaged.
    """
    found = set(map(normal, header))
    scores = {name: len(found & headers.keys()) / len(headers) for name, headers in _HEADERS.items()}
    ordered = sorted(scores, key=lambda name: (scores[name], len(_HEADERS[name])), reverse=True)
    best, second = ordered[:2]
    if scores[best] >= _LEAST_SHARE and _strength(best, scores) > _strength(second, scores):
        return KINDS[best]
    if any(map(_GARBLED.search, header)):
        raise refused(source, "garbled_letters")
    raise refused(source, "unknown_kind")


def _strength(name: str, scores: Mapping[str, float]) -> tuple[float, int]:
    return scores[name], len(_HEADERS[name])


def positions(source: str, header: Row, kind: Kind) -> tuple[dict[str, int], list[int]]:
    """Column of the raw table -> position in the file; and the positions that the template does not have.

    Raises:
        HeaderChangedError: a column of the template is missing, or stands twice.
        WrongEncodingError: å, ä and ö are damaged.
    """
    cells = header.cells or []
    wanted = _HEADERS[kind.name]
    texts = list(map(normal, cells))
    times = Counter(text for text in texts if text in wanted)
    if any(map(_GARBLED.search, cells)) and len(times) < len(wanted):
        raise refused(source, "garbled_letters")
    for text, name in wanted.items():
        if times[text] != 1:
            rule = "doubled_column" if times[text] else "missing_column"
            raise refused(source, rule, column=kind.by_name[name].header_sv, row=header.number)
    found = {wanted[text]: position for position, text in enumerate(texts) if text in wanted}
    return found, [position for position, text in enumerate(texts) if text and text not in wanted]


def is_header(cells: Iterable[str], kind: Kind) -> bool:
    """Whether a row is the header row over again: at least half of its filled cells are headers."""
    filled = [normal(cell) for cell in cells if cell.strip()]
    return bool(filled) and sum(text in _HEADERS[kind.name] for text in filled) * 2 > len(filled)
