"""What rounded shares and means tell, in whole numbers.

A rounded share of a group of known size is the count behind it, and a rounded mean nearly the sum. Both are
therefore audited as counts and sums, with the interval that publication tells. Rounded figures are given in
their own units: 75.0 % with one decimal is 750 of 1000 per whole. Ends of intervals are included, as nobody
knows which way a tie was rounded.
"""

import pandas as pd


def counts_behind_shares(size: pd.Series, share: pd.Series, per_whole: int) -> pd.DataFrame:
    """Counts that a rounded share of ``size`` can stand for.

    Args:
        size: integers >= 0.
        share: rounded share, in units of ``1 / per_whole``.
        per_whole: 100 for whole percent, 1000 for one decimal.

    Returns:
        ``low`` and ``high``, with the index of ``size``.
    """
    return pd.DataFrame(
        {
            "low": _up(size * (2 * share - 1), 2 * per_whole).clip(lower=0),
            "high": _down(size * (2 * share + 1), 2 * per_whole).clip(upper=size),
        }
    )


def sums_behind_means(size: pd.Series, mean: pd.Series, per_one: int) -> pd.DataFrame:
    """Whole sums that a rounded mean over ``size`` can stand for.

    Args:
        size: integers >= 0.
        mean: rounded mean, in units of ``1 / per_one``.
        per_one: 10 for one decimal.

    Returns:
        ``low`` and ``high``, with the index of ``size``.
    """
    return pd.DataFrame(
        {
            "low": _up(size * (2 * mean - 1), 2 * per_one),
            "high": _down(size * (2 * mean + 1), 2 * per_one),
        }
    )


def mean_of_rest(groups: pd.DataFrame, per_one: int) -> pd.DataFrame:
    """The mean of whoever is in the whole and not in the part, from the rounded means of both.

    Args:
        groups: ``size``, ``mean`` of the whole; ``part_size``, ``part_mean`` of the part, smaller than the
            whole. Means in units of ``1 / per_one``.

    Returns:
        ``low`` and ``high`` of the remaining mean, not rounded, with the index of ``groups``.
    """
    rest = 2 * per_one * (groups["size"] - groups["part_size"])
    whole, part = 2 * groups["mean"], 2 * groups["part_mean"]
    return pd.DataFrame(
        {
            "low": (groups["size"] * (whole - 1) - groups["part_size"] * (part + 1)) / rest,
            "high": (groups["size"] * (whole + 1) - groups["part_size"] * (part - 1)) / rest,
        }
    )


def _up(numerator: pd.Series, denominator: int) -> pd.Series:
    return -(-numerator // denominator)


def _down(numerator: pd.Series, denominator: int) -> pd.Series:
    return numerator // denominator
