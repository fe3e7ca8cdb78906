"""Gaps between two groups, with intervals, and not for small groups."""

import numpy as np
import pytest
from scipy import stats

from dagster_project.lib.statistics.estimates import Reason
from dagster_project.lib.statistics.gaps import (
    GroupMean,
    agresti_caffo,
    newcombe,
    standardised_difference,
    welch,
)

OF_SHARES = {"newcombe": newcombe, "agresti_caffo": agresti_caffo}


@pytest.mark.parametrize("name", OF_SHARES)
def test_the_vector(vector, name):
    gaps = vector("prop_gaps.json")["gaps"]
    assert len(gaps) == 5
    for gap in gaps:
        found = OF_SHARES[name](gap["k1"], gap["n1"], gap["k2"], gap["n2"], minimum=1)
        assert found.value == pytest.approx(gap["diff"], rel=1e-12)
        assert [found.lower, found.upper] == pytest.approx(gap[name], rel=1e-12)


@pytest.mark.parametrize("method", OF_SHARES.values())
def test_swapping_the_groups_turns_the_sign(method):
    one, other = method(40, 50, 30, 55), method(30, 55, 40, 50)
    assert (one.value, one.lower, one.upper) == pytest.approx((-other.value, -other.upper, -other.lower))


@pytest.mark.parametrize("method", OF_SHARES.values())
def test_small_groups_have_no_gap(method):
    assert method(9, 9, 20, 30).reason is Reason.FEW_PUPILS
    assert method(20, 30, 9, 9).reason is Reason.FEW_PUPILS
    assert method(0, 0, 20, 30, minimum=0).reason is Reason.NO_PUPILS
    assert method(10, 10, 20, 30).value is not None
    with pytest.raises(ValueError, match="successes"):
        method(31, 30, 3, 30)


@pytest.mark.parametrize("method", OF_SHARES.values())
def test_all_against_none_stays_a_difference_of_shares(method):
    found = method(10, 10, 0, 10)
    assert found.value == 1
    assert 0 < found.lower < found.upper <= 1


class TestMeans:
    SCORES = tuple(
        np.random.default_rng(3).normal(mean, sd, n) for mean, sd, n in ((220, 50, 25), (205, 30, 14))
    )

    @pytest.fixture
    def groups(self) -> tuple[GroupMean, GroupMean]:
        one, two = (
            GroupMean(len(scores), float(scores.mean()), float(scores.std(ddof=1))) for scores in self.SCORES
        )
        return one, two

    def test_welch_is_scipy_s(self, groups):
        interval = stats.ttest_ind(*self.SCORES, equal_var=False).confidence_interval()
        found = welch(*groups)
        assert found.value == pytest.approx(self.SCORES[0].mean() - self.SCORES[1].mean())
        assert (found.lower, found.upper) == pytest.approx((interval.low, interval.high), rel=1e-12)

    def test_the_standardised_difference_is_over_the_pooled_deviation(self, groups):
        pooled = np.sqrt(sum(((s - s.mean()) ** 2).sum() for s in self.SCORES) / (25 + 14 - 2))
        found = standardised_difference(*groups).value
        assert found == pytest.approx((self.SCORES[0].mean() - self.SCORES[1].mean()) / pooled, rel=1e-12)

    @pytest.mark.parametrize("method", [welch, standardised_difference])
    @pytest.mark.parametrize(
        ("two", "reason"),
        [
            (GroupMean(9, 200.0, 40.0), Reason.FEW_PUPILS),
            (GroupMean(20, None, 40.0), Reason.MISSING),
            (GroupMean(20, 200.0, None), Reason.MISSING),
        ],
    )
    def test_small_groups_and_unknown_figures_have_a_reason(self, groups, method, two, reason):
        assert method(groups[0], two).reason is reason
        assert method(two, groups[0]).reason is reason

    def test_one_pupil_is_never_enough(self):
        single = GroupMean(1, 200.0, None)
        assert welch(single, single, minimum=1).reason is Reason.FEW_PUPILS

    def test_pupils_all_alike(self):
        one, two = GroupMean(10, 5.0, 0.0), GroupMean(12, 4.0, 0.0)
        found = welch(one, two)
        assert (found.lower, found.value, found.upper) == (1, 1, 1)
        assert standardised_difference(one, two).reason is Reason.NO_VARIATION
