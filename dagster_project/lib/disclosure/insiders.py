"""Attackers who know more than what is published: their own record.

An insider is one or more rows of ``insider_id``, ``cell_id``, ``known_low``, ``known_high`` (whole numbers;
``known_high`` may be missing: no upper limit known).
"""

import pandas as pd


def alone_in(cells: pd.DataFrame) -> pd.DataFrame:
    """Insiders who are the only contributor to an amount, and therefore know it.

    Args:
        cells: ``cell_id``, ``value``, ``contributors`` (number of persons or recipients behind the amount).
    """
    alone = cells[cells["contributors"] == 1]
    return pd.DataFrame(
        {
            "insider_id": "alone in " + alone["cell_id"].astype("str"),
            "cell_id": alone["cell_id"],
            "known_low": alone["value"],
            "known_high": alone["value"],
        }
    ).reset_index(drop=True)


def counted_in(cells: pd.DataFrame) -> pd.DataFrame:
    """Insiders who know that they themselves are counted in a cell, so that it is at least one.

    Args:
        cells: ``cell_id``, ``value`` (a number of persons).
    """
    inside = cells[cells["value"] >= 1]
    return pd.DataFrame(
        {
            "insider_id": "counted in " + inside["cell_id"].astype("str"),
            "cell_id": inside["cell_id"],
            "known_low": 1,
            "known_high": pd.array([pd.NA] * len(inside), dtype="Int64"),
        }
    ).reset_index(drop=True)
