"""How suppressed shares look. Display hides nothing by itself: which cells are hidden is decided before.

A displayed share is a mark and, where the mark leaves it, a number in its own units.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

TOO_FEW = ".."
NEARLY_ALL = "~100"
SHOWN = ""


def per_mille(count: pd.Series, size: pd.Series) -> pd.Series:
    """Share in tenths of a percent, halves rounded up; missing where there is nobody."""
    whole = size.where(size > 0).astype("Int64")
    return (2000 * count + whole) // (2 * whole)


def marks(reached: pd.Series, size: pd.Series, *, minimum: int, few_missed: int) -> pd.Series:
    """Skolverket's marks: ``..`` below ``minimum``, ``~100`` where 1 to ``few_missed`` did not reach."""
    missed = size - reached
    return pd.Series(
        np.select([size < minimum, missed.between(1, few_missed)], [TOO_FEW, NEARLY_ALL], SHOWN),
        index=size.index,
    )


def marks_of_pairs(first: pd.Series, second: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Marks of two groups that make up a whole: beside ``~100``, the other's share would tell the number."""
    return (
        first.mask((second == NEARLY_ALL) & (first != NEARLY_ALL), TOO_FEW),
        second.mask((first == NEARLY_ALL) & (second != NEARLY_ALL), TOO_FEW),
    )


def coded(size: pd.Series, share: pd.Series, bands: Sequence[Mapping[str, int]]) -> pd.DataFrame:
    """Shares near 0 and 100 % coded by the size of the group.

    Args:
        size: integers >= 0.
        share: tenths of a percent, integers.
        bands: ``minimum`` size and ``margin`` in whole percent, in any order; below the least minimum nothing
            is shown.

    Returns:
        ``mark`` (``..``, ``>=``, ``<=`` or empty) and ``percent`` (whole; missing with ``..``), with the
        index of ``size``.
    """
    ordered = sorted(bands, key=lambda band: -band["minimum"])
    margin = pd.Series(
        np.select([size >= band["minimum"] for band in ordered], [band["margin"] for band in ordered], -1),
        index=size.index,
    )
    percent = (share + 5) // 10
    mark = np.select([margin < 0, percent >= 100 - margin, percent <= margin], [TOO_FEW, ">=", "<="], SHOWN)
    shown = percent.clip(lower=margin, upper=100 - margin).astype("Int64").where(margin >= 0)
    return pd.DataFrame({"mark": mark, "percent": shown}, index=size.index)
