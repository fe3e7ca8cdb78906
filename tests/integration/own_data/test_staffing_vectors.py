"""Teachers' certification, qualification, experience and turnover."""

import json

import pandas as pd
import pytest
from own_data_kit import VECTORS, seed, values

EXPECTED = {
    row["unit"]: row
    for row in json.loads((VECTORS / "teacher_expected.json").read_text(encoding="utf-8"))["rows"]
}
VECTOR = f"read_csv('{VECTORS / 'teacher_input.csv'}')"
STAFF_COLUMNS = {
    "person_key": "varchar",
    "unit_code": "varchar",
    "school_year": "varchar",
    "role": "varchar",
    "fte_percent": "decimal(9, 4)",
    "is_certified": "boolean",
    "certified_from": "date",
    "experience_years": "decimal(9, 4)",
    "is_first_teacher": "boolean",
    "sick_leave_days": "decimal(9, 4)",
    "working_days": "decimal(9, 4)",
    "employed_from": "date",
    "employed_to": "date",
    "municipality_code": "varchar",
}
NO_PERSONS = "select '' as person_key, '' as person_id_key, false as is_protected where false"
NO_PUPILS = "select '' as person_key, '' as unit_key, '' as school_year, '' as school_form where false"
NO_SUCCESSIONS = "select '' as from_unit_key, '' as to_unit_key, '' as valid_from_school_year where false"
NO_QUALIFICATIONS = (
    "select '' as person_key, '' as subject_code, '' as stage, null::date as valid_from where false"
)
NO_TEACHING = (
    "select '' as person_key, '' as unit_key, '' as school_year, '' as subject_code, '' as stage, "
    "0::bigint as minutes where false"
)


def staff(*posts: dict[str, object]) -> str:
    """Delivered posts; what a test does not say is an ordinary full-time teacher of 2024/25 in unit A."""
    ordinary = {
        "unit_code": "A",
        "school_year": "2024/25",
        "role": "larare",
        "fte_percent": 100,
        "municipality_code": "9999",
    }
    rows = [tuple((ordinary | post).get(column) for column in STAFF_COLUMNS) for post in posts]
    casts = ", ".join(f"{column}::{kind} as {column}" for column, kind in STAFF_COLUMNS.items())
    return f"select {casts} from ({values(', '.join(STAFF_COLUMNS), *rows)})"


def teaching(*rows: tuple[str, str, str, int | None], school_year: str = "2024/25") -> str:
    """Rows of (person, subject, stage, minutes) in unit A."""
    return (
        f"select person_key, 'A' as unit_key, '{school_year}' as school_year, subject_code, stage, "
        f"minutes::bigint as minutes from ({values('person_key, subject_code, stage, minutes', *rows)})"
    )


def qualifications(*rows: tuple[str, str, str, str | None]) -> str:
    return (
        "select person_key, subject_code, stage, valid_from::date as valid_from "
        f"from ({values('person_key, subject_code, stage, valid_from', *rows)})"
    )


def pupils(*rows: tuple[str, str, str]) -> str:
    """Rows of (person, unit, school form) in 2024/25."""
    return (
        "select person_key, unit_key, '2024/25' as school_year, school_form, 1 as year_group "
        f"from ({values('person_key, unit_key, school_form', *rows)})"
    )


@pytest.fixture
def competence(run_models):
    def run(
        posts: str,
        taught: str = NO_TEACHING,
        qualified: str = NO_QUALIFICATIONS,
        enrolled: str = NO_PUPILS,
        successions: str = NO_SUCCESSIONS,
    ) -> pd.DataFrame:
        found = run_models(
            ["int_staffing__parts", "int_staffing__assignments", "int_staffing__competence"],
            stg_deliveries__staff=posts,
            stg_deliveries__staff_qualifications=qualified,
            int_staffing__teaching=taught,
            int_persons__identified=NO_PERSONS,
            int_persons__october=enrolled,
            xwalk_unit_succession=successions,
            ref_staff_roles=seed("ref_staff_roles"),
            thr_staffing=seed("thr_staffing"),
            xwalk_qualified_stages=seed("xwalk_qualified_stages"),
            ref_own_measures=seed("ref_own_measures"),
        )
        index = ["entity_type", "entity_key", "school_year", "measure_id", "subject_code", "stage"]
        return found.set_index(index).sort_index()

    return run


