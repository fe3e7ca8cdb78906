"""The models of statistics: vectors through the compiled SQL, and the default run worked out anew."""

import json
from pathlib import Path
from typing import Any, ClassVar

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from dagster_project.lib.indicators.pages import METHODS_WITH_A_VERDICT
from dagster_project.lib.statistics.segregation import bias_corrected_dissimilarity
from dagster_project.lib.statistics.sets import funnel_targets, need_slopes, variance_components

VECTORS = Path(__file__).parents[1] / "fixtures" / "vectors"
HERE = {"municipality_code": "9999", "school_year": "2024/25"}
CLOSED_FORM = 1e-9


@pytest.fixture(scope="module")
def seeds(release) -> dict[str, pd.DataFrame]:
    """The catalogue and the thresholds as the run had them."""
    with duckdb.connect(str(release.warehouse), read_only=True) as connection:
        return {
            name: connection.execute(f"select * from seeds.{name}").df()
            for name in ("ref_indicators", "thr_statistics", "thr_disclosure")
        }


@pytest.fixture
def run(release, seeds):
    """Runs a compiled model on frames that stand in for the tables it reads; seeds are the run's own."""

    def run(model: str, **tables: pd.DataFrame) -> pd.DataFrame:
        sql, schemas = release.compiled(model), release.schemas
        with duckdb.connect() as connection:
            connection.execute("attach ':memory:' as warehouse")
            for name, frame in {**seeds, **tables}.items():
                connection.execute(f"create schema if not exists warehouse.{schemas[name]}")
                connection.register("frame", frame)
                connection.execute(f"create table warehouse.{schemas[name]}.{name} as select * from frame")
                connection.unregister("frame")
            return connection.execute(sql).df()

    return run


@pytest.fixture(scope="module")
def query(release):
    """Reads the warehouse of the default run."""
    with duckdb.connect(str(release.warehouse), read_only=True) as connection:
        yield lambda sql, *values: connection.execute(sql, list(values)).df()


def vector(name: str) -> Any:
    path = VECTORS / name
    if path.suffix == ".csv":
        return pd.read_csv(path)
    return json.loads(path.read_text(encoding="utf-8"))


def by_method(found: pd.DataFrame, measure: str) -> pd.DataFrame:
    """The rows of one measure, by the last part of the indicator's id."""
    rows = found[found["indicator_id"].str.startswith(f"{measure}__")]
    return rows.set_index(rows["indicator_id"].str.split("__").str[1])


