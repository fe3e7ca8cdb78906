"""A statistic may be shown to those who see all it is made of."""

import pandas as pd

from dagster_project.lib.disclosure.pooled import FIGURE
from dagster_project.lib.disclosure.statistics import made_of_unseen

D = ("municipality", "9999", "2024/25", "own_segregation__d", "all")
A = ("unit", "a", "2024/25", "own_newly__level", "all")
B = ("unit", "b", "2024/25", "own_newly__level", "all")
PARTS = pd.DataFrame([D + A, D + B], columns=[*FIGURE, *(f"part_{column}" for column in FIGURE)])


def unseen(*shown: tuple[str, ...]) -> list[tuple[str, ...]]:
    found = made_of_unseen(PARTS, pd.DataFrame(shown, columns=FIGURE))
    return list(found.itertuples(index=False, name=None))


def test_a_statistic_of_shown_units_tells_nothing_new():
    assert unseen(D, A, B) == []


def test_one_hidden_unit_is_enough_to_find_it():
    assert unseen(D, A) == [D]


def test_what_is_not_shown_itself_needs_no_parts():
    assert unseen(A) == []


def test_a_part_seen_in_another_table_of_the_same_reader_is_seen():
    assert unseen(D, A, A, B) == []
