"""What can be computed of hidden units from sums over them."""

import numpy as np
import pandas as pd
import pytest

from dagster_project.lib.disclosure.pooled import FIGURE, solved, told

SHARE = "passed_all_subjects_y9__level"


def figures(*rows: tuple[str, str, str], school_year: str = "2024/25") -> pd.DataFrame:
    """Entity, group and hidden units of each figure; one row per unit."""
    return pd.DataFrame(
        [
            ("nation" if entity == "SE" else "municipality", entity, school_year, SHARE, group, unit)
            for entity, group, units in rows
            for unit in units
        ],
        columns=[*FIGURE, "unit_key"],
    )


def found(pooled: pd.DataFrame, shown: pd.DataFrame) -> list[tuple[str, ...]]:
    return told(pooled, shown[FIGURE].drop_duplicates())["unit_keys"].tolist()


@pytest.mark.parametrize(
    ("pooled", "expected"),
    [
        pytest.param(figures(("0380", "all", "a")), [("a",)], id="one hidden unit alone"),
        pytest.param(figures(("0380", "all", "ab")), [("a", "b")], id="two tell each other"),
        pytest.param(figures(("0380", "all", "abc")), [], id="three do not"),
        pytest.param(
            figures(("0380", "all", "abcd"), ("0380", "municipal", "abc")), [("d",)], id="whole less a part"
        ),
        pytest.param(
            figures(("0380", "all", "abcde"), ("0380", "municipal", "abc")), [("d", "e")], id="two are left"
        ),
        pytest.param(
            figures(("SE", "all", "abcdefg"), ("0380", "all", "abc"), ("0180", "all", "def")),
            [("g",)],
            id="nation less its municipalities",
        ),
        pytest.param(
            figures(("0380", "all", "abcdef"), ("0380", "municipal", "abc")), [], id="three are left"
        ),
    ],
)
def test_a_hidden_unit_is_found_where_sums_leave_it_alone(pooled, expected):
    assert found(pooled, pooled) == expected


def test_a_figure_that_is_not_shown_tells_nothing():
    whole, part = figures(("0380", "all", "abcd")), figures(("0380", "municipal", "abc"))
    assert found(pd.concat([whole, part]), whole) == []


def test_years_are_no_equations_for_each_other():
    pooled = pd.concat(
        [
            figures(("0380", "all", "abcd"), school_year="2023/24"),
            figures(("0380", "all", "abc"), school_year="2024/25"),
        ]
    )
    assert found(pooled, pooled) == []


def test_without_hidden_units_nothing_is_found():
    nothing = figures()
    assert told(nothing, nothing).empty


@pytest.mark.parametrize(
    ("sums", "expected"),
    [
        ([[1, 1, 0], [0, 1, 0]], [[0], [1]]),
        ([[1, 1, 1], [0, 0, 1]], [[2], [0, 1]]),
        ([[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]], []),
        ([[1, 1, 0], [0, 1, 1], [1, 0, 1]], [[0], [1], [2]]),
    ],
)
def test_small_systems_are_solved(sums: list[list[int]], expected: list[list[int]]):
    assert solved(np.array(sums, dtype=float)) == expected
