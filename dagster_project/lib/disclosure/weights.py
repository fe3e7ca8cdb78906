"""What is lost when a cell is hidden: totals are dearer than parts, large figures slightly dearer."""

from collections.abc import Mapping

import numpy as np
import pandas as pd


def weights(value: pd.Series, level: pd.Series, of_level: Mapping[str, float]) -> pd.Series:
    """Weight of each cell: that of its level, times ``1 + 0.01 ln(1 + value)``.

    Args:
        value: integers >= 0.
        level: name of the level of each cell, with the same index.
        of_level: weight per level.

    Raises:
        KeyError: a level without a weight.
    """
    unknown = set(level.unique()) - set(of_level)
    if unknown:
        raise KeyError(f"no weight for the level {sorted(unknown)[0]}")
    return level.map(dict(of_level)).astype(float) * (1 + 0.01 * np.log1p(value.astype(float)))
