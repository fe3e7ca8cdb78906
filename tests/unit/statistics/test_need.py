"""The index of need: the reference's model and index, and when there is none."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dagster_project.lib.statistics.estimates import Reason
from dagster_project.lib.statistics.need import Logistic, logistic, unit_need

VECTORS = Path(__file__).parents[2] / "fixtures" / "vectors"
BACKGROUND = ["boy", "low_parent_edu", "new4y", "econ_aid", "one_guardian"]
# methods.md: what is optimised agrees within 1e-4 of its size.
CLOSE = 1e-4


@pytest.fixture(scope="module")
def pupils() -> pd.DataFrame:
    return pd.read_csv(VECTORS / "index_pupils.csv")


@pytest.fixture(scope="module")
def expected() -> dict:
    return json.loads((VECTORS / "index_expected.json").read_text())


def groups_of(pupils: pd.DataFrame) -> pd.DataFrame:
    """Pupils who are alike in one row, as the warehouse counts them."""
    counted = pupils.assign(n_pupils=1, n_outcomes=1, school_year="2024/25", unit_key=pupils["unit"])
    by = ["unit_key", "school_year", *BACKGROUND]
    counted = counted.rename(columns={"not_eligible": "n_not_eligible"})
    return counted.groupby(by, as_index=False)[["n_pupils", "n_outcomes", "n_not_eligible"]].sum()


def need(groups: pd.DataFrame, minimum: int = 10) -> pd.DataFrame:
    return unit_need(groups, BACKGROUND, minimum_per_coefficient=minimum).set_index("unit_key")


class TestTheModel:
    def test_is_the_references(self, pupils, expected):
        columns = (pupils[name] for name in BACKGROUND)
        fit = logistic(pupils["not_eligible"], np.ones(len(pupils)), *columns)
        assert isinstance(fit, Logistic)
        assert fit.coefficients == pytest.approx(list(expected["params"].values()), rel=CLOSE)
        assert fit.standard_errors == pytest.approx(list(expected["bse"].values()), rel=CLOSE)
        assert fit.log_likelihood == pytest.approx(expected["llf"], rel=CLOSE)

    def test_is_the_same_of_groups_as_of_persons(self, pupils):
        groups = groups_of(pupils)
        of_groups = logistic(
            groups["n_not_eligible"], groups["n_outcomes"], *(groups[name] for name in BACKGROUND)
        )
        of_persons = logistic(
            pupils["not_eligible"], np.ones(len(pupils)), *(pupils[name] for name in BACKGROUND)
        )
        assert of_groups.coefficients == pytest.approx(of_persons.coefficients, rel=1e-6)

    @pytest.mark.parametrize(
        ("reached", "persons", "regressor", "reason"),
        [
            ([0, 0], [0, 0], [0, 1], Reason.NO_PUPILS),
            ([0, 0], [9, 9], [0, 1], Reason.NO_VARIATION),
            ([9, 9], [9, 9], [0, 1], Reason.NO_VARIATION),
            ([0, 5], [50, 50], [0, 1], Reason.NO_VARIATION),
            ([3, 5], [9, 9], [1, 1], Reason.COLLINEAR),
        ],
    )
    def test_has_no_answer_where_there_is_none(self, reached, persons, regressor, reason):
        assert logistic(reached, persons, regressor) is reason

    @pytest.mark.parametrize(
        ("reached", "persons"), [([3, -1], [9, 9]), ([3, 10], [9, 9]), ([3, None], [9, 9])]
    )
    def test_refuses_counts_that_cannot_be(self, reached, persons):
        with pytest.raises(ValueError, match="known numbers"):
            logistic(reached, persons, [0, 1])


class TestTheIndex:
    def test_is_the_references(self, pupils, expected):
        found = need(groups_of(pupils))
        for unit in expected["units"]:
            row = found.loc[unit["unit"]]
            assert row["n_pupils"] == unit["n"]
            assert row["expected_share"] == pytest.approx(unit["expected"], rel=CLOSE)
            assert row["index_value"] == pytest.approx(unit["index"], rel=CLOSE)
        weighted = np.average(found["index_value"], weights=found["n_pupils"])
        assert weighted == pytest.approx(expected["pupil_weighted_mean_index"], rel=1e-12)

    def test_expects_as_many_as_there_are(self, pupils, expected):
        found = need(groups_of(pupils))
        total = (found["expected_share"] * found["n_pupils"]).sum() / found["n_pupils"].sum()
        assert total == pytest.approx(expected["mean_actual"], rel=CLOSE)
        assert total == pytest.approx(expected["mean_expected"], rel=CLOSE)

    def test_is_of_all_pupils_also_of_those_without_an_outcome(self, pupils):
        groups = groups_of(pupils)
        without = groups.assign(unit_key="K", n_outcomes=0, n_not_eligible=0)
        found = need(pd.concat([groups, without]))
        assert found.loc["K", "index_value"] == pytest.approx(100)

    def test_a_pupil_whose_background_is_not_known_lowers_the_coverage_and_nothing_else(self, pupils):
        groups = groups_of(pupils)
        unknown = groups[groups["unit_key"] == "A"].head(1).assign(boy=np.nan, n_pupils=13, n_outcomes=13)
        before, after = need(groups), need(pd.concat([groups, unknown]))
        assert after["index_value"].to_list() == pytest.approx(before["index_value"].to_list())
        assert after.loc["A", "coverage"] == pytest.approx(247 / 260)
        assert (after.drop("A")["coverage"] == 1).all()

    def test_a_unit_of_which_no_background_is_known_has_none(self, pupils):
        groups = groups_of(pupils)
        unknown = groups[groups["unit_key"] == "A"].assign(unit_key="X", new4y=np.nan)
        found = need(pd.concat([groups, unknown])).loc["X"]
        assert pd.isna(found["index_value"]) and found["reason"] == "no_pupils" and found["coverage"] == 0

    def test_of_too_few_who_are_not_eligible_nothing_is_told(self, pupils):
        rarer = int(pupils["not_eligible"].sum())
        enough, too_few = rarer // len(BACKGROUND), rarer // len(BACKGROUND) + 1
        assert need(groups_of(pupils), enough)["reason"].isna().all()
        found = need(groups_of(pupils), too_few)
        assert found["index_value"].isna().all() and set(found["reason"]) == {"few_pupils"}

    def test_each_school_year_has_its_own_hundred(self, pupils):
        groups = groups_of(pupils)
        later = groups[groups["unit_key"].isin(["A", "H"])].assign(school_year="2025/26")
        found = need(pd.concat([groups, later])).reset_index().query("school_year == '2025/26'")
        assert np.average(found["index_value"], weights=found["n_pupils"]) == pytest.approx(100)

    def test_without_groups_there_are_no_rows(self, pupils):
        assert need(groups_of(pupils).head(0)).empty
