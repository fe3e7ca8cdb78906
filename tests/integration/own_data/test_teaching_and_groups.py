"""What teachers taught on 15 October, and which groups pupils belong to."""

import pandas as pd
import pytest
from own_data_kit import seed, values

YEAR = "2025/26"
PERSONS = values(
    "person_id_key, person_key, is_protected",
    ("i1", "t1", False),
    *((f"c{n}", f"p{n}", n == 9) for n in range(1, 10)),
)


def october(*rows: tuple[str, str, int | None]) -> str:
    """Rows of (person, school form, year group) at unit A."""
    return (
        f"select person_key, 'A' as unit_key, '{YEAR}' as school_year, school_form, "
        "year_group::integer as year_group, 'female' as sex, person_key = 'p9' as is_protected "
        f"from ({values('person_key, school_form, year_group', *rows)})"
    )


ACTIVITY = {
    "syllabus_id": "s1",
    "group_ids": "g1,g2",
    "minutes": 900,
    "start_date": "2025-08-18",
    "end_date": "2026-06-10",
}


def activity(**cells: object) -> str:
    """One activity of 2025/26."""
    row = ACTIVITY | cells
    return (
        "select 'a1' as id, syllabus_id::varchar as syllabus_id, group_ids, "
        "minutes::bigint as minutes_planned, start_date::date as start_date, end_date::date as end_date "
        f"from ({values(', '.join(row), tuple(row.values()))})"
    )


def syllabus(subject_code: str = "GRGRMAT01", designation: str | None = "MA") -> str:
    return (
        f"select 's1' as id, '{subject_code}' as subject_code, "
        "subject_designation::varchar as subject_designation "
        f"from ({values('subject_designation', (designation,))})"
    )


@pytest.fixture
def teaching(run_models):
    def run(pupils: str, members: str, given: str | None = None, read: str | None = None) -> pd.DataFrame:
        return run_models(
            ["int_staffing__teaching"],
            stg_ss12000__activities=given or activity(),
            stg_ss12000__activity_teachers="select 'a1' as activity_id, 'd1' as duty_id, "
            "null::bigint as minutes_planned, null::date as start_date, null::date as end_date",
            stg_ss12000__duties="select 'd1' as id, 'i1' as person_id_key, 'o1' as duty_at_id",
            stg_ss12000__syllabuses=read or syllabus(),
            stg_ss12000__organisation_units="select 'o1' as organisation_id, 'A' as unit_key",
            stg_ss12000__group_memberships=members,
            int_persons__identified=PERSONS,
            int_persons__october=pupils,
            thr_staffing=seed("thr_staffing"),
            stg_deliveries__staff=f"select '{YEAR}' as school_year",
        )

    return run


def members(*rows: tuple[str, str, str | None]) -> str:
    """Rows of (group, person id, last day)."""
    return (
        "select group_id, person_id_key, date '2025-08-18' as start_date, end_date::date as end_date "
        f"from ({values('group_id, person_id_key, end_date', *rows)})"
    )


