"""Do resources and competence go where need is greatest? Slope, companions and the answer in words."""

import pandas as pd
import pytest

from dagster_project.lib.statistics.concentration import (
    Answer,
    Verdict,
    companions,
    ridits,
    slope_index,
    verdict,
)
from dagster_project.lib.statistics.estimates import Reason
from dagster_project.lib.statistics.regression import least_squares

OUTCOMES = ["cert_share", "experienced_share", "kr_per_pupil"]
CLOSED_FORM = 1e-12


@pytest.fixture
def units(vector) -> pd.DataFrame:
    return vector("alloc_input.csv")


@pytest.fixture(params=OUTCOMES)
def case(request, units, vector):
    answers = vector("alloc_expected.json")["results"][request.param]
    return units["need_index"], units[request.param], units["pupils"], answers


class TestSlope:
    def test_the_slope_and_its_ends(self, case):
        *columns, answers = case
        found = slope_index(*columns)
        assert found.index.value == pytest.approx(answers["SII"], rel=CLOSED_FORM)
        assert found.least_need == pytest.approx(answers["predicted_least_need"], rel=CLOSED_FORM)
        assert found.most_need == pytest.approx(answers["predicted_most_need"], rel=CLOSED_FORM)
        assert found.ratio.value == pytest.approx(answers["RII_ratio"], rel=CLOSED_FORM)
        assert (found.units, found.coverage) == (12, 1)

    def test_its_error_allows_for_unequal_variances(self, case):
        *columns, answers = case
        found = slope_index(*columns)
        assert found.standard_error == pytest.approx(answers["SII_se_HC1"], rel=CLOSED_FORM)
        assert [found.index.lower, found.index.upper] == pytest.approx(
            answers["SII_ci95_HC1"], rel=CLOSED_FORM
        )

    def test_it_is_least_squares_over_ridits(self, case):
        need, outcome, pupils, answers = case
        places = ridits(need.to_numpy(float), pupils.to_numpy(float))
        fit = least_squares(outcome, places, weights=pupils)
        assert fit.standard_errors[1] == pytest.approx(answers["SII_se_ols"], rel=CLOSED_FORM)
        assert fit.robust_errors[1] == slope_index(need, outcome, pupils).standard_error

    def test_equal_outcomes_have_exactly_no_slope(self, units):
        found = slope_index(units["need_index"], [0.1] * 12, units["pupils"])
        assert (found.index.value, found.index.lower, found.index.upper) == (0, 0, 0)
        assert found.ratio.value == 1

    def test_equal_need_has_no_slope_to_speak_of(self, units):
        found = slope_index([100] * 12, units["cert_share"], units["pupils"])
        assert found.index.reason is found.ratio.reason is Reason.EQUAL_NEED
        assert (found.standard_error, found.least_need, found.most_need) == (None, None, None)

    @pytest.mark.parametrize("n", [0, 1, 2])
    def test_under_three_units_nothing(self, units, n):
        few = units.head(n)
        found = slope_index(few["need_index"], few["cert_share"], few["pupils"])
        assert (found.index.reason, found.units) == (Reason.FEW_UNITS, n)
        assert found.coverage == (1 if n else None)

    def test_three_units_have_a_slope(self, units):
        few = units.head(3)
        assert slope_index(few["need_index"], few["cert_share"], few["pupils"]).index.value is not None

    def test_a_prediction_below_zero_has_no_ratio(self, units):
        found = slope_index(units["need_index"], (units["need_index"] - 62) ** 3, units["pupils"])
        assert found.least_need < 0
        assert found.ratio.reason is Reason.INTERCEPT_NOT_POSITIVE
        assert found.index.value > 0

    @pytest.mark.parametrize("column", ["need_index", "cert_share"])
    def test_a_missing_figure_drops_the_unit_and_lowers_the_coverage(self, units, column):
        missing = units.assign(**{column: units[column].where(units["unit"] != "S07")})
        gone = units[units["unit"] != "S07"]
        with_missing, without = (
            slope_index(frame["need_index"], frame["cert_share"], frame["pupils"])
            for frame in (missing, gone)
        )
        assert with_missing.index == without.index
        assert with_missing.coverage == pytest.approx((3865 - 260) / 3865)
        assert (with_missing.units, without.coverage) == (11, 1)

    def test_a_unit_without_pupils_counts_for_nothing(self, units):
        empty = pd.DataFrame({"need_index": [500], "cert_share": [0.0], "pupils": [0]})
        more = pd.concat([units, empty])
        assert slope_index(more["need_index"], more["cert_share"], more["pupils"]) == slope_index(
            units["need_index"], units["cert_share"], units["pupils"]
        )

    @pytest.mark.parametrize("pupils", [[-1, 5, 5], [None, 5, 5], [5, 5]])
    def test_impossible_weights_are_refused(self, pupils):
        with pytest.raises(ValueError, match=r"pupils|columns"):
            slope_index([1, 2, 3], [1, 2, 3], pupils)


