"""The log of deliveries, and which units' figures can be used, in words for who must act."""

import pandas as pd
import pytest
from own_data_kit import seed, values


class TestDeliveryLog:
    @pytest.fixture
    def log(self, run_models):
        def run(files: str, rejected: str, *withdrawn: tuple[object, ...]) -> pd.DataFrame:
            found = run_models(
                ["dq_delivery_log"],
                delivery_files=files,
                dq_rejected_rows=rejected,
                withdrawn_deliveries=values(self.WITHDRAWN, *withdrawn or [(None,) * 5])
                + ("" if withdrawn else " where false"),
            )
            return found.set_index("file")

        return run

    WITHDRAWN = "sha256, withdrawn_at, withdrawn_by, reason, rows_withdrawn"
    COLUMNS = (
        "file, kind, received_at, sha256, delivered, accepted, quarantined, duplicates, refused_rule, "
        "report, extract_id, read_by"
    )

    def file(
        self, name: str, *, counts: tuple[int, int, int, int], extract: str | None, refused: str | None = None
    ):
        received = "2026-11-02" if name.startswith("late") else "2026-11-01"
        return (name, "staff", received, name, *counts, refused, f"{name}.rapport.txt", extract, "r")

    def test_every_file_says_what_became_of_it(self, log):
        files = values(
            self.COLUMNS,
            self.file("good.csv", counts=(10, 10, 0, 0), extract="x1"),
            self.file("partly.csv", counts=(10, 7, 2, 1), extract="x2"),
            self.file("unknown.csv", counts=(10, 10, 0, 0), extract="x3"),
            self.file("wrong.csv", counts=(0, 0, 0, 0), extract=None, refused="missing_column"),
        )
        rejected = values(
            "extract_id, found_by", ("x3", "staging"), ("x3", "staging"), ("x2", "reader"), ("x2", "staging")
        )
        found = log(files, rejected)
        assert found[["loaded", "rejected"]].T.to_dict("list") == {
            "good.csv": [10, 0],
            "partly.csv": [6, 3],
            "unknown.csv": [8, 2],
            "wrong.csv": [0, 0],
        }
        assert found["state_sv"].str.split(":").str[0].str.split(",").str[0].to_dict() == {
            "good.csv": "Mottagen.",
            "partly.csv": "Mottagen",
            "unknown.csv": "Mottagen",
            "wrong.csv": "Avvisad",
        }
        assert "register" in found.loc["unknown.csv", "state_sv"]
        assert "rapporten" in found.loc["partly.csv", "state_sv"]

    def test_a_file_taken_back_says_so_with_who_and_why(self, log):
        found = log(
            values(self.COLUMNS, self.file("a.csv", counts=(0, 0, 0, 0), extract=None, refused="withdrawn")),
            "select null as extract_id, null as found_by where false",
            ("a.csv", "2026-11-03 08:00:00+00", "anna", "Fel läsår.", 12),
        ).loc["a.csv"]
        assert found["state_sv"].startswith("Återtagen")
        assert (found["withdrawn_by"], found["withdrawn_reason"], found["rows_withdrawn"]) == (
            "anna",
            "Fel läsår.",
            12,
        )

    def test_rows_of_a_file_saved_twice_are_rejected_once(self, log):
        files = values(
            self.COLUMNS,
            self.file("first.csv", counts=(5, 5, 0, 0), extract="x1"),
            self.file("late.csv", counts=(5, 5, 0, 0), extract="x1"),
        )
        found = log(files, values("extract_id, found_by", ("x1", "staging")))
        assert found["rejected"].to_dict() == {"first.csv": 0, "late.csv": 1}


def empty(**columns: str) -> str:
    """A table with these columns and types, and no rows."""
    cells = ", ".join(f"null::{kind} as {name}" for name, kind in columns.items())
    return f"select {cells} where false"