class TestSegregation:
    MEASURE = "own_segregation_parents_without_higher_f9"
    METHODS: ClassVar = {
        "segregation_d": "D",
        "segregation_gs": "GS",
        "segregation_isolation": "isolation_xPx",
        "segregation_eta2": "eta2",
        "segregation_eta2_excess": "eta2_excess",
        "segregation_d_random": "E_D_random_fixed_margins_hypergeom",
        "segregation_d_corrected": "D_carrington_troske_hypergeom",
        "segregation_d_bootstrap": "D_bias_corrected_analytic",
    }

    @pytest.fixture
    def units(self) -> pd.DataFrame:
        table = vector("seg_handmade.csv")
        pupils = table[["forgymnasial", "gymnasial", "eftergymnasial"]].sum(axis=1)
        return self.rows(table["forgymnasial"], pupils, table["huvudman"], list(table["omrade"]))

    def rows(self, focal, pupils, organisers="kommunal", areas=None) -> pd.DataFrame:
        frame = pd.DataFrame({"focal": focal, "pupils": pupils}).astype("Int64")
        return frame.assign(
            **HERE,
            measure_id=self.MEASURE,
            unit_key=[f"unit {n}" for n in range(len(frame))],
            organiser_kind=organisers,
            area_key=pd.array(areas or [None] * len(frame), dtype="string"),
            delivered_pupils=frame["pupils"],
            is_small=False,
            break_in_series=pd.array([None] * len(frame), dtype="string"),
            is_made_up=True,
        )

    def figures(self, run, units: pd.DataFrame) -> pd.DataFrame:
        known = units[units["focal"].notna()]
        estimate = bias_corrected_dissimilarity(known["focal"].astype(float), known["pupils"].astype(float))
        corrections = pd.DataFrame([{**HERE, "measure_id": self.MEASURE, "value": estimate.value}])
        found = run(
            "ind_segregation",
            ind_segregation_units=units,
            ind_segregation_corrections=corrections.astype({"value": float}),
        )
        return by_method(found, self.MEASURE)

    @pytest.mark.parametrize(("method", "name"), METHODS.items())
    def test_the_vector_comes_through_the_model(self, run, units, method, name):
        closed = vector("seg_expected.json")["two_group_forgymnasial_vs_other"]["closed_form"]
        assert self.figures(run, units).loc[method, "value"] == pytest.approx(closed[name], rel=CLOSED_FORM)

    def test_h_is_the_sum_of_its_parts_between_and_within_kinds_of_organiser(self, run, units):
        values = self.figures(run, units)["value"]
        answers = vector("seg_expected.json")["two_group_forgymnasial_vs_other"]["pysal"]
        assert values["segregation_h"] == pytest.approx(answers["H_twogroup"], rel=CLOSED_FORM)
        parts = values["segregation_h_between"] + values["segregation_h_within"]
        assert parts == pytest.approx(values["segregation_h"], rel=CLOSED_FORM)
        assert values["segregation_h_between"] > 0

    def test_one_kind_of_organiser_has_nothing_between_kinds(self, run, units):
        found = self.figures(run, units.assign(organiser_kind="municipal"))
        assert set(found.loc[["segregation_h_between", "segregation_h_within"], "status"]) == {"undefined"}
        assert found.loc["segregation_h", "status"] == "ok"

    def test_h_is_the_sum_of_its_parts_between_and_within_areas(self, run, units):
        values = self.figures(run, units)["value"]
        parts = values["segregation_h_between_areas"] + values["segregation_h_within_areas"]
        assert parts == pytest.approx(values["segregation_h"], rel=CLOSED_FORM)
        assert values["segregation_h_between_areas"] > 0
        # Aggregated to areas, the part between them is all there is.
        areas = units.groupby("area_key", as_index=False)[["focal", "pupils"]].sum()
        whole = self.figures(run, self.rows(areas["focal"], areas["pupils"]))["value"]
        assert values["segregation_h_between_areas"] == pytest.approx(whole["segregation_h"], rel=CLOSED_FORM)

    def test_units_without_an_area_are_a_part_of_their_own(self, run):
        areas = ["9999-north", "9999-north", None, None]
        found = self.figures(run, self.rows([10, 10, 40, 40], [100, 100, 100, 100], areas=areas))["value"]
        assert found["segregation_h_between_areas"] == pytest.approx(found["segregation_h"], rel=CLOSED_FORM)
        assert found["segregation_h_within_areas"] == pytest.approx(0, abs=CLOSED_FORM)

    def test_without_areas_there_is_nothing_between_them(self, run, units):
        found = self.figures(run, units.assign(area_key=pd.array([None] * len(units), dtype="string")))
        parts = ["segregation_h_between_areas", "segregation_h_within_areas"]
        assert set(found.loc[parts, "status"]) == {"undefined"}

    @pytest.mark.parametrize(
        ("focal", "pupils"),
        [
            pytest.param([30], [100], id="one unit"),
            pytest.param([30, 20], [100, 90], id="two units"),
            pytest.param([3, 3, 3], [100, 100, 100], id="nine in the group"),
            pytest.param([100, 100, 91], [100, 100, 100], id="nine outside the group"),
            pytest.param([0, 0, 0], [100, 100, 100], id="nobody in the group"),
            pytest.param([100, 100, 100], [100, 100, 100], id="everybody in the group"),
            pytest.param([0, 0, 0], [0, 0, 0], id="no pupils"),
        ],
    )
    def test_what_says_nothing_is_undefined_and_never_zero(self, run, focal, pupils):
        found = self.figures(run, self.rows(focal, pupils))
        assert set(found["status"]) == {"undefined"}
        assert found["value"].isna().all()

    def test_equal_shares_are_zero_and_not_undefined(self, run):
        found = self.figures(run, self.rows([10, 20, 5], [100, 200, 50]))
        assert found.loc[["segregation_d", "segregation_eta2", "segregation_h"], "value"].to_list() == [
            0,
            0,
            0,
        ]

    def test_pupils_whose_group_is_not_known_are_left_out_until_they_are_too_many(self, run, units):
        few = self.figures(run, units.assign(delivered_pupils=(units["pupils"] * 1.2).astype("Int64")))
        many = self.figures(run, units.assign(delivered_pupils=units["pupils"] * 2))
        assert few.loc["segregation_d", "value"] == pytest.approx(0.40331662307468763)
        assert few.loc["segregation_d", "coverage"] == pytest.approx(1 / 1.2, abs=0.01)
        assert set(many["status"]) == {"undefined"}

    def test_one_small_unit_hides_the_figure_and_three_do_not(self, run, units):
        for n_small, expected in ((0, None), (1, "hidden_units"), (2, "hidden_units"), (3, None)):
            found = self.figures(run, units.assign(is_small=[n < n_small for n in range(len(units))]))
            assert set(found["n_hidden_units"]) == {n_small}
            assert {None if pd.isna(why) else why for why in found["suppression"]} == {expected}