class TestCompanions:
    def test_correlations_and_slope_per_standard_deviation(self, case):
        *columns, answers = case
        found = companions(*columns)
        assert found.pearson.value == pytest.approx(answers["pearson_weighted"], rel=CLOSED_FORM)
        assert found.spearman.value == pytest.approx(answers["spearman"], rel=CLOSED_FORM)
        assert found.spearman_p == pytest.approx(answers["spearman_p"], rel=1e-10)
        assert found.slope_per_sd.value == pytest.approx(answers["wls_slope_per_sd_need"], rel=1e-11)
        assert found.slope_per_sd_error == pytest.approx(answers["wls_slope_se_HC1"], rel=1e-11)

    def test_unweighted_pearson(self, case):
        need, outcome, _, answers = case
        found = companions(need, outcome, [1] * 12)
        assert found.pearson.value == pytest.approx(answers["pearson"], rel=CLOSED_FORM)

    def test_undefined_has_a_reason(self, units):
        columns = units["need_index"], units["cert_share"], units["pupils"]
        few = companions(*(column.head(2) for column in columns))
        equal_need = companions([100] * 12, *columns[1:])
        for found, reason in ((few, Reason.FEW_UNITS), (equal_need, Reason.EQUAL_NEED)):
            assert found.pearson.reason is found.spearman.reason is found.slope_per_sd.reason is reason
            assert found.spearman_p is None
        equal_outcome = companions(columns[0], [0.1] * 12, columns[2])
        assert equal_outcome.pearson.reason is equal_outcome.spearman.reason is Reason.NO_VARIATION
        assert equal_outcome.slope_per_sd.value == 0


class TestAnswer:
    @pytest.mark.parametrize(
        ("outcome", "answer"), list(zip(OUTCOMES, [Answer.UNDECIDED, Answer.NO, Answer.YES], strict=True))
    )
    def test_the_answers_of_the_vector(self, units, outcome, answer):
        slope = slope_index(units["need_index"], units[outcome], units["pupils"])
        assert verdict(slope) == Verdict(answer)

    def test_the_words_are_the_board_s(self):
        assert [str(answer) for answer in Answer] == ["ja", "nej", "kan inte avgöras"]

    @pytest.mark.parametrize(("n", "reason"), [(8, None), (7, Reason.FEW_UNITS), (2, Reason.FEW_UNITS)])
    def test_few_units_are_not_answered(self, units, n, reason):
        few = units.tail(n)
        found = verdict(slope_index(few["need_index"], few["kr_per_pupil"], few["pupils"]))
        assert found.reason is reason
        assert found.answer is (Answer.YES if reason is None else Answer.UNDECIDED)

    def test_equal_outcomes_and_equal_need_are_not_answered(self, units):
        none = slope_index(units["need_index"], [0.1] * 12, units["pupils"])
        assert verdict(none) == Verdict(Answer.UNDECIDED)
        same = slope_index([1] * 12, units["cert_share"], units["pupils"])
        assert verdict(same) == Verdict(Answer.UNDECIDED, Reason.EQUAL_NEED)
