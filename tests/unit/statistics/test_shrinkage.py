"""Small units are drawn towards units like them, and by how much is known."""

import numpy as np
import pandas as pd
import pytest

from dagster_project.lib.statistics.estimates import Reason
from dagster_project.lib.statistics.shrinkage import fay_herriot, sampling_variances, shrink_means
from dagster_project.lib.statistics.variance import UnitSums, VarianceComponents, reml

OPTIMISED = 1e-4


class TestMeans:
    @pytest.fixture
    def sums(self, vector) -> UnitSums:
        units = vector("icc_handmade.csv").groupby("unit")["y"]
        return UnitSums.of(units.size(), units.mean(), units.var(ddof=0) * units.size())

    def test_means_effects_and_reliabilities(self, sums, vector):
        found = shrink_means(sums, reml(sums))
        answers_of_units = vector("icc_expected.json")["handmade"]["empirical_bayes"]
        assert sums.mean.tolist() == pytest.approx([unit["mean"] for unit in answers_of_units], rel=1e-12)
        for unit, answers in zip(
            found, vector("icc_expected.json")["handmade"]["empirical_bayes"], strict=True
        ):
            assert unit.reliability == pytest.approx(answers["reliability"], rel=OPTIMISED)
            assert unit.estimate.value == pytest.approx(answers["eb_mean"], rel=OPTIMISED)
            assert unit.effect == pytest.approx(answers["blup_statsmodels"], rel=OPTIMISED)
            assert unit.effect == pytest.approx(answers["blup_formula"], rel=OPTIMISED)
            assert np.sqrt(reml(sums).within / answers["n"]) == pytest.approx(
                answers["raw_se"], rel=OPTIMISED
            )

    def test_effects_and_their_errors_are_those_of_lme4(self, sums, vector):
        found = shrink_means(sums, reml(sums))
        for unit, answers in zip(found, vector("icc_expected.json")["handmade"]["lme4"]["blup"], strict=True):
            assert unit.effect == pytest.approx(answers["blup"], rel=1e-6)
            half = 1.959963984540054 * np.sqrt(answers["postvar"])
            assert unit.estimate.upper - unit.estimate.value == pytest.approx(half, rel=1e-6)
            assert unit.estimate.value - unit.estimate.lower == pytest.approx(half, rel=1e-6)

    def test_without_variance_between_units_all_have_the_common_mean(self):
        sums = UnitSums.of([2, 2], [5, 5], [50, 50])
        found = shrink_means(sums, reml(sums))
        assert [(unit.effect, unit.estimate.value, unit.reliability) for unit in found] == [(0, 5, 0)] * 2

    def test_without_components_there_is_a_reason(self):
        sums = UnitSums.of([2], [5], [50])
        assert shrink_means(sums, reml(sums)) is Reason.ONE_UNIT

    def test_pupils_all_alike_are_not_drawn_anywhere(self):
        sums = UnitSums.of([5, 9], [10, 20], [0, 0])
        components = reml(sums)
        assert isinstance(components, VarianceComponents)
        assert [unit.estimate.value for unit in shrink_means(sums, components)] == [10, 20]