class TestVariance:
    MEASURE = "own_merit_value_y9"
    ADJUSTED: ClassVar = {
        "measure_id": "merit_value_y9",
        "icc_adjusted": 0.04,
        "explained": 0.45,
        "coverage": 0.9,
    }

    def figures(self, run, pupils: pd.DataFrame) -> pd.DataFrame:
        grouped = pupils.groupby("unit")["y"]
        moments = pd.DataFrame(
            {
                "n_pupils": grouped.size(),
                "mean_value": grouped.mean(),
                "squares_within": grouped.apply(lambda y: float(((y - y.mean()) ** 2).sum())),
                "lowest": grouped.min().astype(float),
                "highest": grouped.max().astype(float),
            }
        ).reset_index(names="unit_key")
        moments = moments.assign(**HERE, measure_id=self.MEASURE, need_index=100.0, is_made_up=True)
        components = variance_components(moments, by=["municipality_code", "school_year", "measure_id"])
        spread = {"standard_deviation": pupils["y"].std()}
        spread |= {f"p{p}": pupils["y"].quantile(p / 100) for p in (10, 25, 50, 75, 90)}
        spread["p90_minus_p10"] = spread["p90"] - spread["p10"]
        found = run(
            "ind_variance",
            ind_result_moments=moments,
            ind_variance_components=components,
            fct_municipality_result_spread=pd.DataFrame([{**HERE, "measure_id": "merit_value_y9", **spread}]),
            fct_municipality_variance_adjusted=pd.DataFrame([{**HERE, **self.ADJUSTED}]),
        )
        return by_method(found, self.MEASURE)

    def test_the_vector_comes_through_the_model(self, run):
        found = self.figures(run, vector("icc_handmade.csv"))
        answers = vector("icc_expected.json")["handmade"]
        assert found.loc["variance_icc", "value"] == pytest.approx(answers["anova"]["icc_anova"], rel=1e-12)
        assert found.loc["variance_eta2", "value"] == pytest.approx(answers["anova"]["eta2"], rel=1e-12)
        assert found.loc["variance_icc_reml", "value"] == pytest.approx(
            answers["lme4"]["REML"]["icc"], rel=1e-4
        )
        raw = found.loc["variance_icc_raw"]
        assert [raw["interval_low"], raw["interval_high"]] == pytest.approx(answers["anova"]["ci95_F_n0"])
        assert found.loc["variance_icc", "interval_low"] == 0
        assert found.loc["variance_unit_sd", "value"] == pytest.approx(17.886929201183676)

    def test_what_background_explains_is_in_per_cent_with_the_pupils_it_rests_on(self, run):
        found = self.figures(run, vector("icc_handmade.csv")).loc["variance_explained"]
        assert (found["value"], found["coverage"]) == (45, 0.9)

    def test_less_difference_than_chance_is_published_as_nothing_and_kept_as_it_is(self, run):
        pupils = pd.DataFrame({"unit": list("AABB"), "y": [0.0, 10, 0, 10]})
        found = self.figures(run, pupils)
        assert found.loc["variance_icc", "value"] == 0
        assert found.loc["variance_icc_raw", "value"] == pytest.approx(-1)

    @pytest.mark.parametrize(
        "pupils",
        [
            pytest.param({"unit": list("AA"), "y": [1.0, 2]}, id="one unit"),
            pytest.param({"unit": list("ABC"), "y": [1.0, 2, 4]}, id="one pupil per unit"),
            pytest.param({"unit": list("AABB"), "y": [5.0, 5, 5, 5]}, id="all equal"),
        ],
    )
    def test_what_says_nothing_is_undefined(self, run, pupils):
        found = self.figures(run, pd.DataFrame(pupils))
        correlations = found.loc[["variance_icc", "variance_icc_raw", "variance_icc_reml"]]
        assert set(correlations["status"]) == {"undefined"}
        assert correlations[["value", "interval_low", "interval_high"]].isna().all(axis=None)

    def test_units_below_ten_pupils_are_counted(self, run):
        found = self.figures(run, vector("icc_handmade.csv"))
        sizes = vector("icc_handmade.csv").groupby("unit").size()
        assert set(found["n_hidden_units"]) == {(sizes < 10).sum()}


