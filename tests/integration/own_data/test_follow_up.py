"""Forecasts against final grades, measures before and after, and which figures can be used."""

import pandas as pd
import pytest
from own_data_kit import seed, values

DIM_UNIT = "select 'A' as unit_key, true as is_made_up, true as is_current"


class TestForecasts:
    @pytest.fixture
    def units(self, run_models):
        def run(forecasts: str, grades: str) -> pd.DataFrame:
            found = run_models(
                ["fct_grade_forecast", "fct_unit_grade_forecast"],
                int_outcomes__grade_forecasts=forecasts,
                fct_grade=grades,
                ref_grade_scales=seed("ref_grade_scales"),
                dim_unit=DIM_UNIT,
            )
            return found.set_index("subject_code")

        return run

    @staticmethod
    def forecasts(*rows: tuple[str, str, str]) -> str:
        return (
            "select person_key, 'A' as unit_key, '2025/26' as school_year, 9 as year_group, "
            "date '2026-03-31' as forecast_on, subject_code, forecast_grade, false as is_protected, "
            f"true as is_known_person from ({values('person_key, subject_code, forecast_grade', *rows)})"
        )

    @staticmethod
    def grades(*rows: tuple[str, str, str, dict[str, bool]]) -> str:
        """Rows of (person, subject, grade, what is unusual about it)."""
        ordinary = {"is_final": True, "is_counted": True, "is_trial": False}
        listed = [
            (person, subject, grade, *(ordinary | flags).values()) for person, subject, grade, flags in rows
        ]
        columns = "person_key, subject_code, grade_value, is_final, is_counted, is_trial"
        return (
            "select *, '2025/26' as school_year, date '2026-06-10' as registered_on "
            f"from ({values(columns, *listed)})"
        )

    def test_right_too_high_and_too_low(self, units):
        found = units(
            self.forecasts(("p1", "MA", "C"), ("p2", "MA", "A"), ("p3", "MA", "E"), ("p4", "SV", "B")),
            self.grades(
                ("p1", "MA", "C", {}),
                ("p2", "MA", "B", {}),
                ("p3", "MA", "D", {}),
            ),
        )
        maths, everything = found.loc["MA"], found.loc["all"]
        assert (maths["n_too_high"], maths["n_too_low"], float(maths["numerator"])) == (1, 1, 1)
        assert maths["value"] == pytest.approx(100 / 3)
        assert (everything["n_forecasts"], float(everything["denominator"])) == (4, 3)
        assert everything["coverage"] == 0.75
        assert (found.loc["SV", "status"], pd.isna(found.loc["SV", "value"])) == ("missing", True)

    @pytest.mark.parametrize("flag", [{"is_final": False}, {"is_counted": False}, {"is_trial": True}])
    def test_term_grades_corrected_ones_and_provning_are_no_final_grade(self, units, flag):
        found = units(
            self.forecasts(("p1", "MA", "C"), ("p2", "MA", "C")),
            self.grades(("p1", "MA", "D", flag), ("p1", "MA", "C", {}), ("p2", "MA", "C", flag)),
        )
        assert (float(found.loc["MA", "numerator"]), float(found.loc["MA", "denominator"])) == (1, 1)

    def test_a_dash_and_an_f_are_both_no_pass(self, units):
        found = units(self.forecasts(("p1", "MA", "F")), self.grades(("p1", "MA", "-", {})))
        assert found.loc["MA", "value"] == 100
        assert found.loc["MA", "n_forecast_passed"] == 0


class TestMeasures:
    @pytest.fixture
    def measure(self, run_models):
        def run(
            figures: str, starts: str = "2025-08-25", ends: str | None = None, aim: str | None = "x__level"
        ):
            decided = (
                "select 'A' as unit_code, '2025-01' as measure_number, 'Läslyft' as title, "
                "indicator_id::varchar as indicator_id, "
                "date '2025-06-01' as decided_on, starts_on::date as starts_on, ends_on::date as ends_on, "
                "'pagar' as status, 'Rektor' as responsible_role "
                f"from ({values('indicator_id, starts_on, ends_on', (aim, starts, ends))})"
            )
            found = run_models(
                ["int_improvement__measures", "fct_improvement_measure"],
                stg_deliveries__measures=decided,
                int_units__succeeded="select 'OLD' as unit_key, 'A' as current_unit_key",
                int_improvement__unit_figures=figures,
                ref_indicators="select 'x__level' as indicator_id, 'x' as measure_id, 'higher' as better_is",
                ref_measures="select 'y' as measure_id, 'lower' as better_is",
                dim_unit=DIM_UNIT,
            )
            assert len(found) == 1
            return found.iloc[0]

        return run

    @staticmethod
    def figures(*rows: tuple[str, str, float]) -> str:
        columns = "school_year, measure_id, value"
        return (
            "select 'A' as current_unit_key, school_year, measure_id, value::double as value "
            f"from ({values(columns, *rows)})"
        )

    def test_the_year_before_and_the_latest_since(self, measure):
        found = measure(
            self.figures(("2023/24", "x", 1), ("2024/25", "x", 5), ("2025/26", "x", 6), ("2026/27", "x", 9))
        )
        assert (found["school_year_before"], found["school_year_after"]) == ("2024/25", "2026/27")
        assert (found["value_before"], found["value_after"], found["value_change"]) == (5, 9, 4)
        assert (found["status"], found["better_is"]) == ("ok", "higher")

    def test_after_is_at_most_the_year_after_the_end(self, measure):
        rows = self.figures(
            ("2024/25", "x", 5), ("2025/26", "x", 6), ("2026/27", "x", 7), ("2027/28", "x", 8)
        )
        assert measure(rows, ends="2026-06-10")["school_year_after"] == "2026/27"

    def test_no_figure_yet_is_null_and_not_zero(self, measure):
        found = measure(self.figures(("2024/25", "x", 5)))
        assert found["value_before"] == 5
        assert pd.isna(found["value_after"])
        assert found["status"] == "missing"

    def test_a_measure_of_the_warehouse_may_be_aimed_at_by_its_own_name(self, measure):
        rows = self.figures(("2024/25", "y", 5), ("2025/26", "y", 4))
        found = measure(rows, aim="y")
        assert (found["value_change"], found["better_is"]) == (-1, "lower")

    def test_a_measure_without_an_aim_stands_without_figures(self, measure):
        assert measure(self.figures(("2024/25", "x", 5)), aim=None)["status"] == "missing"
