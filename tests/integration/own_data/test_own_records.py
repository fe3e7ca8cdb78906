"""Records of the municipality's systems: which version counts, what is deleted, which rows are set aside."""

import pandas as pd
import pytest
from own_data_kit import seed, values

AS_OF = "select date '2026-11-20' as as_of_on"
EXTRACTS = (
    "select extract_id, fetched_at::timestamptz as fetched_at, period from ("
    + values(
        "extract_id, fetched_at, period",
        ("x1", "2026-11-19 04:15:00+00", "full"),
        ("x2", "2026-11-20 04:15:00+00", "2026-11-20T041500Z"),
        ("m1", "2026-11-20 04:15:00+00", "2026-11"),
    )
    + ")"
)
UNITS = "select 'o1' as organisation_id, '99990001' as unit_key"
EARLY, LATE = "2026-11-01T08:00:00Z", "2026-11-19T20:00:00Z"


def raw(columns: str, *rows: dict[str, str | None], **ordinary: str | None) -> str:
    """Raw rows: text, numbered from one, from extract ``x1`` unless a row says otherwise."""
    names = [name.strip() for name in columns.split(",")]
    complete = [{"meta_modified": EARLY, "_extract_id": "x1"} | ordinary | row for row in rows]
    listed = [
        (*(row.get(name) for name in names), "answer", number, row["_extract_id"])
        for number, row in enumerate(complete, start=1)
    ]
    casts = ", ".join(f"{name}::varchar as {name}" for name in names)
    return (
        f"select {casts}, _source_file, _row_number::bigint as _row_number, _extract_id "
        f"from ({values(f'{columns}, _source_file, _row_number, _extract_id', *listed)})"
    )


def sound(column: str, *keys: str) -> str:
    """Rows of a base table that keep every rule."""
    listed = ", ".join(f"('{key}')" for key in keys)
    return f"select key as {column}, null::varchar as broken_rule from (values {listed}) as keys(key)"


def deleted(*rows: tuple[str, str, str]) -> str:
    return (
        "select entity_type, id, deleted_at::timestamptz as deleted_at from ("
        + values("entity_type, id, deleted_at", *(rows or [("none", "none", EARLY)]))
        + ")"
    )


PERSON = "person_id_key, civic_no_key, birth_month, sex, security_marking, person_status, meta_modified"
ENROLMENT = (
    "person_id_key, enroled_at_id, school_year, school_type, start_date, end_date, cancelled, "
    "education_code, programme_id, meta_modified"
)
PLACEMENT = (
    "id, placed_at_id, group_id, child_key, school_type, start_date, end_date, reason, "
    "max_weekly_schedule_hours, meta_modified"
)
GRADE = (
    "id, student_key, organisation_id, registered_date, grade_value, final_grade, trial, converted, "
    "has_adapted_study_plan, correction_type, semester, year, syllabus_id, meta_modified"
)
ATTENDANCE = (
    "activity_id, student_key, start_date, end_date, attendance_sum, valid_absence_sum, invalid_absence_sum, "
    "other_attendance_sum, reported_sum, offered_sum"
)
EVENT = "id, time, event_type, person_id_key, group_id, meta_modified"


@pytest.fixture
def placements(run_models):
    def run(*rows: dict[str, str | None], deletions: str | None = None, model: str = "stg") -> pd.DataFrame:
        ordinary = {
            "id": "a", "placed_at_id": "o1", "child_key": "p1", "school_type": "FS",
            "start_date": "2024-08-01",
        }  # fmt: skip
        base = "base_ss12000__placements"
        given = {
            "ss12000_placements": raw(PLACEMENT, *rows, **ordinary),
            "extracts": EXTRACTS,
            "stg_ss12000__as_of": AS_OF,
            "base_ss12000__persons": sound("person_id_key", "p1"),
            "stg_ss12000__organisation_units": UNITS,
            "xwalk_ss12000_school_types": seed("xwalk_ss12000_school_types"),
        }
        if model == "base":
            return run_models([base], **given)
        given["stg_ss12000__deleted_entities"] = deletions or deleted()
        return run_models([base, "stg_ss12000__placements"], **given)

    return run


