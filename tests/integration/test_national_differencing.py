"""What readers can compute of units that an agency hid, from everything that is pooled from units."""

from collections import defaultdict

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from scipy.linalg import null_space

_POOLED = """
    select levels.entity_key, levels.group_id, levels.school_year, indicators.measure_id, levels.suppression
    from build.indicators.ind_levels as levels
    inner join build.seeds.ref_indicators as indicators
        on levels.indicator_id = indicators.indicator_id
    where indicators.base_from = 'units' and levels.value is not null
"""
_HIDDEN = """
    select unit_key, municipality_code, group_id, school_year, measure_id, base_count
    from build.indicators.ind_unit_group_figures
    where suppression is not null and value is not null and base_count > 0
"""


def told_apart(shown: npt.NDArray[np.float64]) -> list[list[int]]:
    """Hidden units (columns) of which readers can compute one, or the sum of two, from what is shown (rows).

    What solves to nothing in every solution of ``shown @ x = 0`` is known; two that always go together are
    known together.
    """
    free = null_space(shown / shown.max(axis=1, keepdims=True))
    length = np.linalg.norm(free, axis=1)
    together: dict[tuple[float, ...], list[int]] = defaultdict(list)
    for unit in np.flatnonzero(length > 1e-9):
        direction = free[unit] / length[unit]
        sign = np.sign(direction[np.argmax(np.abs(direction) > 1e-6)])
        together[tuple(np.round(sign * direction, 6) + 0.0)].append(int(unit))
    return [
        *([int(unit)] for unit in np.flatnonzero(length <= 1e-9)),
        *(units for units in together.values() if len(units) == 2),
    ]


def disclosed(pooled: pd.DataFrame, hidden: pd.DataFrame) -> list[list[str]]:
    """Units of which readers can compute the figure of one, or of two together."""
    found: list[list[str]] = []
    for (measure_id, school_year), units in hidden.groupby(["measure_id", "school_year"]):
        place = {unit: number for number, unit in enumerate(units["unit_key"].unique())}
        rows = []
        of_measure = (pooled["measure_id"] == measure_id) & (pooled["school_year"] == school_year)
        for row in pooled[of_measure].itertuples():
            in_row = units[units["group_id"] == row.group_id]
            if row.entity_key != "SE":
                in_row = in_row[in_row["municipality_code"] == row.entity_key]
            weights = np.zeros(len(place))
            weights[[place[unit] for unit in in_row["unit_key"]]] = in_row["base_count"].astype(float)
            if weights.any():
                rows.append(weights)
        if not rows:
            continue
        names = list(place)
        shown = np.array(rows)
        seen = np.flatnonzero(shown.any(axis=0))
        found += [[names[seen[unit]] for unit in units_told] for units_told in told_apart(shown[:, seen])]
    return found


@pytest.fixture(scope="module")
def tables(release) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What is pooled from units, shown or not; and the units that are hidden in it."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{release.warehouse}' as build (read_only)")
        return connection.sql(_POOLED).df(), connection.sql(_HIDDEN).df()


def test_no_hidden_unit_and_no_two_can_be_computed_from_what_is_pooled(tables):
    pooled, hidden = tables
    assert len(hidden) > 100
    assert disclosed(pooled[pooled["suppression"].isna()], hidden) == []


def test_they_could_if_everything_were_shown(tables):
    pooled, hidden = tables
    assert len(disclosed(pooled, hidden)) > 100


@pytest.mark.parametrize(
    ("shown", "known"),
    [
        ([[1, 1, 0], [0, 1, 0]], [[0], [1]]),
        ([[1, 1, 1], [0, 0, 1]], [[2], [0, 1]]),
        ([[1, 1, 1]], []),
        ([[2, 3, 0, 0, 0], [2, 3, 1, 1, 4]], [[0, 1]]),
    ],
)
def test_the_attacker_solves_small_systems(shown: list[list[int]], known: list[list[int]]):
    assert sorted(told_apart(np.array(shown, dtype=float))) == sorted(known)
