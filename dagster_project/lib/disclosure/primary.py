"""Which counts may not be shown, decided on integers; every threshold comes from the caller.

Each rule takes series of integers with the same index and returns a boolean per row. A missing count breaks
no rule: nothing is shown of it anyway.
"""

import pandas as pd


def too_few(size: pd.Series, minimum: int) -> pd.Series:
    """A figure about ``size`` persons, at least one and fewer than ``minimum``."""
    return _decided((size >= 1) & (size < minimum))


def few(count: pd.Series, maximum: int) -> pd.Series:
    """1 to ``maximum`` persons in a sensitive outcome: did not reach, was absent, left."""
    return _decided((count >= 1) & (count <= maximum))


def tells_of_group(count: pd.Series, size: pd.Series, coalition: int) -> pd.Series:
    """A sensitive outcome that all of a group share, or all but ``coalition`` who could find the others out.

    ``count >= size - coalition``: with no coalition, the outcome of everybody. An outcome that nobody has
    tells of nobody.
    """
    return _decided((count >= 1) & (size - count <= coalition))


def _decided(broken: pd.Series) -> pd.Series:
    return broken.fillna(False).astype(bool)


def protection_levels(
    count: pd.Series, size: pd.Series, *, below: int, above: int, width: int
) -> pd.DataFrame:
    """Protection levels of counts within groups of known size, as far as the size leaves room for them.

    That a count lies between zero and the size of its group is no disclosure; of one pupil among two nobody
    can be kept from knowing that it is at most two.

    Args:
        count, size: integers, ``0 <= count <= size``.
        below, above, width: what is wanted.

    Returns:
        ``lower_protection``, ``upper_protection``, ``sliding_protection``, with the index of ``count``.
    """
    return pd.DataFrame(
        {
            "lower_protection": count.clip(upper=below),
            "upper_protection": (size - count).clip(upper=above),
            "sliding_protection": size.clip(upper=width),
        }
    )


def levels_against_coalition(count: pd.Series, size: pd.Series, coalition: int) -> pd.DataFrame:
    """Protection levels of counts that tell of their group, see :func:`tells_of_group`.

    Whoever attacks must reckon with more persons outside the count than the coalition has members.

    Returns:
        ``lower_protection``, ``upper_protection``, ``sliding_protection``, with the index of ``count``.
    """
    below = (count - size + coalition + 1).clip(lower=0)
    return pd.DataFrame(
        {"lower_protection": below, "upper_protection": 0 * below, "sliding_protection": below}
    )
