"""Spells of enrolment, persons, and grades with what they are worth."""

import pandas as pd
import pytest
from own_data_kit import seed, values

PERSONS = (
    "select key as person_id_key, key as person_key, 'female' as sex, false as is_protected "
    "from (values ('p'), ('q')) as keys(key)"
)
SCALES = (
    "select * replace (valid_to::date as valid_to, points::decimal(6, 2) as points) "
    f"from ({seed('ref_grade_scales')})"
)


class TestPersons:
    @pytest.fixture
    def identified(self, run_models):
        def run(*rows: tuple[str, str | None, str | None, str | None]) -> pd.DataFrame:
            persons = values("person_id_key, civic_no_key, sex, security_marking", *rows)
            return run_models(
                ["int_persons__identified"],
                stg_ss12000__persons=(
                    f"select *, '2013-04' as birth_month, 'Aktiv' as person_status from ({persons})"
                ),
            ).set_index("person_id_key")

        return run

    def test_an_identity_number_is_the_key_where_there_is_one(self, identified):
        found = identified(
            ("i1", "c1", "Man", "Ingen"), ("i2", None, "Kvinna", None), ("i3", "c1", "Okänt", None)
        )
        assert found["person_key"].to_dict() == {"i1": "c1", "i2": "i2", "i3": "c1"}
        assert found["sex"].to_dict() == {"i1": "male", "i2": "female", "i3": "unknown"}

    def test_a_marking_protects_whatever_it_is_called_and_in_every_record_of_the_person(self, identified):
        found = identified(
            ("i1", "c1", "Man", "Skyddad folkbokföring"),
            ("i2", "c1", "Man", "Ingen"),
            ("i3", "c3", "Man", "Nytt slags skydd"),
            ("i4", "c4", "Man", None),
        )
        assert found["is_protected"].to_dict() == {"i1": True, "i2": True, "i3": True, "i4": False}


class TestSpells:
    @pytest.fixture
    def spells(self, run_models):
        def run(*rows: tuple[str, str, int | None, str, str | None]) -> pd.DataFrame:
            enrolments = values("unit_key, school_form, school_year, start_date, end_date", *rows)
            return run_models(
                ["int_persons__enrolled"],
                int_persons__identified=PERSONS,
                stg_ss12000__enrolments=(
                    "select 'p' as person_id_key, unit_key, school_form, school_year::integer as "
                    "school_year, "
                    "null::varchar as education_code, start_date::date as start_date, end_date::date as "
                    "end_date, "
                    f"false as cancelled from ({enrolments})"
                ),
                stg_ss12000__placements=(
                    "select 'p' as child_key, 'A' as unit_key, 'fth' as school_form, "
                    "date '2024-08-01' as start_date, null::date as end_date where false"
                ),
            ).sort_values(["start_date", "unit_key"], ignore_index=True)

        return run

    def test_the_same_enrolment_delivered_twice_is_one_spell(self, spells):
        row = ("A", "gr", 4, "2026-07-01", None)
        (found,) = spells(row, row).to_dict("records")
        assert (found["n_delivered"], found["is_overlapping"]) == (2, False)

    def test_a_spell_that_is_not_closed_ends_the_day_before_the_next_at_the_same_unit(self, spells):
        found = spells(("A", "gr", 3, "2025-07-01", None), ("A", "gr", 4, "2026-07-01", None))
        assert [None if pd.isna(day) else f"{day:%Y-%m-%d}" for day in found["end_date"]] == [
            "2026-06-30",
            None,
        ]
        assert found["is_end_inferred"].tolist() == [True, False]
        assert found["stated_end_date"].isna().all()

    def test_spells_at_two_units_at_once_are_both_kept_and_marked(self, spells):
        found = spells(
            ("A", "gr", 4, "2026-07-01", None),
            ("B", "gr", 4, "2026-08-01", None),
            ("A", "gr", 3, "2025-07-01", "2026-06-30"),
        )
        assert found["is_overlapping"].tolist() == [False, True, True]
        assert not found["is_end_inferred"].any()

    def test_the_key_says_who_where_what_and_when(self, spells):
        found = spells(("A", "gr", 3, "2025-07-01", None), ("A", "gran", 3, "2025-07-01", None))
        assert found["enrolment_key"].nunique() == 2
        assert found["enrolment_key"].str.fullmatch("[0-9a-f]{32}").all()

    def test_a_form_that_the_warehouse_does_not_follow_is_left_out(self, spells):
        assert spells(("A", None, 3, "2025-07-01", None)).empty


