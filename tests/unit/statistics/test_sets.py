"""Many sets of units at once: each set has the answer it would have alone, and nothing is guessed."""

import duckdb
import numpy as np
import pandas as pd
import pytest

from dagster_project.lib.statistics.screening import ScreeningRule
from dagster_project.lib.statistics.sets import (
    adjusted_components,
    corrected_dissimilarity,
    funnel_targets,
    group_gaps,
    need_slopes,
    screened,
    shrunk_residuals,
    variance_components,
)


def of_places(**frames: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([frame.assign(place=place) for place, frame in frames.items()], ignore_index=True)


def only(frame: pd.DataFrame) -> dict:
    (row,) = frame.to_dict("records")
    return row


@pytest.fixture
def segregated(vector) -> pd.DataFrame:
    table = vector("seg_handmade.csv")
    pupils = table[["forgymnasial", "gymnasial", "eftergymnasial"]].sum(axis=1)
    return pd.DataFrame({"focal": table["forgymnasial"], "pupils": pupils})


@pytest.fixture
def moments(vector) -> pd.DataFrame:
    pupils = vector("icc_handmade.csv")
    grouped = pupils.groupby("unit")["y"]
    return pd.DataFrame(
        {
            "n_pupils": grouped.size(),
            "mean_value": grouped.mean(),
            "squares_within": grouped.apply(lambda y: ((y - y.mean()) ** 2).sum()),
        }
    ).reset_index(names="unit_key")


class TestCorrectedDissimilarity:
    def test_the_vector(self, vector, segregated):
        closed = vector("seg_expected.json")["two_group_forgymnasial_vs_other"]["closed_form"]
        found = only(corrected_dissimilarity(of_places(here=segregated), by=["place"]))
        assert found["value"] == pytest.approx(closed["D_bias_corrected_analytic"], rel=1e-9)
        assert pd.isna(found["reason"])

    def test_each_set_is_alone(self, segregated):
        alone = only(corrected_dissimilarity(of_places(a=segregated.head(4)), by=["place"]))
        both = corrected_dissimilarity(of_places(a=segregated.head(4), b=segregated.tail(4)), by=["place"])
        assert both.set_index("place").loc["a", "value"] == alone["value"]
        assert both["value"].nunique() == 2

    def test_a_unit_whose_group_is_hidden_stands_outside(self, segregated):
        hidden = pd.DataFrame({"focal": [None], "pupils": [400]})
        table = of_places(here=pd.concat([segregated, hidden]))
        assert (
            only(corrected_dissimilarity(table, by=["place"]))["value"]
            == only(corrected_dissimilarity(of_places(here=segregated), by=["place"]))["value"]
        )

    def test_a_group_of_nobody_says_why(self, segregated):
        found = only(corrected_dissimilarity(of_places(here=segregated.assign(focal=0)), by=["place"]))
        assert pd.isna(found["value"])
        assert found["reason"] == "group_empty"


class TestVarianceComponents:
    def test_the_vector(self, vector, moments):
        answers = vector("icc_expected.json")["handmade"]
        found = only(variance_components(of_places(here=moments), by=["place"]))
        assert found["icc_reml"] == pytest.approx(answers["lme4"]["REML"]["icc"], rel=1e-4)
        assert found["variance_between"] == pytest.approx(answers["lme4"]["REML"]["between"], rel=1e-4)
        assert [found["icc_low"], found["icc_high"]] == pytest.approx(answers["anova"]["ci95_F_n0"])

    @pytest.mark.parametrize(
        ("rows", "reason"),
        [
            ([(2, 1.5, 0.5)], "one_unit"),
            ([(1, 1.0, 0.0), (1, 2.0, 0.0)], "one_pupil_per_unit"),
            ([(2, 5.0, 0.0), (2, 5.0, 0.0)], "no_variation"),
        ],
    )
    def test_an_undefined_correlation_says_why(self, rows, reason):
        table = pd.DataFrame(rows, columns=["n_pupils", "mean_value", "squares_within"])
        found = only(variance_components(of_places(here=table), by=["place"]))
        assert found["reason"] == reason
        assert pd.isna([found["icc_low"], found["icc_reml"], found["variance_within"]]).all()


def pair(kind: str, first: tuple, second: tuple) -> pd.DataFrame:
    columns = ["pupils", "reached", "mean", "deviation"]
    cells = {
        f"{name}_{column}": [value]
        for name, group in (("first", first), ("second", second))
        for column, value in zip(columns, group, strict=True)
    }
    return pd.DataFrame({"place": ["here"], "kind": [kind], **cells})


class TestGroupGaps:
    def test_shares_have_newcombe_s_interval(self, vector):
        for gap in vector("prop_gaps.json")["gaps"]:
            shares = pair("share", (gap["n1"], gap["k1"], None, None), (gap["n2"], gap["k2"], None, None))
            found = only(group_gaps(shares, by=["place"], minimum=1))
            assert found["value"] == pytest.approx(gap["diff"])
            assert [found["lower"], found["upper"]] == pytest.approx(gap["newcombe"])

    def test_means_have_welch_s_interval(self):
        rng = np.random.default_rng(3)
        first, second = rng.normal(230, 40, 30), rng.normal(210, 60, 25)
        groups = [(len(y), None, y.mean(), y.std(ddof=1)) for y in (first, second)]
        found = only(group_gaps(pair("mean", *groups), by=["place"], minimum=10))
        variances = [y.var(ddof=1) / len(y) for y in (first, second)]
        degrees = sum(variances) ** 2 / sum(
            v**2 / (len(y) - 1) for v, y in zip(variances, (first, second), strict=True)
        )
        # Two-sided 95 % of Student's t, by the normal's 1.96 and Cornish and Fisher's expansion.
        z = 1.959963984540054
        t = z + (z**3 + z) / (4 * degrees) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * degrees**2)
        half = t * np.sqrt(sum(variances))
        assert found["value"] == pytest.approx(first.mean() - second.mean())
        assert [found["lower"], found["upper"]] == pytest.approx(
            [found["value"] - half, found["value"] + half], abs=1e-3
        )

    def test_a_group_of_nine_has_no_gap(self):
        found = only(
            group_gaps(pair("share", (9, 5, None, None), (40, 30, None, None)), by=["place"], minimum=10)
        )
        assert (found["reason"], pd.isna(found["value"])) == ("few_pupils", True)


