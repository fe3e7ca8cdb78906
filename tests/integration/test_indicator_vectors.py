"""The indicator models' own SQL, as dbt compiled it, on small vectors with answers worked out elsewhere."""

from pathlib import Path
from typing import ClassVar

import duckdb
import numpy as np
import pandas as pd
import pytest

VECTORS = Path(__file__).parents[1] / "fixtures" / "vectors"
THRESHOLDS = pd.DataFrame(
    [
        ("public", level, rule, threshold)
        for level, pupils in (("unit", 10), ("municipality", 5), ("nation", 5))
        for rule, threshold in (
            ("minimum_pupils", pupils),
            ("minimum_teachers", 3),
            ("maximum_not_reached", 4),
            ("minimum_hidden_units", 3),
        )
    ],
    columns=["audience", "entity_type", "rule", "threshold"],
)


@pytest.fixture
def run_model(release):
    """Runs a compiled model on data frames that stand in for the tables it reads; returns its rows."""

    def run(model: str, **tables: pd.DataFrame) -> pd.DataFrame:
        sql = release.compiled(model)
        schemas = release.schemas
        with duckdb.connect() as connection:
            connection.execute("attach ':memory:' as warehouse")
            for name, frame in tables.items():
                connection.execute(f"create schema if not exists warehouse.{schemas[name]}")
                connection.register("frame", frame)
                connection.execute(f"create table warehouse.{schemas[name]}.{name} as select * from frame")
                connection.unregister("frame")
            return connection.execute(sql).df()

    return run


def catalogue(*methods: str, measure: str, minimum_units: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "indicator_id": [f"{measure}__{method}" for method in methods],
            "measure_id": measure,
            "method": list(methods),
            "minimum_units": minimum_units,
        }
    )


def unit_rows(frame: pd.DataFrame, measure: str, value: str, base: str | None = None, **extra: object):
    return pd.DataFrame(
        {
            "unit_key": frame["unit"],
            "municipality_code": "0380",
            "school_year": "2024/25",
            "measure_id": measure,
            "group_id": "all",
            "base_count": frame[base].astype(float) if base else None,
            "value": frame[value].astype(float),
            "suppression": pd.Series([None] * len(frame), dtype=object),
            "break_in_series": pd.Series([None] * len(frame), dtype=object),
            **extra,
        }
    )


class TestNeedQuarters:
    # Unit by unit, from the vector: pupils below plus half of the tied, in quarters of all 3,465 pupils.
    QUARTER_OF_UNIT: ClassVar = dict(
        zip(
            [f"S{n:02d}" for n in range(1, 13)],
            [1, 1, 1, 2, 2, 3, 3, 3, 3, 4, 4, 4],
            strict=True,
        )
    )

    @pytest.fixture
    def units(self) -> pd.DataFrame:
        units = pd.read_csv(VECTORS / "alloc_input.csv")
        units["parents"] = 100 - units["need_index"]
        units["certified_percent"] = 100 * units["cert_fte"] / units["teacher_fte"]
        return units

    @pytest.fixture
    def indicators(self) -> pd.DataFrame:
        return pd.concat(
            catalogue("need_quarter", "need_gap", measure=measure, minimum_units=4)
            for measure in ("certified_teachers_share", "pupils_per_teacher")
        )

    @pytest.fixture
    def run(self, run_model, indicators):
        def run(
            units: pd.DataFrame, hidden: tuple[str, ...] = (), entity_type: str = "municipality"
        ) -> pd.DataFrame:
            rows = pd.concat(
                [
                    unit_rows(units, "pupils", "pupils"),
                    unit_rows(units, "parents_higher_education_share", "parents"),
                    unit_rows(units, "teachers_fte", "teacher_fte"),
                    unit_rows(units, "certified_teachers_share", "certified_percent"),
                ]
            )
            is_hidden = rows["unit_key"].isin(hidden) & (rows["measure_id"] == "certified_teachers_share")
            rows.loc[is_hidden, "suppression"] = "agency"
            found = run_model(
                "ind_need_quarters",
                ind_need_quarter_units=run_model("ind_need_quarter_units", ind_unit_group_figures=rows),
                ref_indicators=indicators,
                thr_disclosure=THRESHOLDS,
            )
            return found[found["entity_type"] == entity_type].set_index(["indicator_id", "group_id"])

        return run

    def test_the_nation_is_quartered_by_the_same_rule(self, run, units):
        of_municipality, of_nation = run(units), run(units, entity_type="nation")
        assert set(of_nation["entity_key"]) == {"SE"}
        assert of_nation["value"].to_dict() == pytest.approx(of_municipality["value"].to_dict())

    def test_quarters_hold_the_units_of_the_vector_and_their_pooled_shares(self, run, units):
        found = run(units)
        expected = units.assign(quarter=units["unit"].map(self.QUARTER_OF_UNIT)).groupby("quarter")[
            ["pupils", "teacher_fte", "cert_fte"]
        ]
        sums, counts = expected.sum(), expected.size()
        assert counts.to_list() == [3, 2, 4, 3]
        for quarter, row in sums.iterrows():
            share = found.loc[("certified_teachers_share__need_quarter", f"need_quarter_{quarter}")]
            assert share["n_units"] == counts[quarter]
            assert share["value"] == pytest.approx(100 * row["cert_fte"] / row["teacher_fte"], abs=1e-6)
            assert float(share["denominator"]) == pytest.approx(row["teacher_fte"])
            ratio = found.loc[("pupils_per_teacher__need_quarter", f"need_quarter_{quarter}")]
            assert ratio["value"] == pytest.approx(row["pupils"] / row["teacher_fte"], abs=1e-9)

    def test_the_gap_is_most_need_minus_least_need_of_pooled_shares_not_of_unit_means(self, run, units):
        gap = run(units).loc[("certified_teachers_share__need_gap", "all")]
        # 41.8 of 69.5 full-time teachers against 50.1 of 70.5.
        assert gap["value"] == pytest.approx(100 * (41.8 / 69.5 - 50.1 / 70.5), abs=1e-6)
        by_units = units.assign(quarter=units["unit"].map(self.QUARTER_OF_UNIT))
        means = by_units.groupby("quarter")["certified_percent"].mean()
        assert gap["value"] != pytest.approx(means[4] - means[1], abs=0.01)

    def test_the_order_of_rows_changes_nothing(self, run, units):
        first, second = run(units), run(units.iloc[::-1])
        assert first["value"].sort_index().to_dict() == pytest.approx(second["value"].sort_index().to_dict())

    def test_fewer_units_than_the_catalogue_asks_for_give_no_quarters(self, run, units):
        found = run(units.head(3))
        assert set(found["status"]) == {"undefined"}
        assert found["value"].isna().all()

    def test_one_hidden_unit_in_a_quarter_marks_the_quarter_and_the_gap(self, run, units):
        found = run(units, hidden=("S10",))["suppression"]
        assert found[("certified_teachers_share__need_quarter", "need_quarter_4")] == "hidden_units"
        assert found[("certified_teachers_share__need_gap", "all")] == "hidden_units"
        assert pd.isna(found[("certified_teachers_share__need_quarter", "need_quarter_1")])