def figure(found: pd.DataFrame, measure: str, entity: str = "A", year: str = "2024/25", **part: str):
    level = "municipality" if entity == "9999" else "unit"
    key = (level, entity, year, measure, part.get("subject", "all"), part.get("stage", "all"))
    return found.loc[key]


class TestTheVector:
    """Seven teachers in three units: one works in two, one has no hours, one is not known."""

    @pytest.fixture
    def found(self, competence) -> pd.DataFrame:
        posts = (
            "select teacher as person_key, unit as unit_code, '2024/25' as school_year, 'larare' as role, "
            "(100 * fte)::decimal(9, 4) as fte_percent, has_legitimation = 1 as is_certified, "
            "null::date as certified_from, years_experience::decimal(9, 4) as experience_years, "
            "null::boolean as is_first_teacher, null::decimal(9, 4) as sick_leave_days, "
            "null::decimal(9, 4) as working_days, null::date as employed_from, null::date as employed_to, "
            f"'9999' as municipality_code from {VECTOR}"
        )
        # Each teaches one subject, and is or is not qualified for it as the vector says.
        taught = (
            "select teacher as person_key, unit as unit_key, '2024/25' as school_year, 'MA' as subject_code, "
            f"'hog' as stage, 600::bigint as minutes from {VECTOR}"
        )
        qualified = (
            "select distinct teacher as person_key, "
            "case when qualified_any_subject = 1 then 'MA' else 'EN' end as subject_code, 'hog' as stage, "
            f"date '2015-06-10' as valid_from from {VECTOR} where has_legitimation = 1"
        )
        return competence(posts, taught, qualified)

    @pytest.mark.parametrize("unit", ["A", "B", "C", "MUN"])
    def test_full_time_posts(self, found, unit):
        entity, expected = "9999" if unit == "MUN" else unit, EXPECTED[unit]
        everyone = figure(found, "teachers_fte", entity)
        assert float(everyone["value"]) == pytest.approx(expected["fte_total"])
        share = figure(found, "qualified_any_fte_share", entity)
        if expected["share_fte"] is None:
            assert share["status"] == "missing"
            assert pd.isna(share["value"])
            assert pd.isna(share["denominator"])
            assert share["coverage"] == 0
        else:
            assert float(share["numerator"]) == pytest.approx(expected["fte_qual"])
            assert float(share["denominator"]) == pytest.approx(expected["fte_known"])
            assert share["value"] / 100 == pytest.approx(expected["share_fte"], abs=1e-12)
            assert share["coverage"] == pytest.approx(expected["fte_known"] / expected["fte_total"])

    @pytest.mark.parametrize("unit", ["A", "B", "C", "MUN"])
    def test_heads_are_counted_once(self, found, unit):
        entity, expected = "9999" if unit == "MUN" else unit, EXPECTED[unit]
        share = figure(found, "qualified_any_heads_share", entity)
        assert share["n_persons"] == expected["heads"]
        if expected["share_heads"] is None:
            assert share["status"] == "missing"
        else:
            assert float(share["numerator"]) == expected["heads_qual"]
            assert float(share["denominator"]) == expected["heads_known"]
            assert share["value"] / 100 == pytest.approx(expected["share_heads"], abs=1e-12)

    @pytest.mark.parametrize("unit", ["A", "B", "C", "MUN"])
    def test_experienced_posts(self, found, unit):
        entity, expected = "9999" if unit == "MUN" else unit, EXPECTED[unit]
        share = figure(found, "experienced_fte_share", entity)
        if expected["fte_exp5"] is None:
            assert share["status"] == "missing"
        else:
            assert float(share["numerator"]) == pytest.approx(expected["fte_exp5"])