class TestVersions:
    def test_the_version_modified_last_counts_and_the_others_are_not_set_aside(self, placements):
        rows = [
            {"end_date": "2026-01-31", "meta_modified": LATE, "_extract_id": "x1"},
            {"end_date": "2026-06-30", "meta_modified": EARLY, "_extract_id": "x2"},
        ]
        (found,) = placements(*rows).to_dict("records")
        assert f"{found['end_date']:%Y-%m-%d}" == "2026-01-31"
        assert placements(*rows, model="base")["broken_rule"].isna().all()

    def test_of_equals_the_one_fetched_last_counts(self, placements):
        found = placements(
            {"end_date": "2026-01-31", "meta_modified": None, "_extract_id": "x2"},
            {"end_date": "2026-06-30", "meta_modified": None, "_extract_id": "x1"},
        )
        assert [f"{day:%Y-%m-%d}" for day in found["end_date"]] == ["2026-01-31"]

    def test_a_broken_version_leaves_the_last_sound_one(self, placements):
        found = placements(
            {"end_date": "2026-06-30", "meta_modified": EARLY},
            {"end_date": "2020-01-01", "meta_modified": LATE, "_extract_id": "x2"},
        )
        assert [f"{day:%Y-%m-%d}" for day in found["end_date"]] == ["2026-06-30"]


class TestDeletions:
    def test_what_was_deleted_is_gone(self, placements):
        assert placements({}, deletions=deleted(("placements", "a", LATE))).empty

    def test_what_was_modified_after_its_deletion_is_there(self, placements):
        assert len(placements({"meta_modified": LATE}, deletions=deleted(("placements", "a", EARLY)))) == 1

    def test_a_deletion_of_another_kind_of_record_with_the_same_id_deletes_nothing(self, placements):
        assert len(placements({}, deletions=deleted(("grades", "a", LATE)))) == 1

    def test_without_a_time_of_deletion_the_time_of_asking_stands_in(self, run_models):
        rows = raw(
            "entity_type, id, deleted_at, asked_at",
            {"id": "a", "deleted_at": "2026-11-02T10:00:00Z"},
            {"id": "b"},
            entity_type="grades",
            asked_at="2026-11-20T05:15:00+01:00",
        )
        found = run_models(["stg_ss12000__deleted_entities"], ss12000_deleted_entities=rows).set_index("id")
        times = found["deleted_at"].dt.tz_convert("UTC").dt.strftime("%d %H:%M")
        assert times.to_dict() == {"a": "02 10:00", "b": "20 04:15"}


class TestEnrolments:
    @pytest.fixture
    def enrolled(self, run_models):
        def run(persons: list[dict[str, str | None]], enrolments: list[dict[str, str | None]]) -> list[str]:
            found = run_models(
                [
                    "base_ss12000__persons",
                    "stg_ss12000__persons",
                    "base_ss12000__enrolments",
                    "stg_ss12000__enrolments",
                ],
                ss12000_persons=raw(PERSON, *persons, person_id_key="p1"),
                ss12000_enrolments=raw(
                    ENROLMENT,
                    *enrolments,
                    person_id_key="p1",
                    enroled_at_id="o1",
                    school_year="4",
                    school_type="GR",
                ),
                extracts=EXTRACTS,
                stg_ss12000__as_of=AS_OF,
                stg_ss12000__deleted_entities=deleted(),
                stg_ss12000__organisation_units=UNITS,
                xwalk_ss12000_school_types=seed("xwalk_ss12000_school_types"),
            )
            return sorted(f"{day:%Y-%m-%d}" for day in found["start_date"])

        return run

    def test_a_later_version_of_the_person_replaces_all_enrolments(self, enrolled):
        versions = [{"meta_modified": EARLY}, {"meta_modified": LATE, "_extract_id": "x2"}]
        first = [
            {"start_date": "2024-07-01", "meta_modified": EARLY},
            {"start_date": "2025-07-01", "meta_modified": EARLY},
        ]
        second = {"start_date": "2026-07-01", "meta_modified": LATE, "_extract_id": "x2"}
        assert enrolled(versions[:1], first) == ["2024-07-01", "2025-07-01"]
        assert enrolled(versions, [*first, second]) == ["2026-07-01"]

    def test_a_later_version_without_enrolments_leaves_none(self, enrolled):
        versions = [{"meta_modified": EARLY}, {"meta_modified": LATE, "_extract_id": "x2"}]
        assert enrolled(versions, [{"start_date": "2024-07-01", "meta_modified": EARLY}]) == []

    def test_the_same_version_fetched_twice_counts_once(self, enrolled):
        versions = [{}, {"_extract_id": "x2"}]
        rows = [{"start_date": "2024-07-01"}, {"start_date": "2024-07-01", "_extract_id": "x2"}]
        assert enrolled(versions, rows) == ["2024-07-01"]


