"""Intraclass correlation from each unit's number of pupils, mean and squares."""

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

from dagster_project.lib.statistics.estimates import Reason
from dagster_project.lib.statistics.variance import UnitSums, anova_icc, reml, reml_adjusted

OPTIMISED = 1e-4


def sums_of(pupils: pd.DataFrame) -> UnitSums:
    units = pupils.groupby("unit")["y"]
    return UnitSums.of(units.size(), units.mean(), units.var(ddof=0) * units.size())


@pytest.fixture
def sums(vector) -> UnitSums:
    return sums_of(vector("icc_handmade.csv"))


def test_anova_with_its_interval_from_sums_alone(sums, vector):
    answers = vector("icc_expected.json")["handmade"]["anova"]
    found = anova_icc(sums)
    assert found.value == pytest.approx(answers["icc_anova"], rel=1e-12)
    assert [found.lower, found.upper] == pytest.approx(answers["ci95_F_n0"], rel=1e-9)
    # The sums hold all that the F test needs.
    ratio = sums.squares_between / 7 / (sums.all_squares_within / 109)
    assert (ratio, stats.f.sf(ratio, 7, 109)) == pytest.approx((answers["F"], answers["p"]), rel=1e-12)


def test_reml_is_that_of_lme4(sums, vector):
    answers, found = vector("icc_expected.json")["handmade"]["lme4"]["REML"], reml(sums)
    assert found.icc.value == pytest.approx(answers["icc"], rel=1e-6)
    assert found.between == pytest.approx(answers["between"], rel=1e-6)
    assert found.within == pytest.approx(answers["within"], rel=1e-6)
    assert found.mean == pytest.approx(answers["intercept"], rel=1e-6)


def test_reml_is_that_of_statsmodels(sums, vector):
    answers, found = vector("icc_expected.json")["handmade"]["statsmodels_REML"], reml(sums)
    assert found.icc.value == pytest.approx(answers["icc"], rel=OPTIMISED)
    assert found.between == pytest.approx(answers["between"], rel=OPTIMISED)
    assert found.within == pytest.approx(answers["within"], rel=OPTIMISED)
    assert found.mean == pytest.approx(answers["intercept"], rel=OPTIMISED)


def test_equal_units_have_the_same_reml_and_anova():
    # In a balanced design both have the same closed form, when it is not negative.
    generator = np.random.default_rng(7)
    scores = generator.normal(generator.normal(0, 8, 12)[:, None], 20, (12, 25))
    pupils = pd.DataFrame({"unit": np.repeat(np.arange(12), 25), "y": scores.ravel()})
    sums = sums_of(pupils)
    assert reml(sums).icc.value == pytest.approx(anova_icc(sums).value, rel=1e-6)


def test_the_scale_of_results_does_not_matter(sums):
    thousandfold = UnitSums.of(sums.pupils, 1000 * sums.mean + 5, 1e6 * sums.squares_within)
    assert reml(thousandfold).icc.value == pytest.approx(reml(sums).icc.value, rel=1e-6)


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ("one_school", Reason.ONE_UNIT),
        ("all_singletons", Reason.ONE_PUPIL_PER_UNIT),
        ("zero_variance", Reason.NO_VARIATION),
    ],
)
def test_undefined_has_a_reason(vector, case, reason):
    rows = vector("icc_expected.json")["edge_cases"][case]["input"]
    sums = sums_of(pd.DataFrame(rows, columns=["unit", "y"]))
    for found in (anova_icc(sums), reml(sums).icc):
        assert (found.value, found.reason) == (None, reason)


def test_no_units_and_means_apart_by_rounding_only():
    assert reml(UnitSums.of([], [], [])).icc.reason is Reason.NO_PUPILS
    rounded = UnitSums.of([3, 7], [0.1, 0.1 + 3e-17], [0, 0])
    assert reml(rounded).icc.reason is anova_icc(rounded).reason is Reason.NO_VARIATION


def test_a_negative_anova_is_kept_and_reml_stops_at_zero(vector):
    case = vector("icc_expected.json")["edge_cases"]["negative_anova"]
    sums = sums_of(pd.DataFrame(case["input"], columns=["unit", "y"]))
    assert anova_icc(sums).value == pytest.approx(case["icc_anova"], rel=1e-12)
    found = reml(sums)
    assert (found.icc.value, found.between) == (case["icc_anova_truncated"], 0)
    assert found.within == pytest.approx(100 / 3, rel=1e-12)