class TestAllocation:
    MEASURE = "own_need_certified_fte_share_gr"

    @pytest.fixture
    def units(self) -> pd.DataFrame:
        table = vector("alloc_input.csv")
        return pd.DataFrame(
            {
                **HERE,
                "measure_id": self.MEASURE,
                "unit_key": table["unit"],
                "need": table["need_index"].astype(float),
                "n_pupils": table["pupils"].astype(float),
                "numerator": table["cert_fte"].astype(float),
                "denominator": table["teacher_fte"].astype(float),
                "outcome": table["cert_fte"] / table["teacher_fte"],
                "is_of_teachers": True,
                "base": table["teacher_fte"].astype(float),
                "is_small": False,
                "break_in_series": pd.array([None] * len(table), dtype="string"),
                "is_made_up": True,
            }
        )

    def figures(self, run, units: pd.DataFrame) -> pd.DataFrame:
        slopes = need_slopes(
            units.assign(entity_type="municipality", entity_key="9999"),
            by=["entity_type", "entity_key", "school_year", "measure_id"],
            minimum_units=8,
        )
        found = run("ind_need_allocation", ind_need_units=units, ind_need_slopes=slopes)
        return by_method(found, self.MEASURE)

    def test_the_vector_comes_through_the_model(self, run, units):
        found = self.figures(run, units)
        expected = vector("alloc_expected.json")["results"]["cert_share"]
        slope = found.loc["allocation_slope"]
        assert slope["value"] == pytest.approx(100 * expected["SII"], rel=CLOSED_FORM)
        assert [slope["interval_low"], slope["interval_high"]] == pytest.approx(
            [100 * limit for limit in expected["SII_ci95_HC1"]], rel=CLOSED_FORM
        )
        assert slope["verdict"] == "undecided"
        erreygers = found.loc["allocation_erreygers", "value"]
        assert erreygers == pytest.approx(expected["erreygers_E"], rel=CLOSED_FORM)
        relative = found.loc["allocation_relative", "value"]
        assert relative == pytest.approx(expected["RII_ratio"], rel=CLOSED_FORM)

    def test_quarters_are_pooled_and_hold_the_tied_units_together(self, run, units):
        found = self.figures(run, units).loc["allocation_quarter"].set_index("group_id").sort_index()
        expected = vector("alloc_expected.json")["results"]["cert_share"]["quartile_of_unit"]
        pooled = units.groupby(units["unit_key"].map(expected))[["numerator", "denominator"]].sum()
        assert found["value"].to_list() == pytest.approx(
            (100 * pooled["numerator"] / pooled["denominator"]).to_list()
        )

    def test_under_eight_units_only_the_quarters_are_shown(self, run, units):
        found = self.figures(run, units.head(7))
        assert set(found.loc["allocation_quarter", "status"]) == {"ok"}
        whole = found.loc[["allocation_slope", "allocation_relative", "allocation_erreygers"]]
        assert whole["value"].isna().all() and set(whole["status"]) == {"undefined"}
        assert found.loc["allocation_slope", "verdict"] == "undecided"

    def test_under_four_units_there_is_nothing(self, run, units):
        assert self.figures(run, units.head(3))["value"].isna().all()

    def test_a_missing_index_is_left_out_and_never_the_mean(self, run, units):
        unknown = units.assign(need=units["need"].where(units["unit_key"] != "S03"))
        found, without = self.figures(run, unknown), self.figures(run, units[units["unit_key"] != "S03"])
        assert found.loc["allocation_slope", "value"] == without.loc["allocation_slope", "value"]
        coverage = found.loc["allocation_slope", "coverage"]
        assert coverage == pytest.approx(1 - 455 / units["n_pupils"].sum())

    def test_where_no_index_is_known_there_is_no_row(self, run, units):
        assert self.figures(run, units.assign(need=np.nan)).empty

    def test_equal_need_has_no_slope(self, run, units):
        found = self.figures(run, units.assign(need=100.0)).loc["allocation_slope"]
        assert (found["status"], found["verdict"]) == ("undefined", "undecided")


