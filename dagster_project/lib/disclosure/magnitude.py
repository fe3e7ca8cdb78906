"""Which amounts may not be shown: too much of them comes from one or two contributors.

Contributions are whole units (kronor), one row per contributor and cell. Rules compare integers; protection
levels are rounded up, so that they never protect less than the rule asks for.
"""

import pandas as pd


def p_percent(contributions: pd.DataFrame, percent: int) -> pd.DataFrame:
    """The p % rule: the second largest could estimate the largest to within ``percent`` %.

    Unsafe when ``percent / 100 * x1 - (total - x1 - x2) > 0``, with ``x1 >= x2`` the two largest.

    Args:
        contributions: ``cell_id``, ``contribution`` (integer >= 0).
        percent: whole percent.

    Returns:
        One row per cell, by ``cell_id``: ``value`` (the total), ``contributors``, ``is_primary``,
        ``lower_protection`` and ``upper_protection`` (both the left-hand side, rounded up; 0 when safe).
    """
    cells = _totals(contributions)
    largest, two = _largest(contributions, 1), _largest(contributions, 2)
    return _judged(cells, percent * largest - 100 * (cells["value"] - two), 100)


def dominance(contributions: pd.DataFrame, *, largest: int, percent: int) -> pd.DataFrame:
    """The (n, k) rule: the ``largest`` contributors have more than ``percent`` % of the total.

    Args and return as :func:`p_percent`; the protection level lifts the total to where the rule is kept.
    """
    cells = _totals(contributions)
    return _judged(cells, 100 * _largest(contributions, largest) - percent * cells["value"], percent)


def _totals(contributions: pd.DataFrame) -> pd.DataFrame:
    by_cell = contributions.groupby("cell_id", sort=True)["contribution"]
    return pd.DataFrame({"value": by_cell.sum(), "contributors": by_cell.size()})


def _largest(contributions: pd.DataFrame, number: int) -> pd.Series:
    order = contributions.sort_values(["cell_id", "contribution"], ascending=[True, False])
    return (
        order.groupby("cell_id", sort=True).head(number).groupby("cell_id", sort=True)["contribution"].sum()
    )


def _judged(cells: pd.DataFrame, excess: pd.Series, divisor: int) -> pd.DataFrame:
    # -(-a // b) rounds up.
    level = (-(-excess // divisor)).clip(lower=0)
    judged = cells.assign(is_primary=excess > 0, lower_protection=level, upper_protection=level)
    return judged.reset_index()