class TestNeedSlopes:
    @pytest.fixture
    def units(self, vector) -> pd.DataFrame:
        table = vector("alloc_input.csv")
        return table.rename(columns={"need_index": "need", "pupils": "n_pupils"})

    @pytest.mark.parametrize(
        ("outcome", "answer"),
        [("cert_share", "undecided"), ("experienced_share", "no"), ("kr_per_pupil", "yes")],
    )
    def test_the_vector_and_its_answers(self, vector, units, outcome, answer):
        expected = vector("alloc_expected.json")["results"][outcome]
        table = of_places(here=units.assign(outcome=units[outcome]))
        found = only(need_slopes(table, by=["place"], minimum_units=8))
        assert found["value"] == pytest.approx(expected["SII"], rel=1e-9)
        assert [found["lower"], found["upper"]] == pytest.approx(expected["SII_ci95_HC1"], rel=1e-9)
        assert found["relative"] == pytest.approx(expected["RII_ratio"], rel=1e-9)
        assert (found["verdict"], found["n_units"], found["coverage"]) == (answer, 12, 1)

    def test_seven_units_have_neither_slope_nor_answer(self, units):
        table = of_places(here=units.head(7).assign(outcome=units["experienced_share"]))
        found = only(need_slopes(table, by=["place"], minimum_units=8))
        assert pd.isna([found["value"], found["relative"]]).all()
        assert (found["verdict"], found["reason"], found["n_units"]) == ("undecided", "few_units", 7)

    def test_a_unit_without_an_index_is_left_out_and_lowers_the_coverage(self, units):
        table = units.assign(outcome=units["kr_per_pupil"], need=units["need"].where(units["unit"] != "S03"))
        found = only(need_slopes(of_places(here=table), by=["place"], minimum_units=8))
        assert found["n_units"] == 11
        assert found["coverage"] == pytest.approx(1 - 455 / units["n_pupils"].sum())

    def test_equal_need_has_no_slope(self, units):
        table = of_places(here=units.assign(outcome=units["cert_share"], need=100.0))
        found = only(need_slopes(table, by=["place"], minimum_units=8))
        assert (found["reason"], found["verdict"]) == ("equal_need", "undecided")

    def test_equal_outcomes_have_a_slope_of_nothing_and_no_answer(self, units):
        table = of_places(here=units.assign(outcome=0.7))
        found = only(need_slopes(table, by=["place"], minimum_units=8))
        assert (found["value"], found["lower"], found["upper"]) == (0, 0, 0)
        assert found["verdict"] == "undecided"