UNIT_YEAR = {"unit_key": "varchar", "school_year": "varchar"}
NOTHING = {
    "fct_unit_resources": empty(
        unit_key="varchar", calendar_year="integer", component="varchar", kind="varchar"
    ),
    "fct_structural_compensation": empty(
        **UNIT_YEAR, school_form="varchar", calculated_kronor="bigint", is_index_missing="boolean"
    ),
    "fct_unit_pupil_groups": empty(
        **UNIT_YEAR, school_form="varchar", dimension="varchar", coverage="double"
    ),
    "fct_unit_local_survey": empty(
        **UNIT_YEAR,
        status="varchar",
        respondent="varchar",
        question_area="varchar",
        year_group="varchar",
        coverage="double",
    ),
    "fct_unit_national_test": empty(
        **UNIT_YEAR, year_group="integer", subject_code="varchar", coverage="double"
    ),
    "fct_unit_early_assessment": empty(**UNIT_YEAR, assessment="varchar", area="varchar", coverage="double"),
    "fct_unit_upper_secondary": empty(
        unit_key="varchar",
        start_year="integer",
        programme_kind="varchar",
        programme_code="varchar",
        within_years="integer",
    ),
    "int_outcomes__grade_forecasts": empty(person_key="varchar", school_year="varchar"),
    "dq_coverage": empty(
        unit_key="varchar",
        month_start="date",
        coverage_of="varchar",
        n_expected="bigint",
        n_known="bigint",
        coverage="double",
    ),
}
# One unit of compulsory school with a preschool class, and one preschool.
PUPILS = (
    "select person_key, unit_key, '2025/26' as school_year, school_form, year_group::integer as year_group "
    "from (values ('p1', 'A', 'gr', 6), ('p2', 'A', 'fsk', null), ('p3', 'F', 'fs', null)) "
    "as written(person_key, unit_key, school_form, year_group)"
)


def maths_of_year_6(coverage: float | None, year: str = "2025/26") -> str:
    """National tests of year 6 in mathematics at unit A."""
    return (
        f"select 'A' as unit_key, '{year}' as school_year, 6 as year_group, 'MA' as subject_code, "
        f"{'null' if coverage is None else coverage}::double as coverage"
    )


class TestUsability:
    @pytest.fixture
    def judge(self, run_models):
        def run(**tables: str) -> pd.DataFrame:
            found = run_models(
                ["dq_mart_usability"],
                **(
                    NOTHING
                    | {"int_persons__october": PUPILS, "thr_usability": seed("thr_usability")}
                    | tables
                ),
            )
            return found.set_index(["mart", "unit_key"])

        return run

    def test_a_unit_is_judged_only_where_it_has_pupils_the_mart_is_about(self, judge):
        found = judge()
        assert set(found.xs("F", level="unit_key").index) == {
            "fct_unit_staff_competence",
            "fct_unit_resources",
            "fct_structural_compensation",
        }
        assert ("fct_unit_grade_forecast", "A") not in found.index
        assert ("fct_unit_national_test", "A") in found.index

    def test_nothing_delivered_is_said_and_who_delivers_it(self, judge):
        row = judge().loc[("fct_unit_early_assessment", "A")]
        assert not row["is_usable"]
        assert row["reason_sv"] == "Kartläggning i förskoleklass: inga uppgifter finns för läsåret 2025/26."
        assert "Kartläggning och bedömningsstöd" in row["what_to_do_sv"]

    @pytest.mark.parametrize(("coverage", "usable"), [(0.8, True), (0.79, False), (None, False)])
    def test_the_threshold_counts_from_and_with(self, judge, coverage, usable):
        row = judge(fct_unit_national_test=maths_of_year_6(coverage)).loc[("fct_unit_national_test", "A")]
        assert row["is_usable"] == usable
        assert pd.isna(row["reason_sv"]) == usable
        assert pd.isna(row["what_to_do_sv"]) == usable

    def test_a_lack_is_never_rounded_up_to_enough(self, judge):
        row = judge(fct_unit_national_test=maths_of_year_6(0.7999)).loc[("fct_unit_national_test", "A")]
        assert "79 procent är känt" in row["reason_sv"]
        assert "minst 80 procent" in row["reason_sv"]

    def test_the_period_judged_is_the_latest_the_mart_has(self, judge):
        pupils = f"{PUPILS} union all select 'p1', 'A', '2024/25', 'gr', 6"
        found = judge(fct_unit_national_test=maths_of_year_6(0.9, "2024/25"), int_persons__october=pupils)
        assert found.loc[("fct_unit_national_test", "A"), "school_year"] == "2024/25"
        assert found.loc[("fct_unit_national_test", "A"), "is_usable"]
