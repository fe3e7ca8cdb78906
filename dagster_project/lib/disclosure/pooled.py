"""What readers can compute of hidden units from figures that are pooled from units.

A pooled figure is a sum over units. Readers subtract the units they see, and several figures (of all
organisers, of one kind, of a municipality and of the nation) are as many equations in those they do not see.
"""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.linalg import null_space

FIGURE = ["entity_type", "entity_key", "school_year", "indicator_id", "group_id"]
# A figure of two units tells each of the two the other's.
_LARGEST_TOLD = 2
_ZERO = 1e-9


def told(pooled: pd.DataFrame, shown: pd.DataFrame) -> pd.DataFrame:
    """Hidden units of which the figure of one, or of two together, can be computed.

    Args:
        pooled: table ``ind_disclosure_pooled``: the columns :data:`FIGURE` and ``unit_key``, one row per
            hidden unit in a pooled figure.
        shown: the columns :data:`FIGURE`, one row per figure that is shown.

    Returns:
        ``indicator_id``, ``school_year``, ``unit_keys`` (a tuple of one or two), one row per finding.
    """
    seen = pooled.merge(shown[FIGURE], on=FIGURE)
    found = [
        (indicator_id, school_year, tuple(units))
        for (indicator_id, school_year), of_year in seen.groupby(["indicator_id", "school_year"], sort=True)
        for units in _told_units(of_year)
    ]
    return pd.DataFrame(found, columns=["indicator_id", "school_year", "unit_keys"])


def _told_units(figures: pd.DataFrame) -> Iterator[list[str]]:
    row = figures.groupby(["entity_type", "entity_key", "group_id"]).ngroup()
    unit, unit_keys = pd.factorize(figures["unit_key"], sort=True)
    sums = np.zeros((row.max() + 1, len(unit_keys)))
    sums[row, unit] = 1
    # Units that are in the same figures cannot be told from each other: only their sum can be known.
    alike, place, size = np.unique(sums, axis=1, return_inverse=True, return_counts=True)
    for together in solved(alike):
        if size[together].sum() <= _LARGEST_TOLD:
            yield [str(key) for key in unit_keys[np.isin(place, together)]]


def solved(sums: npt.NDArray[np.float64]) -> list[list[int]]:
    """Unknowns (columns) that are solved, each alone or two with each other, by sums over them (rows).

    What is zero in every solution of ``sums @ x = 0`` is known; two that always move together are known
    together.
    """
    free = null_space(sums)
    length = np.linalg.norm(free, axis=1)
    known = [[int(column)] for column in np.flatnonzero(length <= _ZERO)]
    directions: dict[tuple[float, ...], list[int]] = defaultdict(list)
    for column in np.flatnonzero(length > _ZERO):
        direction = free[column] / length[column]
        sign = np.sign(direction[np.argmax(np.abs(direction) > _ZERO)])
        # Adding zero makes a negative zero the same as a positive one.
        directions[tuple(np.round(sign * direction, 6) + 0.0)].append(int(column))
    return known + [columns for columns in directions.values() if len(columns) == _LARGEST_TOLD]