class TestFunnelTargets:
    @pytest.fixture
    def units(self, vector) -> pd.DataFrame:
        table = vector("funnel_input.csv")
        return table.rename(columns={"y": "successes", "n": "trials"}).assign(reference=None)

    def test_the_vector(self, vector, units):
        summary = vector("funnel_summary.json")
        found = only(funnel_targets(of_places(here=units), by=["place"], tail=0.1, significance=0.05))
        assert found["target"] == pytest.approx(summary["target_theta"])
        assert found["phi"] == pytest.approx(summary["phi"])
        assert found["tau_squared"] == pytest.approx(summary["tau2"])

    def test_a_stated_reference_is_the_target(self, units):
        table = of_places(here=units.assign(reference=0.9))
        found = only(funnel_targets(table, by=["place"], tail=0.1, significance=0.05))
        assert found["target"] == 0.9

    def test_where_everybody_reached_the_level_there_is_no_funnel(self, units):
        table = of_places(here=units.assign(successes=units["trials"]))
        found = only(funnel_targets(table, by=["place"], tail=0.1, significance=0.05))
        assert (found["reason"], pd.isna(found["target"])) == ("no_variation", True)


class TestShrunkResiduals:
    def fit(self, moments: pd.DataFrame, minimum: int = 2) -> pd.DataFrame:
        return shrunk_residuals(
            of_places(here=moments), by=["place"], regressors=["need_index"], minimum_pupils=minimum
        )

    def test_residuals_are_drawn_towards_nothing_and_z_has_their_sign(self, moments):
        moments = moments[moments["n_pupils"] > 1]
        found = self.fit(moments.assign(need_index=[90, 100, 110, 120, 95, 105, 125]))
        assert len(found) == 7
        assert (found["shrunk"].abs() <= found["residual"].abs()).all()
        assert (np.sign(found["z"]) == np.sign(found["residual"])).all()
        assert found["expected"].to_numpy() + found["residual"].to_numpy() == pytest.approx(
            moments["mean_value"].to_numpy()
        )
        assert (found["shrunk_low"] <= found["shrunk"]).all()

    def test_a_unit_without_need_or_with_too_few_pupils_is_left_out(self, moments):
        moments["need_index"] = [np.nan, 100, 110, 120, 95, 105, 115, 125]
        large = moments[(moments["n_pupils"] >= 10) & moments["need_index"].notna()]
        assert sorted(self.fit(moments, minimum=10)["unit_key"]) == sorted(large["unit_key"])

    def test_two_units_have_no_model(self, moments):
        found = self.fit(moments.head(2).assign(need_index=[90, 110]))
        assert set(found["reason"]) == {"few_units"}
        assert found["shrunk"].isna().all()

    def test_equal_need_says_nothing_about_residuals(self, moments):
        assert set(self.fit(moments.assign(need_index=100))["reason"]) == {"collinear"}


