"""Relations over time, for the vectors: rolling sums, and figures published again after a revision.

The product publishes no rolling sums, and holds revisions of a few persons back (``ind_own_school_years``).
"""

import pandas as pd


def rolling_sums(years: pd.DataFrame, sums: pd.DataFrame, window: int) -> pd.DataFrame:
    """Relations between yearly figures and their sums over ``window`` years.

    Two successive sums tell the difference between the year that entered and the one that left.

    Args:
        years: ``series``, ``year`` (integer), ``cell_id``.
        sums: ``series``, ``year`` (the last one summed), ``cell_id``.
        window: number of years.

    Returns:
        ``relation_id``, ``cell_id``, ``coefficient``, see :func:`cells.link`.
    """
    totals = sums.assign(relation_id="sum " + sums["cell_id"].astype("str"))
    wanted = totals.merge(pd.DataFrame({"back": range(window)}), how="cross")
    wanted["year"] = wanted["year"] - wanted["back"]
    parts = wanted.drop(columns="cell_id").merge(years, on=["series", "year"], how="left")
    columns = ["relation_id", "cell_id", "coefficient"]
    return pd.concat([parts.assign(coefficient=1), totals.assign(coefficient=-1)], ignore_index=True)[columns]


def must_freeze(before: pd.Series, after: pd.Series, smallest: int) -> pd.Series:
    """Whether a revised number of persons must wait for the scheduled revision.

    A change of 1 to ``smallest - 1`` persons would be a figure about just those.
    """
    return (after - before).abs().between(1, smallest - 1)


def revisions(figures: pd.DataFrame, smallest: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Differences between two versions as cells of their own.

    Args:
        figures: ``first_id``, ``first_value``, ``second_id``, ``second_value``: cells of both versions.
        smallest: number of persons from which on a difference may be known.

    Returns:
        Cells (``cell_id``, ``value``, ``is_hidden``, ``is_primary``) of the differences, and their relations
        to the two versions. Figures that did not change differ by a cell of value zero, which is not primary.
    """
    change = figures["second_value"] - figures["first_value"]
    ids = "change " + figures["first_id"].astype("str") + " > " + figures["second_id"].astype("str")
    cells = pd.DataFrame(
        {
            "cell_id": ids,
            "value": change.abs(),
            "is_hidden": True,
            "is_primary": must_freeze(figures["first_value"], figures["second_value"], smallest),
        }
    )
    sides = (
        (figures["second_id"], 1),
        (figures["first_id"], -1),
        (ids, change.lt(0).map({True: 1, False: -1})),
    )
    relations = [
        pd.DataFrame({"relation_id": ids, "cell_id": cell_id, "coefficient": coefficient})
        for cell_id, coefficient in sides
    ]
    return cells, pd.concat(relations, ignore_index=True)