class TestRowsSetAside:
    @pytest.mark.parametrize(
        ("row", "rule"),
        [
            ({}, None),
            ({"school_type": "NYTT"}, None),
            ({"id": ""}, "missing_value:id"),
            ({"start_date": ""}, "missing_value:start_date"),
            ({"start_date": "i höstas"}, "unreadable:start_date"),
            ({"end_date": "2024-07-31"}, "dates_reversed:end_date"),
            ({"start_date": "2099-08-01"}, "future_date:start_date"),
            ({"child_key": "p2"}, "unknown_person:child_key"),
            ({"placed_at_id": "o2"}, "unknown_organisation:placed_at_id"),
            ({"max_weekly_schedule_hours": "-1"}, "impossible_value:max_weekly_schedule_hours"),
            ({"meta_modified": "igår"}, "unreadable:meta_modified"),
        ],
    )
    def test_placements(self, placements, row, rule):
        (found,) = placements(row, model="base")["broken_rule"]
        assert (None if pd.isna(found) else found) == rule

    def test_an_unknown_value_of_a_list_is_kept_and_marked(self, placements):
        found = placements(
            {"id": "a", "school_type": "FS", "reason": "Omsorgsbehov"},
            {"id": "b", "school_type": "NYTT", "reason": "Nytt skäl"},
            {"id": "c", "school_type": "GRS", "reason": ""},
        ).set_index("id")
        assert found["school_type_status"].to_dict() == {"a": "known", "b": "unknown", "c": "known"}
        assert found["reason_status"].to_dict() == {"a": "known", "b": "unknown", "c": "not_delivered"}
        assert found.loc["c", "school_form"] == "gran"

    @pytest.mark.parametrize(
        ("row", "rule"),
        [
            ({}, None),
            ({"organisation_id": ""}, None),
            ({"grade_value": "Godkänd"}, None),
            ({"registered_date": "2026-11-22"}, "future_date:registered_date"),
            ({"student_key": "p2"}, "unknown_person:student_key"),
            ({"syllabus_id": "s2"}, "unknown_syllabus:syllabus_id"),
            ({"organisation_id": "o2"}, "unknown_organisation:organisation_id"),
            ({"grade_value": ""}, "missing_value:grade_value"),
            ({"year": "20266"}, "impossible_value:year"),
            ({"final_grade": "kanske"}, "unreadable:final_grade"),
        ],
    )
    def test_grades(self, run_models, row, rule):
        ordinary = {
            "id": "g1", "student_key": "p1", "organisation_id": "o1", "registered_date": "2026-06-05",
            "grade_value": "C", "final_grade": "true", "semester": "VT", "year": "2026", "syllabus_id": "s1",
        }  # fmt: skip
        (found,) = run_models(
            ["base_ss12000__grades"],
            ss12000_grades=raw(GRADE, row, **ordinary),
            extracts=EXTRACTS,
            stg_ss12000__as_of=AS_OF,
            base_ss12000__persons=sound("person_id_key", "p1"),
            base_ss12000__syllabuses=sound("id", "s1"),
            stg_ss12000__organisation_units=UNITS,
        )["broken_rule"]
        assert (None if pd.isna(found) else found) == rule

    @pytest.mark.parametrize(
        ("row", "rule"),
        [
            ({}, None),
            ({"valid_absence_sum": None, "invalid_absence_sum": None}, None),
            ({"invalid_absence_sum": "3601"}, "part_exceeds_whole:valid_absence_sum+invalid_absence_sum"),
            ({"reported_sum": "4000"}, "part_exceeds_whole:reported_sum"),
            ({"valid_absence_sum": "-1"}, "impossible_value:valid_absence_sum"),
            ({"start_date": "2099-11-01", "end_date": "2099-11-30"}, "outside_period:start_date"),
            ({"end_date": "2026-10-31"}, "dates_reversed:end_date"),
            ({"activity_id": "a2"}, "unknown_activity:activity_id"),
            ({"student_key": "p2"}, "unknown_person:student_key"),
            ({"offered_sum": "mycket"}, "unreadable:offered_sum"),
        ],
    )
    def test_attendance(self, run_models, row, rule):
        (found,) = self.attendance(run_models, row)
        assert (None if pd.isna(found) else found) == rule

    def test_two_sums_about_the_same_pupil_activity_and_month_are_both_set_aside(self, run_models):
        found = self.attendance(run_models, {}, {"valid_absence_sum": "60"})
        assert set(found) == {"conflicting_rows:extract_id+activity_id+student_key+start_date"}

    @staticmethod
    def attendance(run_models, *rows: dict[str, str | None]) -> list[str | None]:
        ordinary = {
            "activity_id": "a1", "student_key": "p1", "start_date": "2026-11-01", "end_date": "2026-11-19",
            "attendance_sum": "3600", "valid_absence_sum": "0", "invalid_absence_sum": "0",
            "other_attendance_sum": "0", "reported_sum": "3600", "offered_sum": "3600", "_extract_id": "m1",
        }  # fmt: skip
        return list(
            run_models(
                ["base_ss12000__aggregated_attendance"],
                ss12000_aggregated_attendance=raw(ATTENDANCE, *rows, **ordinary),
                extracts=EXTRACTS,
                base_ss12000__persons=sound("person_id_key", "p1"),
                base_ss12000__activities=(
                    "select 'a1' as id, '99990001' as unit_key, null::varchar as broken_rule, "
                    "'x1' as extract_id, 1 as row_number, null::timestamptz as meta_modified, "
                    "null::timestamptz as fetched_at"
                ),
            )["broken_rule"]
        )