class TestGrades:
    """Grades of pupil ``p`` in year 9 of unit ``A`` in 2025/26."""

    GRADE = (
        "id, student_key, unit_key, registered_date, grade_value, final_grade, trial, semester, year, "
        "subject, "
        "correction_type"
    )

    @pytest.fixture
    def grades(self, run_models):
        def run(*rows: tuple[object, ...], last: str = "int_own__grades") -> pd.DataFrame:
            listed = values(self.GRADE, *rows)
            models = ["int_own__grades"] + ([last] if last != "int_own__grades" else [])
            return run_models(
                models,
                stg_ss12000__grades=(
                    "select id, student_key, unit_key, registered_date::date as registered_date, "
                    "grade_value, "
                    "final_grade, trial, semester::varchar as semester, year::integer as year, subject as "
                    "syllabus_id, "
                    "correction_type, "
                    "null::timestamptz as meta_modified, false as converted, false as has_adapted_study_plan "
                    f"from ({listed})"
                ),
                stg_ss12000__syllabuses=(
                    "select code as id, code as subject_designation, null::varchar as subject_code, "
                    "null::varchar as course_code, null::integer as points, "
                    "case when code = 'MATMAT01a' then 'GY' else 'GR' end as school_type from "
                    "(select unnest(['SV', 'SVA', 'EN', 'MA', 'M2', 'BI', 'FY', 'KE', 'TK', 'GE', 'HI', "
                    "'RE', 'SH', "
                    "'BL', 'MU', 'SL', 'HKK', 'IDH', 'ML', 'MATMAT01a']) as code)"
                ),
                int_persons__identified=PERSONS,
                xwalk_ss12000_school_types=seed("xwalk_ss12000_school_types"),
                ref_grade_scales=SCALES,
                int_persons__october=(
                    "select key as person_key, 'A' as unit_key, '2025/26' as school_year, 'gr' as "
                    "school_form, "
                    "9 as year_group from (values ('p'), ('q')) as keys(key)"
                ),
                int_persons__enrolled=(
                    "select key as person_key, 'A' as unit_key, 'gr' as school_form, 9 as year_group, "
                    "date '2025-07-01' as start_date, null::date as end_date from (values ('p'), ('q')) as "
                    "keys(key)"
                ),
            )

        return run

    @staticmethod
    def grade(subject: str, value: str, **more: object) -> tuple[object, ...]:
        row = {
            "id": f"{subject}{len(more)}{more.get('registered_date', '')}{more.get('trial', '')}",
            "student_key": "p",
            "unit_key": "A",
            "registered_date": "2026-06-05",
            "grade_value": value,
            "final_grade": True,
            "trial": False,
            "semester": "VT",
            "year": 2026,
            "subject": subject,
            "correction_type": None,
        } | more
        return tuple(row.values())

    @pytest.mark.parametrize(
        ("value", "shown", "points", "passed"),
        [
            ("A", "A", 20, True),
            ("b", "B", 17.5, True),
            ("E ", "E", 10, True),
            ("F", "F", 0, False),
            ("Streck", "-", 0, False),
            ("–", "-", 0, False),
            ("Godkänd", "GODKÄND", None, None),
            # The proposed scale is not in force.
            ("7", "7", None, None),
        ],
    )
    def test_a_value_is_worth_what_the_scale_in_force_says(self, grades, value, shown, points, passed):
        (found,) = grades(self.grade("MA", value)).to_dict("records")
        assert found["grade_value"] == shown
        assert (None if pd.isna(found["points"]) else found["points"]) == points
        assert (None if pd.isna(found["is_passed"]) else bool(found["is_passed"])) == passed

    @pytest.mark.parametrize(
        ("more", "school_year", "semester", "is_late"),
        [
            ({"semester": "HT", "year": 2025, "registered_date": "2025-12-31"}, "2025/26", "HT", False),
            ({"semester": "HT", "year": 2025, "registered_date": "2026-01-01"}, "2025/26", "HT", True),
            ({"semester": "VT", "year": 2026, "registered_date": "2026-06-30"}, "2025/26", "VT", False),
            ({"semester": "VT", "year": 2026, "registered_date": "2026-09-22"}, "2025/26", "VT", True),
            ({"semester": None, "year": None, "registered_date": "2026-03-01"}, "2025/26", "VT", False),
        ],
    )
    def test_a_grade_belongs_to_its_term(self, grades, more, school_year, semester, is_late):
        (found,) = grades(self.grade("MA", "C", **more)).to_dict("records")
        assert (found["school_year"], found["semester"], found["is_late"]) == (school_year, semester, is_late)

    def test_of_two_grades_in_a_subject_the_one_registered_last_counts(self, grades):
        found = grades(
            self.grade("MA", "F"),
            self.grade("MA", "E", registered_date="2026-06-12", correction_type="Ändring"),
        )
        assert found.set_index("grade_value")["is_counted"].to_dict() == {"F": False, "E": True}

    def test_merit_value_is_sixteen_best_and_a_modern_language(self, grades):
        sixteen = [
            "SV",
            "EN",
            "MA",
            "BI",
            "FY",
            "KE",
            "TK",
            "GE",
            "HI",
            "RE",
            "SH",
            "BL",
            "MU",
            "SL",
            "HKK",
            "IDH",
        ]
        best = [self.grade(subject, "C") for subject in sixteen]

        def merit(*more: tuple[object, ...]) -> pd.Series:
            return grades(*best, *more, last="int_own__final_grades").set_index("person_key").loc["p"]

        assert merit()["merit_value"] == 240
        assert merit(self.grade("M2", "A"))["merit_value"] == 260
        assert merit(self.grade("ML", "A"))["merit_value"] == 245
        assert merit(self.grade("ML", "A"), self.grade("M2", "B"))["merit_value"] == 262.5

    def test_who_should_have_had_grades_and_has_none_is_counted(self, grades):
        found = grades(self.grade("MA", "A"), last="int_own__final_grades").set_index("person_key")
        assert found["n_grades"].to_dict() == {"p": 1, "q": 0}
        assert found["is_passed_all"].to_dict() == {"p": True, "q": False}

    def test_a_grade_in_a_subject_the_pupil_does_not_study_is_kept_marked_and_counts_for_nothing(
        self, grades
    ):
        rows = [self.grade("MA", "E"), self.grade("MATMAT01a", "A")]
        found = grades(*rows).set_index("subject_code")
        assert found["is_enrolled_in_form"].to_dict() == {"MA": True, "MATMAT01A": False}
        final = grades(*rows, last="int_own__final_grades").set_index("person_key").loc["p"]
        assert (final["merit_value"], final["n_grades"]) == (10, 1)

    def test_a_provning_changes_nothing_that_the_school_gave(self, grades):
        found = grades(
            self.grade("MA", "F"), self.grade("MA", "C", trial=True), last="int_own__final_grades"
        ).set_index("person_key")
        assert found.loc["p", "merit_value"] == 0

    @pytest.mark.parametrize(
        ("failed", "eligible"),
        [
            ([], {"vocational", "arts", "social", "science"}),
            (["BI"], {"vocational", "arts", "social"}),
            (["SH"], {"vocational", "arts", "science"}),
            (["BI", "FY", "KE", "TK", "GE"], {"vocational"}),
            (["MA"], set()),
            (["SV"], set()),
        ],
    )
    def test_eligibility(self, grades, failed, eligible):
        subjects = [
            "SV",
            "EN",
            "MA",
            "BI",
            "FY",
            "KE",
            "TK",
            "GE",
            "HI",
            "RE",
            "SH",
            "BL",
            "MU",
            "SL",
            "HKK",
            "IDH",
        ]
        rows = [self.grade(subject, "F" if subject in failed else "E") for subject in subjects]
        found = grades(*rows, last="int_own__final_grades").set_index("person_key").loc["p"]
        kinds = ("vocational", "arts", "social", "science")
        assert {kind for kind in kinds if found[f"is_eligible_{kind}"]} == eligible
