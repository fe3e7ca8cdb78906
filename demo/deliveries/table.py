"""Rows of one kind of delivery, before they are written to a file."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

Cell = str | int | Decimal | bool | dt.date | None


@dataclass(frozen=True)
class Table:
    """Rows of one kind.

    Attributes:
        kind: name of the kind, as in the templates.
        columns: names of the raw table's columns; the person column holds the identity number itself.
        rows: one tuple per row in the columns' order. Codes are the codes of the raw table, None is empty.
    """

    kind: str
    columns: tuple[str, ...]
    rows: list[tuple[Cell, ...]]


def tenths(value: float) -> Decimal:
    """A number with one decimal."""
    return Decimal(round(value * 10)) / 10
