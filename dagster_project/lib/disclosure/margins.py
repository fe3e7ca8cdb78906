"""Figures of the same persons that others publish: what they tell of our cells cannot be taken back.

A rounded figure tells an interval, not a value. The cell may still be hidden or shown; hidden, it is worth
what the interval leaves open, which is nothing where it leaves one value. What others tell, nobody here can
protect. All that can be asked of a release is to add nothing to it: protection levels end with the interval.
"""

from dataclasses import replace

import pandas as pd

from dagster_project.lib.disclosure.cells import DEFAULTS, LinkedCells


def bounded(cells: pd.DataFrame, margins: pd.DataFrame) -> pd.DataFrame:
    """Cells with ``lower_bound`` and ``upper_bound`` no wider than what others tell.

    A margin that is not true of its cell is left for :func:`cells.complete` to refuse: the attacker would be
    taken to know something wrong, and nothing would be proven.

    Args:
        cells: see :func:`cells.complete`.
        margins: ``cell_id``, ``low``, ``high`` (whole numbers, or missing: nothing is told); several rows
            of a cell count together. Cells that are not among ``cells`` are left out.
    """
    told = (
        margins.dropna(subset=["low", "high"])
        .groupby("cell_id")
        .agg(low=("low", "max"), high=("high", "min"))
    )
    low, high = (cells["cell_id"].map(told[end]).astype("Int64") for end in ("low", "high"))
    before = {
        name: cells[name] if name in cells.columns else pd.Series(DEFAULTS[name], index=cells.index)
        for name in ("lower_bound", "upper_bound")
    }
    return cells.assign(
        lower_bound=low.fillna(0).clip(lower=before["lower_bound"]).astype("int64"),
        upper_bound=high.fillna(before["upper_bound"]).clip(upper=before["upper_bound"]).astype("int64"),
    )


def askable(linked: LinkedCells) -> LinkedCells:
    """The cells with protection levels that their own bounds leave room for.

    A primary cell of which its bounds leave one value only is none any more: there is nothing to protect.
    """
    frame = linked.frame
    room = {
        "lower_protection": frame["value"] - frame["lower_bound"],
        "upper_protection": frame["upper_bound"] - frame["value"],
        "sliding_protection": frame["upper_bound"] - frame["lower_bound"],
    }
    levels = {name: frame[name].clip(upper=most) for name, most in room.items()}
    is_primary = frame["is_primary"] & (frame["upper_bound"] > frame["lower_bound"])
    return replace(linked, frame=frame.assign(is_primary=is_primary, **levels))
