"""Statistics over cells: they are no sums, and the audit cannot solve them.

Shown to those who see every cell they are made of, they tell nothing new.
"""

import pandas as pd

from dagster_project.lib.disclosure.pooled import FIGURE

_PART = {column: f"part_{column}" for column in FIGURE}


def made_of_unseen(parts: pd.DataFrame, shown: pd.DataFrame) -> pd.DataFrame:
    """Statistics that are shown though something they are made of is not.

    Args:
        parts: table ``ind_own_statistic_parts``, of one audience: the columns :data:`FIGURE` of the
            statistic, and those of a part with the prefix ``part_``; one row per part.
        shown: the columns :data:`FIGURE`, one row per level or statistic that is shown.

    Returns:
        The columns :data:`FIGURE`, one row per statistic.
    """
    of_shown = parts.merge(shown[FIGURE].drop_duplicates(), on=FIGURE)
    seen = shown[FIGURE].drop_duplicates().rename(columns=_PART)
    found = of_shown.merge(seen, on=list(_PART.values()), how="left", indicator=True)
    return found.loc[found["_merge"] == "left_only", FIGURE].drop_duplicates(ignore_index=True)