class TestUnitSpread:
    METHODS = (
        "spread_sd",
        "spread_p10",
        "spread_p25",
        "spread_p50",
        "spread_p75",
        "spread_p90",
        "spread_p90_p10",
        "units_below_nation",
    )

    @pytest.fixture
    def units(self) -> pd.DataFrame:
        pupils = pd.read_csv(VECTORS / "icc_handmade.csv")
        return pupils.groupby("unit")["y"].agg(mean="mean", pupils="size").reset_index()

    @pytest.fixture
    def run(self, run_model):
        def run(units: pd.DataFrame, nation: float = 215.83333333333334, **extra: object) -> pd.DataFrame:
            catalogued = catalogue(*self.METHODS, measure="merit_value_y9", minimum_units=2)
            level = catalogue("level", measure="merit_value_y9", minimum_units=0)
            levels = pd.DataFrame(
                {
                    "entity_type": ["nation"],
                    "group_id": ["all"],
                    "school_year": ["2024/25"],
                    "indicator_id": ["merit_value_y9__level"],
                    "value": [nation],
                }
            )
            found = run_model(
                "ind_unit_spread",
                ind_unit_group_figures=unit_rows(units, "merit_value_y9", "mean", "pupils", **extra),
                ind_levels=levels,
                ref_indicators=pd.concat([catalogued, level]),
                thr_disclosure=THRESHOLDS,
            )
            found["method"] = found["indicator_id"].str.removeprefix("merit_value_y9__")
            return found[found["entity_type"] == "municipality"].set_index("method")

        return run

    def test_the_standard_deviation_of_unit_means_is_weighted_by_pupils(self, run, units):
        found = run(units)
        assert found.loc["spread_sd", "value"] == pytest.approx(17.886929201183676, abs=1e-9)
        # The unweighted one, which a mean over units would give, is another figure altogether.
        assert units["mean"].std() == pytest.approx(29.548010392531342)

    @pytest.mark.parametrize("percentile", [10, 25, 50, 75, 90])
    def test_percentiles_are_those_of_the_unit_means(self, run, units, percentile):
        found = run(units).loc[f"spread_p{percentile}", "value"]
        assert found == pytest.approx(np.quantile(units["mean"], percentile / 100), abs=1e-9)

    def test_p90_minus_p10_is_their_difference(self, run, units):
        found = run(units)["value"]
        assert found["spread_p90_p10"] == pytest.approx(found["spread_p90"] - found["spread_p10"])

    def test_units_below_the_nation_are_counted_in_percent_of_units(self, run, units):
        found = run(units).loc["units_below_nation"]
        # C, E, F and G of eight lie below 215.83.
        assert (float(found["numerator"]), float(found["denominator"]), found["value"]) == (4, 8, 50)

    def test_one_unit_has_no_spread(self, run, units):
        found = run(units.head(1)).drop("units_below_nation")
        assert found["value"].isna().all()
        assert set(found["status"]) == {"undefined"}

    def test_equal_units_have_no_spread_but_a_value(self, run, units):
        found = run(units.assign(mean=0.1))
        assert found.loc["spread_sd", "value"] == pytest.approx(0, abs=1e-7)
        assert found.loc["spread_p90_p10", "value"] == 0

    def test_a_unit_without_a_known_base_is_in_the_percentiles_but_has_no_weight(self, run, units):
        unknown = units.assign(pupils=units["pupils"].where(units["unit"] != "H"))
        found = run(unknown)
        rest = units[units["unit"] != "H"]
        mean = np.average(rest["mean"], weights=rest["pupils"])
        expected = np.sqrt(np.average((rest["mean"] - mean) ** 2, weights=rest["pupils"]))
        assert found.loc["spread_sd", "value"] == pytest.approx(expected)
        assert found.loc["spread_sd", "n_units"] == 7
        assert found.loc["spread_p50", "n_units"] == 8