class TestQualification:
    def test_a_post_is_divided_by_teaching_time_between_subjects_and_stages(self, competence):
        found = competence(
            staff({"person_key": "t1", "is_certified": True}),
            teaching(("t1", "MA", "hog", 900), ("t1", "NO", "mellan", 300)),
            qualifications(("t1", "MA", "hog", "2015-06-10")),
        )
        assert figure(found, "qualified_fte_share")["value"] == pytest.approx(75)
        assert figure(found, "qualified_fte_share", subject="MA", stage="hog")["value"] == 100
        assert figure(found, "qualified_fte_share", subject="NO")["value"] == 0
        assert float(figure(found, "qualified_fte_share", stage="mellan")["denominator"]) == 0.25
        assert figure(found, "qualified_any_fte_share")["value"] == 100

    def test_without_teaching_times_the_parts_are_equal(self, competence):
        found = competence(
            staff({"person_key": "t1", "is_certified": True}),
            teaching(("t1", "MA", "hog", 900), ("t1", "NO", "hog", None)),
            qualifications(("t1", "MA", "hog", None)),
        )
        assert figure(found, "qualified_fte_share")["value"] == pytest.approx(50)

    @pytest.mark.parametrize(
        ("subject", "stage", "day", "expected"),
        [
            ("MA", "hog", "2025-02-01", 100),  # the last day that counts
            ("MA", "hog", "2025-02-02", 0),
            ("MA", "mellan", "2015-06-10", 0),  # another stage
            ("EN", "hog", "2015-06-10", 0),  # another subject
        ],
    )
    def test_subject_stage_and_day_must_all_fit(self, competence, subject, stage, day, expected):
        found = competence(
            staff({"person_key": "t1", "is_certified": True}),
            teaching(("t1", "MA", "hog", 900)),
            qualifications(("t1", subject, stage, day)),
        )
        assert figure(found, "qualified_fte_share")["value"] == expected

    def test_a_qualification_without_certification_does_not_count(self, competence):
        found = competence(
            staff({"person_key": "t1", "is_certified": False}),
            teaching(("t1", "MA", "hog", 900)),
            qualifications(("t1", "MA", "hog", "2015-06-10")),
        )
        assert figure(found, "qualified_fte_share")["value"] == 0

    def test_a_certified_teacher_without_any_delivered_qualification_is_not_known(self, competence):
        found = competence(
            staff({"person_key": "t1", "is_certified": True}), teaching(("t1", "MA", "hog", 900))
        )
        share = figure(found, "qualified_any_fte_share")
        assert (share["status"], share["coverage"]) == ("missing", 0)
        assert figure(found, "certified_fte_share")["value"] == 100

    def test_a_certificate_of_the_spring_counts_next_year(self, competence):
        late = {"person_key": "t1", "is_certified": True, "certified_from": "2025-04-01"}
        found = competence(staff(late, late | {"school_year": "2025/26"}))
        assert figure(found, "certified_fte_share")["value"] == 0
        assert figure(found, "certified_fte_share", year="2025/26")["value"] == 100

    @pytest.mark.parametrize(
        ("qualified", "expected"),
        [
            (NO_QUALIFICATIONS, 100),  # the certificate is the qualification
            (qualifications(("t1", "FS", "forskola", "2015-06-10")), 100),
            (qualifications(("t1", "FS", "forskola", "2025-06-10")), 0),
            (qualifications(("t1", "MA", "hog", "2015-06-10")), 0),  # a teacher's certificate
        ],
    )
    def test_preschool_teachers_have_no_timetable(self, competence, qualified, expected):
        posts = staff({"person_key": "t1", "role": "forskollarare", "is_certified": True})
        assert figure(competence(posts, qualified=qualified), "qualified_any_fte_share")["value"] == expected

    def test_preschool_class_may_be_taught_by_teachers_of_the_first_stage(self, competence):
        found = competence(
            staff({"person_key": "t1", "is_certified": True}),
            teaching(("t1", "unspecified", "forskoleklass", 900)),
            qualifications(("t1", "SV", "lag", "2015-06-10")),
        )
        assert figure(found, "qualified_fte_share")["value"] == 100


