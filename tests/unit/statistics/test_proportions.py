"""Intervals of shares, none and all included."""

import pytest

from dagster_project.lib.statistics.estimates import Reason
from dagster_project.lib.statistics.proportions import agresti_coull, clopper_pearson, wilson

METHODS = {"wilson": wilson, "clopper_pearson": clopper_pearson, "agresti_coull": agresti_coull}


@pytest.mark.parametrize("name", METHODS)
def test_the_vector(vector, name):
    cases = vector("prop_intervals.csv")
    found = METHODS[name](cases["k"], cases["n"])
    assert found[0].reason is Reason.NO_PUPILS
    for case, estimate in zip(cases.iloc[1:].to_dict("records"), found[1:], strict=True):
        # The vector is written with twelve digits.
        limits = (estimate.value, estimate.lower, estimate.upper)
        answers = (case["p"], case[f"{name}_lo"], case[f"{name}_hi"])
        assert limits == pytest.approx(answers, abs=5e-13, rel=5e-12)


@pytest.mark.parametrize("name", ["wilson", "clopper_pearson"])
def test_none_and_all_end_exactly_at_the_ends(name):
    sizes = list(range(1, 200))
    none, everyone = METHODS[name]([0] * len(sizes), sizes), METHODS[name](sizes, sizes)
    assert {found.lower for found in none} == {0}
    assert {found.upper for found in everyone} == {1}
    assert none[8].upper == pytest.approx(1 - everyone[8].lower)


@pytest.mark.parametrize("method", METHODS.values())
def test_a_higher_level_is_wider(method):
    ((narrow,), (wide,)) = (method([7], [20], level) for level in (0.9, 0.99))
    assert wide.lower < narrow.lower < narrow.upper < wide.upper


@pytest.mark.parametrize("method", METHODS.values())
def test_an_unknown_count_is_missing_and_not_zero(method):
    assert [found.reason for found in method([None, 3], [5, None])] == [Reason.MISSING] * 2
    assert method([], []) == ()


@pytest.mark.parametrize("method", METHODS.values())
@pytest.mark.parametrize(("k", "n"), [([6], [5]), ([-1], [5]), ([0], [-1]), ([1, 2], [5])])
def test_impossible_counts_are_refused(method, k, n):
    with pytest.raises(ValueError, match=r"successes|columns"):
        method(k, n)