class TestTeaching:
    def test_the_stage_is_that_of_most_of_the_pupils_in_the_groups(self, teaching):
        pupils = october(("p1", "gr", 7), ("p2", "gr", 7), ("p3", "gr", 6), ("p3", "fth", None))
        found = teaching(pupils, members(("g1", "c1", None), ("g1", "c2", None), ("g2", "c3", None)))
        assert found[["person_key", "unit_key", "subject_code", "stage", "minutes"]].to_numpy().tolist() == [
            ["t1", "A", "MA", "hog", 900]
        ]

    def test_a_pupil_who_left_the_group_before_15_october_has_no_say(self, teaching):
        pupils = october(("p1", "gr", 7), ("p2", "gr", 3), ("p3", "gr", 3))
        left = members(("g1", "c1", None), ("g1", "c2", "2025-10-01"), ("g2", "c3", "2025-10-14"))
        assert teaching(pupils, left)["stage"].to_list() == ["hog"]

    @pytest.mark.parametrize("form", ["fth", "sp"])
    def test_forms_without_a_stage_are_left_out(self, teaching, form):
        assert teaching(october(("p1", form, None)), members(("g1", "c1", None))).empty

    def test_mother_tongue_is_left_out(self, teaching):
        found = teaching(
            october(("p1", "gr", 7)), members(("g1", "c1", None)), read=syllabus("GRGRMOD01", "ML")
        )
        assert found.empty

    def test_an_activity_without_a_syllabus_has_no_specified_subject(self, teaching):
        found = teaching(
            october(("p1", "fsk", None)), members(("g1", "c1", None)), given=activity(syllabus_id=None)
        )
        assert found[["subject_code", "stage"]].to_numpy().tolist() == [["unspecified", "forskoleklass"]]

    def test_without_a_designation_the_code_of_the_subject_counts(self, teaching):
        found = teaching(october(("p1", "gy", 1)), members(("g1", "c1", None)), read=syllabus("mat", None))
        assert found[["subject_code", "stage"]].to_numpy().tolist() == [["MAT", "gy"]]

    @pytest.mark.parametrize("days", [{"start_date": "2025-10-16"}, {"end_date": "2025-10-14"}])
    def test_only_what_goes_on_on_15_october_counts(self, teaching, days):
        assert teaching(october(("p1", "gr", 7)), members(("g1", "c1", None)), given=activity(**days)).empty


class TestGroups:
    @pytest.fixture
    def groups(self, run_models):
        def run(pupils: str, background: str) -> pd.DataFrame:
            found = run_models(
                ["int_composition__pupil_groups", "int_composition__unit_groups_counted"],
                int_persons__october=pupils,
                stg_deliveries__background=background,
            )
            return found.set_index(["school_form", "dimension", "group_value"])["n_pupils"]

        return run

    BACKGROUND = values(
        "person_key, school_year, parents_education, foreign_background, newly_arrived, newly_immigrated",
        ("p1", YEAR, "eftergymnasial", True, True, False),
        ("p2", YEAR, "okand", None, False, None),
        ("p9", YEAR, "forgymnasial", True, True, True),
        ("p3", "2024/25", "gymnasial", True, True, True),
    )
    PUPILS = october(("p1", "gr", 1), ("p2", "gr", 1), ("p3", "gr", 1), ("p9", "gr", 1), ("p1", "fth", None))

    def test_every_dimension_adds_up_to_all(self, groups):
        counted = groups(self.PUPILS, self.BACKGROUND)
        sums = counted["gr"].groupby(level="dimension").sum()
        assert set(sums) == {4}
        assert len(sums) == 6

    def test_not_answered_not_delivered_and_another_year_are_unknown(self, groups):
        counted = groups(self.PUPILS, self.BACKGROUND)["gr"]
        assert counted["foreign_background"].to_dict() == {"yes": 1, "unknown": 3}
        assert counted["parents_education"].to_dict() == {"higher": 1, "unknown": 3}

    def test_newly_arrived_and_newly_immigrated_are_two_things(self, groups):
        counted = groups(self.PUPILS, self.BACKGROUND)["gr"]
        assert counted["newly_arrived"].to_dict() == {"yes": 1, "no": 1, "unknown": 2}
        assert counted["newly_immigrated"].to_dict() == {"no": 1, "unknown": 3}

    def test_a_protected_person_is_in_the_total_and_in_no_group(self, groups):
        counted = groups(october(("p9", "gr", 1)), self.BACKGROUND)["gr"]
        assert counted["all"].to_dict() == {"all": 1}
        assert counted["parents_education"].to_dict() == {"unknown": 1}
        assert counted["sex"].to_dict() == {"unknown": 1}

    def test_a_pupil_in_school_and_educare_is_one_pupil_of_the_unit(self, groups):
        counted = groups(self.PUPILS, self.BACKGROUND)
        assert counted["all"]["all"].to_dict() == {"all": 4}
        assert counted["fth"]["all"].to_dict() == {"all": 1}
