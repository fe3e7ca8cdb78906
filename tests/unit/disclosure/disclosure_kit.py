"""Small tables, linked; the attacker who tries every table there is; the test vectors."""

import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from dagster_project.lib.disclosure.cells import LinkedCells, link
from dagster_project.lib.disclosure.tables import link_tables

VECTORS = Path(__file__).parents[2] / "fixtures" / "vectors"
Hierarchy = Sequence[tuple[str, str, str]]


def vectors() -> dict[str, dict[str, Any]]:
    expected = json.loads((VECTORS / "sdc_expected.json").read_text(encoding="utf-8"))
    return {vector["id"]: vector for vector in expected["vectors"]}


def rules() -> dict[str, Any]:
    return json.loads((VECTORS / "sdc_rules_misc.json").read_text(encoding="utf-8"))


def tables(
    cells: pd.DataFrame, dimensions: Sequence[str], hierarchy: Hierarchy, **of_cells: Any
) -> LinkedCells:
    """Cells with codes, linked along ``(dimension, parent, child)``."""
    levels = pd.DataFrame(hierarchy, columns=["dimension", "parent", "child"]).assign(partition="")
    frame, relations = link_tables(cells.assign(**of_cells), dimensions, levels)
    return link(frame, relations)


def two_way(values: Mapping[str, int], hierarchy: Hierarchy, **of_cells: Any) -> LinkedCells:
    """Cells named ``row|column``."""
    cells = pd.DataFrame({"cell_id": list(values), "value": list(values.values())})
    cells[["row", "column"]] = cells["cell_id"].str.split("|", expand=True)
    return tables(cells, ["row", "column"], hierarchy, **of_cells)


def plain_hierarchy(values: Iterable[str]) -> list[tuple[str, str, str]]:
    """Every row and column is a part of ``Total``."""
    codes = [name.split("|") for name in values]
    return [
        (dimension, "Total", code)
        for place, dimension in enumerate(("row", "column"))
        for code in sorted({code[place] for code in codes} - {"Total"})
    ]


def chosen(linked: LinkedCells, names: Iterable[str]) -> np.ndarray:
    """Boolean per cell; every name is a cell."""
    wanted = list(names)
    ids = linked.frame["cell_id"]
    assert set(wanted) <= set(ids), set(wanted) - set(ids)
    return ids.isin(wanted).to_numpy()


def with_primary(linked: LinkedCells, names: Iterable[str], **levels: int) -> LinkedCells:
    """The same cells; exactly these are primary."""
    return LinkedCells(linked.frame.assign(is_primary=chosen(linked, names), **levels), linked.matrix)


def intervals(proof: pd.DataFrame) -> dict[str, list[int]]:
    return {
        name: [int(low), int(high)]
        for name, low, high in zip(proof["cell_id"], proof["lower"], proof["upper"], strict=True)
    }


def cube(inner: np.ndarray) -> LinkedCells:
    """A table of any number of dimensions with all its margins; codes are the places, ``T`` the total."""
    rows = []
    for codes in itertools.product(*([*range(length), "T"] for length in inner.shape)):
        where = tuple(slice(None) if code == "T" else code for code in codes)
        rows.append((*map(str, codes), int(inner[where].sum())))
    names = [f"d{axis}" for axis in range(inner.ndim)]
    hierarchy = [
        (names[axis], "T", str(code)) for axis in range(inner.ndim) for code in range(inner.shape[axis])
    ]
    return tables(pd.DataFrame(rows, columns=[*names, "value"]), names, hierarchy)


@lru_cache
def every_table(shape: tuple[int, ...], total: int) -> np.ndarray:
    """All tables of whole numbers of this shape and sum, with their margins, in the order of :func:`cube`."""
    n = int(np.prod(shape))
    dividers = itertools.combinations(range(total + n - 1), n - 1)
    parts = [np.diff([-1, *divider, total + n - 1]) - 1 for divider in dividers]
    return np.array([cube_values(part.reshape(shape)) for part in parts])


def small_inner(draw: st.DrawFn, shape: tuple[int, ...]) -> np.ndarray:
    """A table of so few persons that all tables of that sum can be listed."""
    size = int(np.prod(shape))
    persons = draw(st.lists(st.integers(0, size - 1), min_size=1, max_size=4 if size > 6 else 6))
    return np.bincount(persons, minlength=size).reshape(shape)


def cube_values(inner: np.ndarray) -> np.ndarray:
    return np.array(
        [
            inner[tuple(slice(None) if code == "T" else code for code in codes)].sum()
            for codes in itertools.product(*([*range(length), "T"] for length in inner.shape))
        ]
    )
