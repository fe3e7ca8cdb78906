"""Relations of linked tables, built from the cells' dimension codes and the hierarchies of the dimensions.

Each cell has one code per dimension, the total's code where its table does not break down by the dimension.
A dimension may be divided in several ways (units into areas and into organisers): each is a partition, and
everybody may add up along each of them.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import pandas as pd

from dagster_project.lib.disclosure.cells import DEFAULTS
from dagster_project.lib.disclosure.errors import IncompleteTableError, UnsoundCellsError

_SEPARATOR = "|"


def link_tables(
    cells: pd.DataFrame,
    dimensions: Sequence[str],
    hierarchies: pd.DataFrame,
    *,
    absent: Literal["error", "zero"] = "error",
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cells and relations for :func:`cells.link`.

    Args:
        cells: one row per cell: the dimensions' codes, ``value``, and any further column of
            :func:`cells.complete`. ``cell_id`` is made from the codes when it is not given.
        dimensions: names of the columns with codes.
        hierarchies: one row per parent and child: ``dimension``, ``parent``, ``partition`` (which of several
            ways to divide the parent), ``child``.
        absent: what it means that a total has some of its parts but not all: ``error``, or ``zero`` when the
            tables leave out cells without anybody.

    Returns:
        The cells, with ``cell_id``; cells that no table shows but that everybody can add up from others (a
        municipality's total of which only the areas are shown) are added as hidden ones. The relations:
        ``relation_id``, ``cell_id``, ``coefficient``.

    Raises:
        UnsoundCellsError: a code is missing, or two rows have the same codes.
        IncompleteTableError: a total has only some of its parts.
    """
    names = list(dimensions)
    if cells[names].isna().any(axis=None):
        raise UnsoundCellsError("A cell lacks the code of a dimension; give the total its own code.")
    frame = cells.astype(dict.fromkeys(names, "str")).reset_index(drop=True)
    if frame.duplicated(names).any():
        raise UnsoundCellsError("Two cells have the same codes; add the dimension that tells them apart.")
    if "cell_id" not in frame.columns:
        frame["cell_id"] = _joined(frame, names)
    if "is_hidden" not in frame.columns:
        frame["is_hidden"] = False
    levels = hierarchies.astype({"parent": "str", "child": "str", "partition": "str"})
    levels["children"] = levels.groupby(["dimension", "parent", "partition"])["child"].transform("size")
    while True:
        parts = pd.concat([_parts(frame, names, name, levels) for name in names], ignore_index=True)
        absentees: list[pd.DataFrame] = [_absent_totals(parts, names)]
        absentees += _absent_parts(frame, parts, names, levels, absent)
        added = pd.concat(absentees, ignore_index=True).drop_duplicates(names)
        if added.empty:
            return frame, _relations(parts)
        added["cell_id"] = _joined(added, names)
        frame = pd.concat([frame, added.assign(**_defaults_for(frame, added))], ignore_index=True)


def _joined(frame: pd.DataFrame, names: list[str]) -> pd.Series:
    codes = frame[names].astype("str")
    first, rest = codes[names[0]], codes[names[1:]]
    return first.str.cat(rest, sep=_SEPARATOR) if len(names) > 1 else first


def _parts(frame: pd.DataFrame, names: list[str], dimension: str, hierarchies: pd.DataFrame) -> pd.DataFrame:
    """Parts of totals along one dimension: one row per part that is there, with its total if that is there.

    The dimension's own column holds the total's code, so that the codes name the total.
    """
    levels = hierarchies[hierarchies["dimension"] == dimension]
    totals = frame[[*names, "cell_id"]].rename(columns={"cell_id": "total_id"})
    parts = (
        frame[[*names, "cell_id", "value"]]
        .rename(columns={dimension: "child"})
        .merge(levels, on="child")
        .rename(columns={"parent": dimension})
        .merge(totals, on=names, how="left")
    )
    parts["sum_id"] = _joined(parts, ["dimension", *names, "partition"])
    parts["present"] = parts.groupby("sum_id")["cell_id"].transform("size")
    return parts


def _absent_totals(parts: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Totals that no table shows although all their parts are there."""
    known = parts[parts["total_id"].isna() & (parts["present"] == parts["children"])]
    sums = known.groupby(["sum_id", *names])["value"].sum().reset_index()
    return sums.drop(columns="sum_id").assign(is_hidden=True)


def _absent_parts(
    frame: pd.DataFrame, parts: pd.DataFrame, names: list[str], levels: pd.DataFrame, absent: str
) -> Iterator[pd.DataFrame]:
    """Cells without anybody that the tables leave out."""
    short = parts[parts["total_id"].notna() & (parts["present"] < parts["children"])]
    if short.empty:
        return
    if absent == "error":
        raise IncompleteTableError(
            f"{short['total_id'].nunique()} totals have only some of their parts, cell "
            f"{short['total_id'].iloc[0]} among them. Add the other parts, or say that absent means zero."
        )
    for name in names:
        sums = short[short["dimension"] == name].drop_duplicates("sum_id")
        expected = (
            sums[[*names, "dimension", "partition"]]
            .rename(columns={name: "parent"})
            .merge(levels, on=["dimension", "parent", "partition"])
            .rename(columns={"child": name})[names]
        )
        found = expected.merge(frame[names], on=names, how="left", indicator=True)
        yield found.loc[found["_merge"] == "left_only", names].assign(value=0, is_hidden=False)


def _defaults_for(frame: pd.DataFrame, added: pd.DataFrame) -> dict[str, Any]:
    given = set(frame.columns) - set(added.columns)
    return {name: value for name, value in DEFAULTS.items() if name in given} | {
        name: added["value"] for name in ("published_low", "published_high") if name in given
    }


def _relations(parts: pd.DataFrame) -> pd.DataFrame:
    summed = parts[parts["total_id"].notna()]
    totals = summed.drop_duplicates("sum_id")
    return pd.DataFrame(
        {
            "relation_id": pd.concat([summed["sum_id"], totals["sum_id"]]),
            "cell_id": pd.concat([summed["cell_id"], totals["total_id"]]),
            "coefficient": [1] * len(summed) + [-1] * len(totals),
        }
    ).reset_index(drop=True)