class TestPreschool:
    @pytest.fixture
    def days(self, run_models):
        def run(*times: tuple[str, str]) -> dict[str, int]:
            events = raw(
                EVENT,
                *({"id": str(n), "time": time, "event_type": kind} for n, (time, kind) in enumerate(times)),
                person_id_key="p1",
                group_id="g1",
            )
            found = run_models(
                [
                    "base_ss12000__attendance_events",
                    "stg_ss12000__attendance_events",
                    "int_own__preschool_days",
                ],
                ss12000_attendance_events=events,
                extracts=EXTRACTS,
                stg_ss12000__as_of=AS_OF,
                stg_ss12000__deleted_entities=deleted(),
                base_ss12000__persons=sound("person_id_key", "p1"),
                stg_ss12000__groups="select 'g1' as id, 'F9999-01' as unit_key",
                int_persons__identified="select 'p1' as person_id_key, 'k1' as person_key",
                int_persons__enrolled=(
                    "select 'k1' as person_key, 'F9999-01' as unit_key, 'fs' as school_form, "
                    "date '2024-01-01' as start_date, null::date as end_date"
                ),
            )
            return found.groupby(found["present_on"].dt.strftime("%Y-%m-%d")).size().to_dict()

        return run

    def test_a_day_is_a_day_in_sweden(self, days):
        assert days(("2026-11-17T22:30:00Z", "In"), ("2026-11-18T23:30:00Z", "In")) == {
            "2026-11-17": 1,
            "2026-11-19": 1,
        }

    def test_the_two_half_past_twos_of_the_night_the_clocks_go_back_are_one_day(self, days):
        assert days(("2026-10-25T02:30:00+02:00", "In"), ("2026-10-25T02:30:00+01:00", "In")) == {
            "2026-10-25": 1
        }

    def test_only_who_came_in_was_there(self, days):
        assert days(("2026-11-17T07:30:00Z", "Ut")) == {}

    def test_an_event_of_the_future_is_set_aside(self, days):
        assert days(("2099-11-17T07:30:00Z", "In")) == {}


def test_a_unit_is_known_by_its_national_code_else_by_the_systems_own_else_by_its_id(run_models):
    unit = (
        "select '{0}' as id, 'Skolenhet' as organisation_type, {1} as school_unit_code,"
        " {2} as organisation_code, 'above-{0}' as parent_organisation_id, null::varchar as broken_rule,"
        " null::timestamptz as meta_modified, now() as fetched_at, 'e' as extract_id, 1 as row_number"
    )
    # Has one unit below it.
    above = "select 'above-preschool', 'Skola', null, 'SK1', null, null, null, now(), 'e', 2"
    found = run_models(
        ["stg_ss12000__organisations", "stg_ss12000__organisation_units"],
        base_ss12000__organisations=" union all ".join(
            [
                unit.format("school", "'99990001'", "'S1'"),
                unit.format("other", "null", "'S2'"),
                unit.format("preschool", "null", "null"),
                above,
            ]
        ),
        stg_ss12000__deleted_entities=(
            "select 'x' as id, 'organisations' as entity_type, null::timestamptz as deleted_at"
        ),
    )
    assert dict(zip(found["organisation_id"], found["unit_key"], strict=True)) == {
        "school": "99990001",
        "other": "S2",
        "preschool": "preschool",
        "above-preschool": "preschool",
    }