class TestScreened:
    def test_the_truth_table_through_years(self, vector):
        cases = vector("devschool_rule.json")["cases"]
        years = ["2025/26", "2024/25", "2023/24"]
        history = pd.DataFrame(
            [
                {"unit": case["unit"], "school_year": year, "z": z, "pupils": n, "shrunk_high": case["eb_hi"]}
                for case in cases
                for year, z, n in zip(years, case["z"], case["n"], strict=False)
            ]
        )
        found = screened(history, by=["unit"], rule=ScreeningRule())
        latest = found[found["school_year"] == "2025/26"].set_index("unit")["is_candidate"]
        assert {unit: None if pd.isna(flag) else bool(flag) for unit, flag in latest.items()} == {
            case["unit"]: case["flag"] for case in cases
        }

    def test_a_silent_year_is_no_year_before(self):
        history = pd.DataFrame(
            {
                "unit": "A",
                "school_year": ["2025/26", "2022/23"],
                "z": [-2.0, -2.0],
                "pupils": [40, 40],
                "shrunk_high": -0.1,
            }
        )
        found = screened(history, by=["unit"], rule=ScreeningRule()).set_index("school_year")
        assert not found.loc["2025/26", "is_candidate"]
        assert found.loc["2025/26", "n_observed"] == 1


NOTHING = pd.DataFrame(
    {
        "place": pd.array([], dtype="string"),
        **{name: pd.array([], dtype="string") for name in ("unit_key", "kind", "school_year")},
        **{
            name: pd.array([], dtype=float)
            for name in (
                *("focal", "pupils", "n_pupils", "mean_value", "squares_within", "need", "outcome", "result"),
                *("successes", "trials", "reference", "need_index", "z", "shrunk_high", "girls"),
            )
        },
    }
)


@pytest.mark.parametrize(
    "estimate",
    [
        lambda frame: corrected_dissimilarity(frame, by=["place"]),
        lambda frame: variance_components(frame, by=["place"]),
        lambda frame: adjusted_components(frame, by=["place"], background=["girls"]),
        lambda frame: group_gaps(frame, by=["place"], minimum=10),
        lambda frame: need_slopes(frame, by=["place"], minimum_units=8),
        lambda frame: funnel_targets(frame, by=["place"], tail=0.1, significance=0.05),
        lambda frame: shrunk_residuals(frame, by=["place"], regressors=["need_index"], minimum_pupils=10),
        lambda frame: screened(frame, by=["place"], rule=ScreeningRule()),
    ],
)
def test_no_sets_give_no_rows_but_typed_columns(estimate):
    found = estimate(NOTHING)
    with duckdb.connect() as connection:
        kinds = {
            name: kind for name, kind, *_ in connection.execute("describe select * from found").fetchall()
        }
    assert found.empty
    assert (kinds["place"], kinds["reason"]) == ("VARCHAR", "VARCHAR")
    assert set(kinds.values()) <= {"VARCHAR", "DOUBLE", "BIGINT", "BOOLEAN"}


def test_pupils_whose_background_is_not_known_lower_the_coverage():
    rng = np.random.default_rng(2)
    pupils = pd.DataFrame(
        {
            "place": "here",
            "unit_key": rng.integers(0, 5, 100).astype(str),
            "result": rng.normal(200, 40, 100),
            "girls": rng.integers(0, 2, 100).astype(float),
        }
    )
    partly = pupils.assign(girls=pupils["girls"].where(pupils.index >= 10))
    found = only(adjusted_components(partly, by=["place"], background=["girls"]))
    alone = only(adjusted_components(pupils.tail(90), by=["place"], background=["girls"]))
    assert (found["n_pupils"], found["coverage"]) == (90, 0.9)
    assert found["icc_adjusted"] == alone["icc_adjusted"]
