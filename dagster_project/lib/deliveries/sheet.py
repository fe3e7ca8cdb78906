"""A delivered table before its cells are judged: where its rows stand and what is wrong with their form."""

from collections.abc import Iterator
from dataclasses import dataclass

Cells = list[str]


@dataclass(frozen=True)
class Row:
    """One row below or at the header.

    Attributes:
        number: 1-based row of the sheet, or line of the file where the row begins.
        cells: as delivered; none where they could not be told apart.
        rule: the rule of form it breaks.
    """

    number: int
    cells: Cells | None
    rule: str | None = None


@dataclass(frozen=True)
class Sheet:
    """Header and rows. ``rows`` can be gone through once and may raise what reading the file raises."""

    header: Row
    rows: Iterator[Row]
    is_workbook: bool


def is_blank(cells: Cells) -> bool:
    """Whether nothing stands in any cell."""
    return not any(cell.strip() for cell in cells)