class TestFunnel:
    def positions(self, run, table: pd.DataFrame) -> pd.DataFrame:
        units = pd.DataFrame(
            {
                **HERE,
                "set_type": "municipality",
                "set_key": "9999",
                "measure_id": "own_passed_all_subjects_y9",
                "unit_key": table["unit"],
                "successes": table["y"],
                "trials": table["n"],
                "reference": pd.Series(np.nan, index=table.index),
                "suppression": pd.array([None] * len(table), dtype="string"),
                "break_in_series": pd.array([None] * len(table), dtype="string"),
                "is_made_up": True,
            }
        )
        targets = funnel_targets(
            units, by=["set_type", "set_key", "school_year", "measure_id"], tail=0.1, significance=0.05
        )
        found = run("ind_funnel_positions", ind_funnel_units=units, ind_funnel_targets=targets)
        return found.set_index("unit_key").sort_index()

    def test_the_vector_comes_through_the_model(self, run):
        table = vector("funnel_input.csv")
        found = self.positions(run, table)
        expected = vector("funnel_expected.csv").set_index("unit").sort_index()
        shrunk = vector("funnel_eb_expected.csv").set_index("unit").sort_index()
        assert found["z"].to_numpy() == pytest.approx(expected["z_add"].to_numpy(), rel=1e-6)
        assert found["limit_low"].to_numpy() == pytest.approx(expected["od_add_lo95"].to_numpy(), rel=1e-6)
        assert found["reliability"].to_numpy() == pytest.approx(shrunk["B"].to_numpy(), rel=1e-6)
        assert found["shrunk"].to_numpy() == pytest.approx(shrunk["eb"].to_numpy(), rel=1e-6)

    def test_positions_are_words_and_never_ranks(self, run):
        found = self.positions(run, vector("funnel_input.csv"))
        assert set(found["funnel_position"]) <= {"inside", "below_95", "below_998", "above_95", "above_998"}
        assert (found.loc[found["funnel_position"] == "inside", "z"].abs() <= 1.96).all()

    def test_two_units_lie_on_either_side_of_what_they_share_and_have_no_funnel(self, run):
        table = vector("funnel_input.csv")
        assert self.positions(run, table.head(2)).empty
        assert len(self.positions(run, table.head(3))) == 3

    def test_where_everybody_reached_the_level_there_is_no_funnel(self, run):
        table = vector("funnel_input.csv")
        assert self.positions(run, table.assign(y=table["n"])).empty