class TestCounting:
    def test_only_posts_on_15_october_count(self, competence):
        found = competence(
            staff(
                {"person_key": "t1", "is_certified": True},
                {"person_key": "t2", "is_certified": False, "employed_from": "2024-10-16"},
                {"person_key": "t3", "is_certified": False, "employed_to": "2024-10-14"},
                {"person_key": "t4", "role": "barnskotare", "is_certified": False},
            )
        )
        assert figure(found, "teachers_fte")["value"] == 1
        assert figure(found, "certified_fte_share")["value"] == 100

    def test_pupils_per_teacher_leave_educare_out_and_need_pupils(self, competence):
        posts = staff({"person_key": "t1"}, {"person_key": "t2", "fte_percent": 50})
        found = competence(
            posts,
            enrolled=pupils(("p1", "A", "gr"), ("p1", "A", "fth"), ("p2", "A", "fsk"), ("p3", "A", "gr")),
        )
        assert figure(found, "pupils_per_teacher")["value"] == pytest.approx(2)
        assert figure(found, "pupils_per_teacher", "9999")["value"] == pytest.approx(2)
        assert figure(competence(posts), "pupils_per_teacher")["status"] == "missing"

    def test_no_special_educator_is_zero_and_not_missing(self, competence):
        found = competence(staff({"person_key": "t1"}), enrolled=pupils(("p1", "A", "gr")))
        none = figure(found, "special_educators_per_100_pupils")
        assert (none["value"], none["status"]) == (0, "ok")
        half = staff({"person_key": "t1", "role": "specialpedagog", "fte_percent": 50})
        some = figure(
            competence(half, enrolled=pupils(("p1", "A", "gr"))), "special_educators_per_100_pupils"
        )
        assert some["value"] == pytest.approx(50)

    def test_sick_leave_rests_on_posts_with_both_numbers(self, competence):
        found = competence(
            staff(
                {"person_key": "t1", "sick_leave_days": 10, "working_days": 100},
                {"person_key": "t2", "sick_leave_days": 40},
                {"person_key": "t3", "role": "elevhalsa", "sick_leave_days": 0, "working_days": 100},
            )
        )
        sick = figure(found, "sick_leave_share")
        assert sick["value"] == pytest.approx(5)
        assert sick["coverage"] == pytest.approx(2 / 3)


class TestTurnover:
    def test_who_left_since_last_october_in_full_time_posts_then(self, competence):
        found = competence(
            staff(
                {"person_key": "t1"},
                {"person_key": "t2", "fte_percent": 50},
                {"person_key": "t1", "school_year": "2025/26", "fte_percent": 80},
            )
        )
        left = figure(found, "teacher_turnover_share", year="2025/26")
        assert (float(left["numerator"]), float(left["denominator"])) == (0.5, 1.5)
        assert left["value"] == pytest.approx(100 / 3)

    def test_a_move_within_the_municipality_leaves_the_unit_and_not_the_municipality(self, competence):
        found = competence(
            staff(
                {"person_key": "t1"},
                {"person_key": "t2"},
                {"person_key": "t1", "school_year": "2025/26"},
                {"person_key": "t2", "school_year": "2025/26", "unit_code": "B"},
            )
        )
        assert figure(found, "teacher_turnover_share", year="2025/26")["value"] == 50
        assert figure(found, "teacher_turnover_share", "9999", "2025/26")["value"] == 0

    def test_a_unit_with_a_new_code_loses_nobody(self, competence):
        posts = staff({"person_key": "t1"}, {"person_key": "t1", "school_year": "2025/26", "unit_code": "B"})
        succeeded = "select 'A' as from_unit_key, 'B' as to_unit_key, '2025/26' as valid_from_school_year"
        found = competence(posts, successions=succeeded)
        assert figure(found, "teacher_turnover_share", "B", "2025/26")["value"] == 0

    def test_a_unit_that_did_not_deliver_has_no_turnover(self, competence):
        found = competence(staff({"person_key": "t1"}, {"person_key": "t2", "school_year": "2026/27"}))
        assert "teacher_turnover_share" not in found.index.get_level_values("measure_id")
