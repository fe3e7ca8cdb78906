"""The cells of what is to be published, and the linear relations between them, checked and completed.

A cell is one figure of one table. Only figures with the same definition and date may share a ``cell_id``:
that is how tables are linked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from dagster_project.lib.disclosure.errors import UnsoundCellsError, UnsoundRelationsError

# Beyond this, sums of values could leave the range in which the solver's floats are exact integers.
LARGEST_VALUE = 2**45

DEFAULTS: dict[str, Any] = {
    "weight": 1.0,
    "breakdown": "all",
    "is_primary": False,
    "lower_protection": 1,
    "upper_protection": 1,
    "sliding_protection": 4,
    "lower_bound": 0,
    "upper_bound": LARGEST_VALUE,
    "is_published_before": False,
    "is_structural_zero": False,
    "is_hidden": False,
}
_INTEGERS = (
    "value",
    "lower_protection",
    "upper_protection",
    "sliding_protection",
    "lower_bound",
    "upper_bound",
    "published_low",
    "published_high",
)
_FLAGS = ("is_primary", "is_published_before", "is_structural_zero", "is_hidden")


def complete(cells: pd.DataFrame) -> pd.DataFrame:
    """Cells with every column, checked.

    Args:
        cells: one row per cell; ``cell_id`` and ``value`` are required, a missing column gets its default:

            - ``cell_id``: text, unique.
            - ``value``: integer >= 0; amounts and sums in whole units.
            - ``weight``: > 0, what is lost when the cell is hidden.
            - ``breakdown``: name of the breakdown that is refused if the cell cannot be protected.
            - ``is_primary``: may not be shown.
            - ``lower_protection``, ``upper_protection``, ``sliding_protection``: how far below and above the
              value an attacker must have to reckon with, and how wide the interval must be.
            - ``lower_bound``, ``upper_bound``: what everybody knows beforehand.
            - ``published_low``, ``published_high``: what publication tells, when it tells a rounded value;
              both are the value otherwise.
            - ``is_published_before``: known for good, by an earlier release or another publisher.
            - ``is_structural_zero``: everybody knows that it must be zero.
            - ``is_hidden``: is part of a relation but of no table; costs nothing to hide.

    Returns:
        A new frame with exactly these columns, in this order, index 0..n-1.

    Raises:
        UnsoundCellsError: a required column, a key, a value or a bound is missing or contradicts another.
    """
    absent = {"cell_id", "value"} - set(cells.columns)
    if absent:
        raise UnsoundCellsError(f"Cells lack the column {', '.join(sorted(absent))}.")
    frame = cells.reset_index(drop=True)
    frame = frame.assign(**{name: value for name, value in DEFAULTS.items() if name not in frame.columns})
    for name in ("published_low", "published_high"):
        if name not in frame.columns:
            frame = frame.assign(**{name: frame["value"]})
        else:
            frame = frame.assign(**{name: frame[name].astype("Int64").fillna(frame["value"])})
    if cells.empty:
        frame = frame.astype({"cell_id": "str", "breakdown": "str"})
    frame = frame[
        [
            "cell_id",
            "value",
            *(n for n in DEFAULTS if n != "breakdown"),
            "published_low",
            "published_high",
            "breakdown",
        ]
    ]
    _refuse(frame["cell_id"], frame.isna().any(axis=1), "has an empty column")
    for name in _INTEGERS:
        frame[name] = _whole(frame, name)
    for name in _FLAGS:
        frame[name] = frame[name].astype(bool)
    frame["weight"] = frame["weight"].astype(float)
    _check(frame)
    return frame


def _whole(frame: pd.DataFrame, name: str) -> pd.Series:
    numbers = pd.to_numeric(frame[name], errors="coerce")
    _refuse(frame["cell_id"], numbers.isna() | (numbers % 1 != 0), f"has no whole number in {name}")
    return numbers.astype("int64")


def _check(frame: pd.DataFrame) -> None:
    ids = frame["cell_id"]
    value, low, high = frame["value"], frame["lower_bound"], frame["upper_bound"]
    _refuse(ids, ids.duplicated(), "is listed twice")
    _refuse(ids, (value < 0) | (value > LARGEST_VALUE), "has a value that is negative or too large")
    _refuse(ids, (value < low) | (value > high), "has a value outside its own bounds")
    _refuse(
        ids,
        (value < frame["published_low"]) | (value > frame["published_high"]),
        "has a value outside the interval that is published for it",
    )
    _refuse(ids, ~(frame["weight"] > 0) | ~np.isfinite(frame["weight"]), "has no positive weight")
    levels = frame[["lower_protection", "upper_protection", "sliding_protection"]]
    _refuse(ids, (levels < 0).any(axis=1), "has a negative protection level")
    _refuse(ids, frame["is_structural_zero"] & (value != 0), "is said to be zero by structure and is not")
    _refuse(ids, frame["is_hidden"] & frame["is_published_before"], "is said to be both hidden and published")


def _refuse(ids: pd.Series, broken: pd.Series, what: str) -> None:
    if broken.any():
        raise UnsoundCellsError(f"{_named(ids[broken].tolist(), 'Cell')} {what}.")


def _named(ids: Sequence[object], kind: str) -> str:
    more = f" and {len(ids) - 1} more" if len(ids) > 1 else ""
    return f"{kind} {ids[0]}{more}"


@dataclass(frozen=True)
class LinkedCells:
    """Checked cells with the matrix of their relations: ``matrix @ value == 0``.

    Attributes:
        frame: as :func:`complete` returns it.
        matrix: relations by cells, int64, in the order of ``frame``.
    """

    frame: pd.DataFrame
    matrix: sparse.csr_array

    @cached_property
    def _columns(self) -> sparse.csc_array:
        return sparse.csc_array(self.matrix)

    def part(self, places: np.ndarray) -> "LinkedCells":
        """Only the cells at these places and the relations between them; all others count as known."""
        matrix = sparse.csr_array(self._columns[:, places])
        rows = np.flatnonzero(np.diff(matrix.indptr))
        return LinkedCells(self.frame.iloc[places].reset_index(drop=True), matrix[rows])


def suppressible_cells(linked: LinkedCells) -> np.ndarray:
    """Boolean per cell: shown so far, and may still be hidden."""
    frame = linked.frame
    fixed = frame["is_published_before"] | frame["is_structural_zero"] | frame["is_hidden"]
    return ~fixed.to_numpy()


def link(cells: pd.DataFrame, relations: pd.DataFrame) -> LinkedCells:
    """Cells and relations, checked against each other.

    Args:
        cells: see :func:`complete`.
        relations: one row per relation and cell: ``relation_id``, ``cell_id``, ``coefficient`` (integer, not
            zero); the sum of coefficient times value is zero for each relation.

    Raises:
        UnsoundCellsError: see :func:`complete`.
        UnsoundRelationsError: an unknown cell, a cell twice in a relation, a coefficient that is no whole
            number, or a relation that the values do not satisfy.
    """
    frame = complete(cells)
    absent = {"relation_id", "cell_id", "coefficient"} - set(relations.columns)
    if absent:
        raise UnsoundRelationsError(f"Relations lack the column {', '.join(sorted(absent))}.")
    columns = pd.Index(frame["cell_id"]).get_indexer(pd.Index(relations["cell_id"]))
    names = relations["relation_id"]
    _refuse_relation(names, pd.Series(columns < 0, index=relations.index), "names a cell that is not listed")
    coefficient = pd.to_numeric(relations["coefficient"], errors="coerce")
    odd = coefficient.isna() | (coefficient % 1 != 0) | (coefficient == 0)
    _refuse_relation(names, odd, "has a coefficient that is no whole number other than zero")
    _refuse_relation(names, relations.duplicated(["relation_id", "cell_id"]), "names a cell twice")
    rows, labels = pd.factorize(names)
    matrix = sparse.csr_array(
        (coefficient.to_numpy("int64"), (rows, columns)), shape=(len(labels), len(frame)), dtype=np.int64
    )
    broken = np.flatnonzero(matrix @ frame["value"].to_numpy())
    if len(broken):
        raise UnsoundRelationsError(
            f"{_named(labels[broken].tolist(), 'Relation')} does not hold for the values. Parts and totals "
            "must come from the same extract and the same definition."
        )
    return LinkedCells(frame, matrix)


def _refuse_relation(ids: pd.Series, broken: pd.Series, what: str) -> None:
    if broken.any():
        raise UnsoundRelationsError(f"{_named(ids[broken].tolist(), 'Relation')} {what}.")