class TestTheDefaultRun:
    def test_d_and_h_are_those_of_numpy(self, query):
        table = query(
            """
            select
                unit_key,
                coalesce(sum(numerator) filter (where group_value = 'yes'), 0) as x,
                coalesce(sum(numerator) filter (where group_value = 'no'), 0) as y
            from marts.fct_unit_pupil_groups
            where
                school_form in ('fsk', 'gr')
                and dimension = 'foreign_background'
                and school_year = '2024/25'
            group by unit_key
            """
        ).astype({"x": float, "y": float})
        x, y = table["x"].to_numpy(), table["y"].to_numpy()
        t = x + y
        d = np.abs(x / x.sum() - y / y.sum()).sum() / 2
        share = x.sum() / t.sum()

        def entropy(p):
            return -(p * np.log(p, where=p > 0, out=np.zeros_like(p)))

        mixed = entropy(np.array([share])) + entropy(np.array([1 - share]))
        h = 1 - float((t * (entropy(x / t) + entropy(y / t))).sum() / (t.sum() * mixed[0]))
        found = query(
            "select indicator_id, value, n_units from indicators.ind_own_statistics"
            " where indicator_id like 'own_segregation_foreign_background_f9\\_\\_%' escape '\\'"
            " and school_year = '2024/25'"
        )
        values = by_method(found, "own_segregation_foreign_background_f9")["value"]
        assert values["segregation_d"] == pytest.approx(d, rel=1e-12)
        assert values["segregation_h"] == pytest.approx(h, rel=1e-9)
        # Allocated at random it would be far less segregated than the made-up municipality is.
        assert values["segregation_d_random"] < values["segregation_d_corrected"] < d
        assert set(found["n_units"]) == {len(table)}

    def test_d_of_open_data_is_that_of_the_agencys_counts(self, query):
        units = query(
            """
            select composition.base_count as t, composition.value as share
            from marts.fct_unit_composition as composition
            inner join marts.dim_unit as units
                on composition.unit_key = units.unit_key and units.is_current
            where
                units.municipality_code = '0380'
                and composition.school_year = '2024/25'
                and composition.measure_id = 'foreign_background_share'
                and composition.group_id = 'all'
                and composition.value is not null
            """
        ).astype(float)
        t = units["t"].to_numpy()
        counts = t * units["share"].to_numpy() / 100
        x = np.round(counts)
        # With one decimal a share is never far from a whole number of pupils.
        assert (np.abs(counts - x) <= 0.0005 * t + 1e-9).all()
        (found,) = query(
            "select value, n_units from indicators.ind_indicators where entity_key = '0380'"
            " and indicator_id = 'segregation_foreign_background__segregation_d'"
        ).to_dict("records")
        d = np.abs(x / x.sum() - (t - x) / (t - x).sum()).sum() / 2
        assert found["value"] == pytest.approx(d, rel=1e-12)
        assert found["n_units"] == len(units)

    def test_the_icc_of_national_tests_is_that_of_pupils(self, query):
        pupils = query(
            "select unit_key, cast(points as double) as y from restricted.fct_national_test"
            " where school_year = '2024/25' and year_group = 6 and subject_code = 'MA' and points is not null"
        )
        groups = [rows["y"].to_numpy() for _, rows in pupils.groupby("unit_key")]
        n = np.array([len(rows) for rows in groups])
        f = stats.f_oneway(*groups).statistic
        size = (n.sum() - (n**2).sum() / n.sum()) / (len(n) - 1)
        (found,) = query(
            "select value from indicators.ind_own_statistics where school_year = '2024/25'"
            " and indicator_id = 'own_test_score_maths_y6__variance_icc_raw'"
        )["value"]
        assert found == pytest.approx((f - 1) / (f - 1 + size), rel=1e-9)

    def test_the_gap_of_the_municipality_is_that_of_its_pupils(self, query):
        pupils = query(
            """
            select cast(result as double) as y, parents_education
            from intermediate.int_own__pupil_results
            where measure_id = 'merit_value_y9' and school_year = '2024/25'
            """
        )
        first = pupils.loc[pupils["parents_education"] == "higher", "y"]
        second = pupils.loc[pupils["parents_education"].isin(["compulsory", "upper_secondary"]), "y"]
        interval = stats.ttest_ind(first, second, equal_var=False).confidence_interval()
        (row,) = query(
            "select * from indicators.ind_own_statistics where entity_type = 'municipality'"
            " and school_year = '2024/25'"
            " and indicator_id = 'own_merit_value_y9__group_gap_parents_education'"
        ).to_dict("records")
        assert row["value"] == pytest.approx(first.mean() - second.mean(), rel=1e-9)
        assert [row["interval_low"], row["interval_high"]] == pytest.approx(list(interval), rel=1e-6)

    def test_the_most_qualified_teachers_of_the_made_up_municipality_are_not_where_need_is_greatest(
        self, query
    ):
        answers = query(
            "select indicator_id, school_year, verdict from indicators.ind_own_statistics"
            " where indicator_id in ('own_need_certified_fte_share_gr__allocation_slope',"
            " 'own_need_structural_kronor_gr__allocation_slope')"
        )
        said = answers.groupby("indicator_id")["verdict"].agg(set).to_dict()
        assert said == {
            "own_need_certified_fte_share_gr__allocation_slope": {"no"},
            "own_need_structural_kronor_gr__allocation_slope": {"yes"},
        }

    def test_open_data_answer_the_same_question_for_many_municipalities(self, query):
        found = query(
            "select verdict, count(*) as n from indicators.ind_indicators where verdict is not null"
            " and indicator_id = 'need_certified_teachers_share__allocation_slope' and value is not null"
            " and entity_type = 'municipality' group by verdict"
        )
        assert set(found["verdict"]) == {"yes", "no", "undecided"}
        assert found["n"].sum() > 100

    @pytest.mark.parametrize("table", ["pub_indicators", "pub_internal_indicators"])
    def test_readers_see_every_answer_in_swedish(self, release, table):
        words = {
            "yes": "Ja",
            "no": "Nej",
            "undecided": "Kan inte avgöras",
            "inside": "Inom gränserna",
            "below_95": "Under 95 %-gränsen",
            "below_998": "Under 99,8 %-gränsen",
            "above_95": "Över 95 %-gränsen",
            "above_998": "Över 99,8 %-gränsen",
        }
        database = release.database if table == "pub_indicators" else release.internal_database
        with duckdb.connect(str(database), read_only=True) as connection:
            shown = connection.table(table).filter("verdict is not null or verdict_sv is not null").df()
        found = dict(zip(shown["verdict"], shown["verdict_sv"], strict=True))
        assert {"yes", "no", "undecided", "inside", "below_95"} <= found.keys()
        assert found == {code: words[code] for code in found}
        # The pages of these methods ask for it.
        assert set(shown["indicator_id"].str.rsplit("__").str[-1]) == METHODS_WITH_A_VERDICT

    def test_what_moves_between_units_is_half_of_all_distances_from_an_equal_amount(self, query):
        units = query(
            "select n_pupils, calculated_kronor from marts.fct_structural_compensation"
            " where school_form = 'gr' and school_year = '2024/25'"
        ).astype(float)
        equal = units["n_pupils"] * units["calculated_kronor"].sum() / units["n_pupils"].sum()
        moved = (units["calculated_kronor"] - equal).abs().sum() / 2
        (found,) = query(
            "select value from indicators.ind_own_statistics where school_year = '2024/25'"
            " and indicator_id = 'own_structural_gr__structural_redistributed'"
        )["value"]
        # The mart's equal shares are whole kronor.
        assert found == pytest.approx(moved, abs=len(units))

    def test_every_statistic_is_in_the_catalogue_and_every_indicator_of_own_data_has_figures(self, query):
        computed = set(query("select distinct indicator_id from indicators.ind_statistics")["indicator_id"])
        catalogued = set(
            query("select indicator_id from seeds.ref_indicators where cell_kind = 'statistic'")[
                "indicator_id"
            ]
        )
        assert computed <= catalogued
        elsewhere = query(
            "select indicator_id from indicators.ind_indicators"
            " union select indicator_id from indicators.ind_own_indicators"
        )
        # Some of the bundled statistics hold one school year, of which nothing can have changed.
        without_figures = catalogued - computed - set(elsewhere["indicator_id"])
        assert {each for each in without_figures if "__change_" not in each} == set()

    def test_screening_is_internal_and_only_there(self, query):
        assert set(query("select audience from indicators.ind_unit_screening")["audience"]) == {"internal"}
        internal = "select indicator_id from seeds.ref_indicators where audience = 'internal'"
        shown = query(
            f"select count(*) as n from published.pub_indicators where indicator_id in ({internal})"
        )
        assert shown["n"][0] == 0