def test_pupils_alike_within_their_units_lie_between_them_wholly():
    sums = UnitSums.of([5, 9], [10, 20], [0, 0])
    assert anova_icc(sums).value == reml(sums).icc.value == 1


@pytest.mark.parametrize(
    "columns",
    [([0], [1], [1]), ([3], [1], [-1]), ([3], [None], [1]), ([3, 4], [1], [1])],
)
def test_impossible_sums_are_refused(columns):
    with pytest.raises(ValueError, match=r"unit|columns"):
        UnitSums.of(*columns)


class TestAfterBackground:
    """Against the mixed model written out in full: covariances of all pupils, and another optimiser."""

    @pytest.fixture
    def pupils(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        rng = np.random.default_rng(11)
        unit = rng.integers(0, 8, 160)
        background = (rng.random(160) < 0.2 + 0.08 * unit).astype(float)
        result = 200 + 30 * background + rng.normal(0, 12, 8)[unit] + rng.normal(0, 30, 160)
        return unit, result, background

    @staticmethod
    def dense(unit: np.ndarray, result: np.ndarray, *background: np.ndarray) -> tuple[float, float]:
        design = np.column_stack([np.ones_like(result), *background])
        together = (unit[:, None] == unit[None, :]).astype(float)

        def deviance(logs: np.ndarray) -> float:
            covariance = np.exp(logs[0]) * together + np.exp(logs[1]) * np.eye(len(result))
            inverse = np.linalg.inv(covariance)
            information = design.T @ inverse @ design
            left = result - design @ np.linalg.solve(information, design.T @ inverse @ result)
            return (
                np.linalg.slogdet(covariance)[1] + np.linalg.slogdet(information)[1] + left @ inverse @ left
            )

        found = optimize.minimize(deviance, np.log([100.0, 900.0]), method="Nelder-Mead")
        return tuple(np.exp(found.x))

    def test_the_components_are_those_of_the_full_model(self, pupils):
        unit, result, background = pupils
        found = reml_adjusted(unit, result, background)
        between, within = self.dense(unit, result, background)
        raw, _ = self.dense(unit, result)
        assert found.between == pytest.approx(between, rel=1e-3)
        assert found.within == pytest.approx(within, rel=1e-3)
        assert found.icc.value == pytest.approx(between / (between + within), rel=1e-3)
        assert found.explained.value == pytest.approx(1 - between / raw, rel=1e-2)

    def test_without_background_it_is_the_model_of_unit_sums(self, pupils):
        unit, result, _ = pupils
        groups = [result[unit == one] for one in range(8)]
        sums = UnitSums.of(
            [len(y) for y in groups],
            [y.mean() for y in groups],
            [((y - y.mean()) ** 2).sum() for y in groups],
        )
        found, of_sums = reml_adjusted(unit, result, np.ones(160)), reml(sums)
        assert found.icc.value == pytest.approx(of_sums.icc.value, rel=1e-6)
        assert found.explained.value == pytest.approx(0, abs=1e-9)

    def test_background_that_follows_from_other_background_is_said(self, pupils):
        unit, result, background = pupils
        assert reml_adjusted(unit, result, background, 1 - background).icc.reason is Reason.COLLINEAR

    @pytest.mark.parametrize(
        ("unit", "result", "reason"),
        [
            ([], [], Reason.NO_PUPILS),
            ([1, 1], [5.0, 6.0], Reason.ONE_UNIT),
            ([1, 2], [5.0, 6.0], Reason.ONE_PUPIL_PER_UNIT),
            ([1, 1, 2, 2], [5.0] * 4, Reason.NO_VARIATION),
        ],
    )
    def test_what_says_nothing_is_undefined(self, unit, result, reason):
        found = reml_adjusted(unit, result)
        assert (found.icc.reason, found.between, found.explained.reason) == (reason, None, reason)

    def test_where_units_do_not_differ_there_is_nothing_to_explain(self):
        found = reml_adjusted([1, 1, 2, 2, 3, 3], [0.0, 10, 0, 10, 0, 10], [0, 1, 1, 0, 0, 0])
        assert found.explained.reason is Reason.NO_VARIATION

    def test_an_unknown_background_is_refused(self):
        with pytest.raises(ValueError, match="known background"):
            reml_adjusted([1, 1, 2, 2], [1.0, 2, 3, 4], [0, 1, None, 1])
