"""Primary rules and what roundings tell, at their edges."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dagster_project.lib.disclosure import display, magnitude, primary, rounding


def test_too_few_persons():
    assert primary.too_few(pd.Series([0, 1, 9, 10]), 10).tolist() == [False, True, True, False]


def test_few_in_a_sensitive_outcome():
    assert primary.few(pd.Series([0, 1, 4, 5]), 4).tolist() == [False, True, True, False]


def test_a_missing_count_breaks_no_rule():
    missing = pd.Series([None], dtype="Int64")
    assert primary.few(missing, 4).tolist() == primary.too_few(missing, 10).tolist() == [False]
    assert primary.tells_of_group(missing, missing, 1).tolist() == [False]


@pytest.mark.parametrize(
    ("count", "size", "coalition", "tells"),
    [
        (12, 12, 0, True),  # all failed
        (11, 12, 0, False),
        (11, 12, 1, True),  # the one who did not knows it of all others
        (0, 12, 0, False),  # nobody failed
        (0, 1, 1, False),
        (1, 1, 0, True),
    ],
)
def test_an_outcome_tells_of_its_group(count: int, size: int, coalition: int, tells: bool):
    assert primary.tells_of_group(pd.Series([count]), pd.Series([size]), coalition).tolist() == [tells]


def test_levels_against_a_coalition_lead_out_of_what_tells():
    count, size = pd.Series([12, 11, 9]), pd.Series([12, 12, 12])
    levels = primary.levels_against_coalition(count, size, 1)
    assert levels["lower_protection"].tolist() == [2, 1, 0]
    lowered = count - levels["lower_protection"]
    assert not primary.tells_of_group(lowered, size, 1).any()


def test_protection_levels_end_where_the_size_of_the_group_does():
    levels = primary.protection_levels(
        pd.Series([1, 3, 0, 2]), pd.Series([40, 3, 1, 2]), below=1, above=1, width=4
    )
    assert levels.values.tolist() == [[1, 1, 4], [1, 0, 3], [0, 1, 1], [1, 0, 2]]


def test_amounts_of_several_cells_are_judged_each_on_its_own():
    contributions = pd.DataFrame(
        {"cell_id": ["a", "b", "a", "b", "b"], "contribution": [500, 100, 500, 90, 80]}
    )
    found = magnitude.p_percent(contributions, 10).set_index("cell_id")
    assert found["value"].to_dict() == {"a": 1000, "b": 270}
    assert found["is_primary"].to_dict() == {"a": True, "b": False}
    assert found["upper_protection"].to_dict() == {"a": 50, "b": 0}


def test_the_p_percent_rule_is_kept_at_its_edge():
    edge = pd.DataFrame({"cell_id": "c", "contribution": [100, 50, 10]})
    assert not magnitude.p_percent(edge, 10)["is_primary"][0]
    inside = pd.DataFrame({"cell_id": "c", "contribution": [101, 50, 10]})
    found = magnitude.p_percent(inside, 10)
    # A tenth of a krona too much is rounded up to a whole one.
    assert found["is_primary"][0] and found["upper_protection"][0] == 1


def test_dominance_of_the_two_largest():
    contributions = pd.DataFrame({"cell_id": "c", "contribution": [40, 45, 15]})
    assert not magnitude.dominance(contributions, largest=2, percent=85)["is_primary"][0]
    assert magnitude.dominance(contributions, largest=2, percent=84)["is_primary"][0]


@given(st.integers(1, 400), st.data(), st.sampled_from([100, 1000]))
def test_the_true_count_is_always_among_those_a_share_can_stand_for(size, data, per_whole):
    count = data.draw(st.integers(0, size))
    for share in {
        (2 * per_whole * count + size) // (2 * size),
        -((-2 * per_whole * count + size) // (2 * size)),
    }:
        found = rounding.counts_behind_shares(pd.Series([size]), pd.Series([share]), per_whole).iloc[0]
        assert found["low"] <= count <= found["high"]
        assert found["low"] >= 0 and found["high"] <= size


@given(st.lists(st.integers(0, 340), min_size=1, max_size=30))
def test_the_true_sum_is_always_among_those_a_mean_can_stand_for(points):
    size, total = len(points), sum(points)
    mean = (20 * total + size) // (2 * size)
    found = rounding.sums_behind_means(pd.Series([size]), pd.Series([mean]), 10).iloc[0]
    assert found["low"] <= total <= found["high"]


def test_shares_are_rounded_from_whole_numbers():
    assert display.per_mille(pd.Series([1, 2, 5, 0]), pd.Series([3, 3, 8, 4])).tolist() == [333, 667, 625, 0]
    # Half a tenth goes up: 1/16 is 6.25 %.
    assert display.per_mille(pd.Series([1]), pd.Series([16])).tolist() == [63]
    assert display.per_mille(pd.Series([0]), pd.Series([0])).isna().all()


def test_two_groups_of_which_both_nearly_all_reached_keep_their_marks():
    both = pd.Series(["~100"])
    first, second = display.marks_of_pairs(both, both)
    assert (first[0], second[0]) == ("~100", "~100")