class TestNeed:
    """The municipality's own index of need; the model itself is tested beside it (`unit/statistics`)."""

    BACKGROUND: ClassVar = {
        "sex": "boys",
        "parents_education": "compulsory",
        "foreign_background": "no",
        "newly_arrived": "unknown",
    }

    def test_pupils_are_counted_in_october_and_outcomes_where_the_grade_was_set(self, run):
        year = {"school_year": "2024/25"}
        october = [
            {"person_key": person, "unit_key": "A", "school_form": form, **year, **self.BACKGROUND}
            for person, form in (("p1", "gr"), ("p2", "gr"), ("p2", "gran"))
        ]
        grades = [("p1", "A", True), ("p2", "B", False), ("p3", "B", False)]
        found = run(
            "int_resources__need_groups",
            int_composition__pupil_groups=pd.DataFrame(october),
            int_own__final_grades=pd.DataFrame(
                [
                    {"person_key": person, "unit_key": unit, "is_eligible_vocational": eligible, **year}
                    for person, unit, eligible in grades
                ]
            ),
        )
        of_known = found[found["is_boy"].notna()].set_index("unit_key")
        assert (of_known[["is_boy", "parents_compulsory"]] == 1).all(axis=None)
        assert (of_known[["parents_upper_secondary", "has_foreign_background"]] == 0).all(axis=None)
        counts = ["n_pupils", "n_outcomes", "n_not_eligible"]
        assert of_known.loc["A", counts].to_list() == [2, 1, 0]
        assert of_known.loc["B", counts].to_list() == [0, 1, 1]
        # Of p3 no background is known, and of nobody whether he is newly arrived.
        (of_unknown,) = found.loc[found["is_boy"].isna(), counts].to_numpy().tolist()
        assert of_unknown == [0, 1, 1]
        assert found["is_newly_arrived"].isna().all()

    def test_the_mean_of_all_pupils_is_a_hundred_each_year(self, query):
        found = query("""
            select school_year, sum(index_value * n_pupils * coverage) / sum(n_pupils * coverage) as mean
            from marts.fct_unit_need_index group by all
        """)
        assert len(found) > 1
        assert found["mean"].to_list() == pytest.approx([100] * len(found))

    def test_it_tells_of_the_same_units_as_the_index_that_is_delivered(self, query):
        found = query("""
            select corr(need.index_value, paid.index_value) as likeness, count(*) as n_units
            from marts.fct_unit_need_index as need
            inner join marts.fct_structural_compensation as paid using (unit_key, school_year)
            where paid.school_form = 'gr' and paid.index_value is not null
        """)
        assert found["n_units"].item() > 20
        assert found["likeness"].item() > 0.7
