"""Results against what background lets expect: the published model, the rule for showing it, a local fit."""

import numpy as np
import pandas as pd
import pytest

from dagster_project.lib.statistics.estimates import Reason
from dagster_project.lib.statistics.regression import least_squares
from dagster_project.lib.statistics.value_added import LinearModel, is_shown, local_residuals

REGRESSORS = ["samutb", "kon", "nyinv"]


@pytest.fixture
def published(vector):
    return vector("salsa_expected.json")["published_2015_16"]


@pytest.fixture
def model(published) -> LinearModel:
    slopes = dict(published["coef"])
    return LinearModel(slopes.pop("const"), slopes)


def test_the_published_model_gives_the_published_examples(model, published):
    examples = pd.DataFrame(published["examples"])
    expected = model.expected(examples[REGRESSORS])
    assert [unit.value for unit in expected] == pytest.approx(examples["expected"].to_list(), rel=1e-12)
    *known, missing = model.residuals(examples["actual"], examples[REGRESSORS])
    assert [unit.value for unit in known] == pytest.approx(examples["residual"].to_list()[:3], rel=1e-10)
    assert (missing.value, missing.reason) == (None, Reason.MISSING)


def test_the_published_table_fits_together(published):
    for name, t in published["check_t_equals_B_over_se"].items():
        assert published["coef"][name] / published["se"][name] == pytest.approx(t, abs=5e-4)
        assert published["t"][name] == pytest.approx(t, abs=5e-3)


def test_a_missing_regressor_is_not_zero(model):
    (found,) = model.expected({"samutb": [2.3], "kon": [None], "nyinv": [0.0]})
    assert found.reason is Reason.MISSING
    with pytest.raises(KeyError):
        model.expected({"samutb": [2.3], "kon": [0.5]})


def test_who_is_shown(vector):
    for case in vector("salsa_expected.json")["eligibility"]:
        assert is_shown(case["n9"], case["background_share"]) is case["published"]


class TestLocalFit:
    @pytest.fixture
    def schools(self, vector) -> pd.DataFrame:
        return vector("salsa_input.csv")

    @pytest.fixture
    def answers(self, vector):
        return vector("salsa_expected.json")["local_OLS"]

    def test_the_fit_is_that_of_statsmodels(self, schools, answers):
        fit = least_squares(schools["mean_merit"], *(schools[name] for name in REGRESSORS))
        names = ["const", *REGRESSORS]
        assert fit.coefficients.tolist() == pytest.approx([answers["coef"][n] for n in names], rel=1e-11)
        assert fit.standard_errors.tolist() == pytest.approx([answers["se"][n] for n in names], rel=1e-11)
        assert (fit.r_squared, fit.adjusted_r_squared, fit.residual_error) == pytest.approx(
            (answers["R2"], answers["adj_R2"], answers["see"]), rel=1e-11
        )

    @pytest.mark.parametrize(
        ("field", "name"),
        [
            ("expected", "expected"),
            ("residual", "residual"),
            ("deleted", "deleted_residual"),
            ("leverage", "leverage"),
            ("studentised", "studentised_external"),
        ],
    )
    def test_every_unit_is_that_of_statsmodels(self, schools, answers, field, name):
        found = local_residuals(schools["mean_merit"], *(schools[column] for column in REGRESSORS))
        assert [getattr(unit, field) for unit in found] == pytest.approx(
            [answers[name][unit] for unit in schools["unit"]], rel=1e-9
        )

    def test_a_deleted_residual_is_that_of_a_fit_without_the_unit(self, schools):
        found = local_residuals(schools["mean_merit"], schools["samutb"])
        rest = least_squares(schools["mean_merit"].iloc[1:], schools["samutb"].iloc[1:])
        expected = rest.coefficients @ [1, schools["samutb"].iloc[0]]
        assert found[0].deleted == pytest.approx(schools["mean_merit"].iloc[0] - expected, rel=1e-10)

    def test_a_unit_that_alone_fixes_a_coefficient_has_no_deleted_residual(self):
        found = local_residuals([1.0, 2.0, 3.0, 9.0], [0, 0, 0, 1])
        assert (found[3].deleted, found[3].studentised) == (None, None)
        assert found[3].leverage == pytest.approx(1)
        assert found[0].deleted == pytest.approx(-1.5)

    def test_too_few_units_and_constant_regressors_have_a_reason(self):
        assert local_residuals([1, 2], [1, 2]) is Reason.FEW_UNITS
        assert local_residuals([1, 2, 3], [5, 5, 5]) is Reason.COLLINEAR
        assert local_residuals([1, 2, 3, 4], [1, 2, 3, 5], [2, 4, 6, 10]) is Reason.COLLINEAR
        assert local_residuals([1, 2, 3], [0, 0, 0]) is Reason.COLLINEAR


class TestLeastSquares:
    def test_columns_of_very_different_size_are_not_collinear(self):
        x = np.array([1.0, 2.0, 3.0, 5.0])
        fit = least_squares(3 + 2e-6 * x * 1e6, x * 1e6)
        assert fit.coefficients.tolist() == pytest.approx([3, 2e-6])

    def test_without_variation_there_is_no_r_squared(self):
        fit = least_squares([5, 5, 5], [1, 2, 3])
        assert (fit.r_squared, fit.adjusted_r_squared) == (None, None)

    @pytest.mark.parametrize(
        ("y", "x", "weights"),
        [([1, 2, None], [1, 2, 3], None), ([1, 2, 3], [1, 2, 3], [1, 0, 1]), ([1, 2, 3], [1, 2, 3], [1, 1])],
    )
    def test_unknown_figures_and_weights_are_refused(self, y, x, weights):
        with pytest.raises(ValueError, match=r"known numbers|columns"):
            least_squares(y, x, weights=weights)