class TestFayHerriot:
    @pytest.fixture
    def schools(self, vector) -> pd.DataFrame:
        return vector("salsa_input.csv")

    @pytest.fixture
    def fit(self, schools):
        variances = sampling_variances(schools["n"], schools["pupil_sd"])
        return fay_herriot(
            schools["mean_merit"], variances, schools["samutb"], schools["kon"], schools["nyinv"]
        )

    @pytest.fixture
    def answers(self, vector):
        return vector("salsa_expected.json")["fay_herriot_REML"]

    def test_the_model_is_that_of_metafor(self, fit, answers):
        assert fit.tau_squared == pytest.approx(answers["metafor"]["tau2"], rel=1e-6)
        assert fit.coefficients.tolist() == pytest.approx(answers["metafor"]["beta"], rel=1e-6)
        assert fit.standard_errors.tolist() == pytest.approx(answers["metafor"]["se_beta"], rel=1e-6)

    def test_units_and_their_intervals_are_those_of_metafor(self, fit, answers):
        metafor = answers["metafor"]
        for unit, value, error, low, high, fitted in zip(
            fit.units,
            *(metafor[name] for name in ("blup", "blup_se", "blup_lo", "blup_hi", "fitted")),
            strict=True,
        ):
            assert unit.level.value == pytest.approx(value, abs=1e-6)
            assert unit.level_error == pytest.approx(error, rel=1e-6)
            assert (unit.level.lower, unit.level.upper) == pytest.approx((low, high), abs=1e-5)
            assert unit.level.value - unit.residual.value == pytest.approx(fitted, rel=1e-7)

    def test_residuals_and_what_is_kept_of_them(self, fit, answers):
        python = answers["python"]
        found = [(unit.residual.value, unit.reliability, unit.level.value) for unit in fit.units]
        expected = [
            (python["eb_residual"][unit], python["shrinkage_B"][unit], python["blup"][unit])
            for unit in python["blup"]
        ]
        assert np.array(found) == pytest.approx(np.array(expected), rel=OPTIMISED)
        assert fit.tau_squared == pytest.approx(python["tau2"], rel=OPTIMISED)
        assert fit.coefficients.tolist() == pytest.approx(python["beta"], rel=OPTIMISED)

    def test_the_interval_of_a_residual_allows_for_the_coefficients(self, schools, fit):
        # The shrunk residual is linear in y, so the variance of its error follows from those of u and e.
        known = sampling_variances(schools["n"], schools["pupil_sd"])
        x = np.column_stack([np.ones(24), *(schools[name] for name in ("samutb", "kon", "nyinv"))])
        weights = np.diag(1 / (fit.tau_squared + known))
        hat = x @ np.linalg.inv(x.T @ weights @ x) @ x.T @ weights
        shrink = np.diag(fit.tau_squared / (fit.tau_squared + known)) @ (np.eye(24) - hat)
        error = fit.tau_squared * (shrink - np.eye(24)) @ (shrink - np.eye(24)).T
        error += shrink @ np.diag(known) @ shrink.T
        halves = [unit.residual.upper - unit.residual.value for unit in fit.units]
        assert halves == pytest.approx((1.959963984540054 * np.sqrt(np.diag(error))).tolist(), rel=1e-9)

    def test_regressors_may_be_left_out(self, schools, answers):
        variances = sampling_variances(schools["n"], schools["pupil_sd"])
        fit = fay_herriot(schools["mean_merit"], variances)
        assert fit.tau_squared == pytest.approx(answers["metafor"]["tau2_null"], rel=1e-5)

    def test_units_that_differ_by_chance_only_have_no_residual(self):
        fit = fay_herriot([10, 11, 9, 10], [25, 25, 25, 25])
        assert fit.tau_squared == 0
        assert [unit.residual.value for unit in fit.units] == [0, 0, 0, 0]
        assert [unit.level.value for unit in fit.units] == pytest.approx([10] * 4)

    def test_too_few_units_or_no_information_has_a_reason(self):
        assert fay_herriot([1, 2], [1, 1], [3, 4]) is Reason.FEW_UNITS
        assert fay_herriot([], []) is Reason.FEW_UNITS
        assert fay_herriot([1, 2, 3, 4], [1, 1, 1, 1], [5, 5, 5, 5]) is Reason.COLLINEAR

    @pytest.mark.parametrize(("y", "variances"), [([1, 2, 3], [1, 0, 1]), ([1, None, 3], [1, 1, 1])])
    def test_unknown_figures_are_refused(self, y, variances):
        with pytest.raises(ValueError, match="known numbers"):
            fay_herriot(y, variances)


class TestSamplingVariances:
    def test_a_unit_s_own_deviation(self):
        assert sampling_variances([4, 9], [6, 3]).tolist() == [9, 1]

    @pytest.mark.parametrize(("pupils", "deviation"), [(1, None), (1, 7), (5, None), (5, 0)])
    def test_the_pooled_one_where_it_is_unknown(self, pupils, deviation):
        pooled = (3 * 36 + 8 * 9) / 11
        found = sampling_variances([4, 9, pupils], [6, 3, deviation])
        assert found.tolist() == pytest.approx([9, 1, pooled / pupils])

    def test_no_deviation_at_all_is_missing(self):
        assert sampling_variances([1, 1], [None, None]) is Reason.MISSING

    @pytest.mark.parametrize(("pupils", "deviations"), [([0], [1]), ([3], [-1]), ([None], [1])])
    def test_impossible_figures_are_refused(self, pupils, deviations):
        with pytest.raises(ValueError, match="at least one pupil"):
            sampling_variances(pupils, deviations)
