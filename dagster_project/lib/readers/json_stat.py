"""JSON-stat 2 data sets, as SCB's and Skolverket's PxWeb answer."""

import math
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from dagster_project.lib.answers import Answer
from dagster_project.lib.errors import HeaderChangedError, TooManyRowsError, TruncatedError
from dagster_project.lib.readers.json_answers import load, require, require_list, require_object, text_of

# Skolverket allows 1.25 million cells in an answer, SCB 150,000.
_MOST_CELLS: Final = 5_000_000


@dataclass(frozen=True)
class Cube:
    """One data set, its cells in row-major order over ``ids`` (the last dimension runs fastest).

    Attributes:
        source: address, for messages.
        ids: dimensions in order.
        codes: dimension -> category codes in order.
        labels: dimension -> category labels in order.
        values: one text per cell: the number as delivered, a symbol where there is only a status, or null.
    """

    source: str
    ids: list[str]
    codes: dict[str, list[str]]
    labels: dict[str, list[str]]
    values: list[str | None]

    def column(self, dimension: str, texts: dict[str, list[str]]) -> pa.Array:
        """The dimension's ``codes`` or ``labels``, one per cell."""
        if dimension not in self.ids:
            # A dimension beside the cube has the same single category for every cell.
            return pa.array(texts[dimension] * len(self.values), pa.string())
        at = self.ids.index(dimension)
        inner = math.prod(len(self.codes[name]) for name in self.ids[at + 1 :])
        outer = math.prod(len(self.codes[name]) for name in self.ids[:at])
        return pa.array([text for text in texts[dimension] for _ in range(inner)] * outer, pa.string())

    def has(self, dimension: str) -> bool:
        """Whether the data set says anything about ``dimension``."""
        return dimension in self.codes

    def demand(self, needed: tuple[str, ...], known: tuple[str, ...]) -> None:
        """Check the dimensions.

        Raises:
            HeaderChangedError: one of ``needed`` is missing, or another than ``known`` splits the figures.
        """
        for dimension in needed:
            if dimension not in self.ids:
                raise _changed(self.source, dimension, "the dimension is missing")
        for dimension in self.ids:
            if dimension not in known and len(self.codes[dimension]) > 1:
                raise _changed(
                    self.source, dimension, "the figures are split by a dimension nothing asks for"
                )


def read_cube(answer: Answer) -> Cube:
    """Read one data set.

    Raises:
        NotThisFileError, TruncatedError, WrongEncodingError: no JSON object, or fewer values than cells.
        HeaderChangedError: a key is missing, or categories do not fit the size.
        TooManyRowsError: more cells than such an interface delivers.
    """
    source = answer.address
    data = load(answer)
    ids = [str(name) for name in require_list(data, "id", source)]
    sizes = require_list(data, "size", source)
    if len(sizes) != len(ids) or not all(isinstance(size, int) and size >= 0 for size in sizes):
        raise _changed(source, "size", "the sizes do not fit the dimensions")
    cells = math.prod(sizes)
    if cells > _MOST_CELLS:
        raise TooManyRowsError(
            source=source,
            rule="too_many_rows",
            message=f"the answer claims more than {_MOST_CELLS} cells",
            remedy="Ask for fewer regions or measures at a time.",
        )
    dimensions = require_object(data, "dimension", source)
    codes, labels = {}, {}
    for name in dict.fromkeys([*ids, *dimensions]):
        codes[name], labels[name] = _categories(require_object(dimensions, name, source), name, source)
        expected = sizes[ids.index(name)] if name in ids else 1
        if len(codes[name]) != expected:
            raise _changed(source, name, "the number of categories does not fit the size")
    return Cube(source, ids, codes, labels, _values(data, cells, source))


def _categories(dimension: dict[str, Any], name: str, source: str) -> tuple[list[str], list[str]]:
    category = require_object(dimension, "category", source)
    labels = category.get("label") or {}
    # `index` is a list of codes, or code -> position; it may be left out where there is one category.
    index = category.get("index") or labels
    if not isinstance(labels, dict) or not isinstance(index, list | dict):
        raise _changed(source, name, "the categories are not given as index and label")
    codes = index if isinstance(index, list) or index is labels else sorted(index, key=index.__getitem__)
    return [str(code) for code in codes], [str(labels.get(code, code)) for code in codes]


def _values(data: dict[str, Any], cells: int, source: str) -> list[str | None]:
    values = _by_position(require(data, "value", source), cells, "value", source)
    status = data.get("status")
    if status is None:
        return values
    symbols = [status] * cells if isinstance(status, str) else _by_position(status, cells, "status", source)
    return [symbol if value is None else value for value, symbol in zip(values, symbols, strict=True)]


def _by_position(given: Any, cells: int, key: str, source: str) -> list[str | None]:
    """One entry per cell, from a full list or from an object position -> entry."""
    if isinstance(given, dict):
        if not all(position.isdecimal() and int(position) < cells for position in given):
            raise _changed(source, key, "a position lies outside the cells")
        return [text_of(given.get(str(position))) for position in range(cells)]
    if not isinstance(given, list):
        raise _changed(source, key, "the key holds neither a list nor an object")
    if len(given) != cells:
        raise TruncatedError(
            source=source,
            rule="cell_count",
            message=f"there are {len(given)} entries in {key!r} for {cells} cells",
            remedy="Fetch the answer again.",
        )
    return [text_of(entry) for entry in given]


def _changed(source: str, column: str, found: str) -> HeaderChangedError:
    return HeaderChangedError(
        source=source,
        rule="header_changed",
        message=found,
        remedy="Compare the answer with the table on the publisher's site; it may have changed.",
        column=column,
    )
