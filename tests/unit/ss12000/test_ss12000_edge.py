"""The edge: what is not on the whitelist does not pass, and persons pass as pseudonyms."""

import gzip
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dagster_project.lib.pseudonyms import PSEUDONYM_COLUMNS, Pseudonymiser
from dagster_project.lib.ss12000.deleted import kind_of
from dagster_project.lib.ss12000.edge import Projection, Row
from dagster_project.lib.ss12000.rows import RowFile
from dagster_project.lib.ss12000.tables import ENDPOINTS, INCREMENTAL, TABLES, As

PSEUDONYMISER = Pseudonymiser([b"k" * 32])
# Made up, in the range kept for tests.
NUMBER = "201304122383"


def project(table: str, *entities: object) -> list[Row]:
    return list(Projection(TABLES[f"ss12000_{table}"], PSEUDONYMISER).rows(entities))


def values(table: str, *entities: object) -> list[dict[str, str | None]]:
    columns = TABLES[f"ss12000_{table}"].columns
    return [dict(zip(columns, row.values, strict=True)) for row in project(table, *entities)]


PERSON = {
    "id": "5C201BC6-9AA2-462C-A602-B5DF5E2BCFAA",
    "meta": {"created": "2023-07-01T04:00:00Z", "modified": "2026-08-01T04:00:00Z"},
    "givenName": "Exempelina",
    "familyName": "Påhittsson",
    "civicNo": {"value": NUMBER, "nationality": "SE"},
    "birthDate": "2013-04-12",
    "sex": "Kvinna",
    "securityMarking": "Ingen",
    "personStatus": "Aktiv",
    "emails": [{"value": "exempelina@example", "type": "Privat"}],
    "phoneNumbers": [{"value": "070-000 00 00"}],
    "addresses": [{"streetAddress": "Påhittsvägen 1", "locality": "EXEMPELSTAD"}],
    "responsibles": [{"person": {"id": "g-1", "displayName": "Vårdnad Påhittsson"}}],
    "enrolments": [
        {"enroledAt": {"id": "u-1", "displayName": "Skolan"}, "schoolYear": 7, "schoolType": "GR",
         "startDate": "2026-07-01", "cancelled": False, "specification": "Exempelina läser själv"},
    ],
}  # fmt: skip


def test_of_a_person_there_remain_pseudonyms_month_of_birth_and_four_words():
    assert values("persons", PERSON) == [
        {
            "person_id_key": PSEUDONYMISER.of_person_id(PERSON["id"]),
            "civic_no_key": PSEUDONYMISER.of_civic_number(NUMBER),
            "birth_month": "2013-04",
            "sex": "Kvinna",
            "security_marking": "Ingen",
            "person_status": "Aktiv",
            "meta_modified": "2026-08-01T04:00:00Z",
        }
    ]


def test_an_enrolment_carries_the_persons_pseudonym_and_version():
    (row,) = values("enrolments", PERSON)
    assert row["person_id_key"] == PSEUDONYMISER.of_person_id(PERSON["id"])
    assert (row["enroled_at_id"], row["school_year"], row["cancelled"]) == ("u-1", "7", "false")
    assert row["meta_modified"] == "2026-08-01T04:00:00Z"
    assert "Exempelina" not in str(row)


@pytest.mark.parametrize("born", ["20130412", "2013-4-12", "12/4 2013", "2013-04", 20130412, "", None])
def test_a_day_of_birth_does_not_slip_through_in_another_shape(born):
    row = values("persons", PERSON | {"birthDate": born})[0]
    assert row["birth_month"] is None


@pytest.mark.parametrize(
    ("table", "entity", "rule"),
    [
        ("groups", {"groupType": "Klass"}, "missing_id"),
        ("groups", {"id": "", "groupType": "Klass"}, "missing_id"),
        ("groups", {"id": 7}, "wrong_type"),
        ("groups", {"id": "g", "meta": "igår"}, "wrong_type"),
        ("groups", {"id": "g", "groupType": ["Klass"]}, "wrong_type"),
        ("groups", {"id": "g", "organisation": "skolan"}, "wrong_type"),
        ("groups", {"id": f"grupp-{NUMBER}"}, "personal_number"),
        ("groups", {"id": "g", "groupType": "Kl\x00ass"}, "unprintable"),
        ("activities", {"id": "a", "groups": "g-1"}, "wrong_type"),
        ("activities", {"id": "a", "groups": [{"id": NUMBER}]}, "personal_number"),
        ("grades", {"id": "b"}, "missing_id"),
        ("persons", {"id": None}, "missing_id"),
        ("groups", ["g"], "wrong_type"),
        ("enrolments", {"id": "p", "enrolments": "GR"}, "wrong_type"),
        ("enrolments", {"id": "p", "enrolments": ["GR"]}, "wrong_type"),
        ("group_memberships", {"id": "g", "groupMemberships": [{"startDate": "2026-07-01"}]}, "missing_id"),
    ],
)
def test_what_cannot_be_a_row_is_set_aside_with_a_rule_and_none_of_its_content(table, entity, rule):
    (row,) = project(table, entity)
    assert row.rule == rule
    assert not row.values
    assert NUMBER not in str(row) and "igår" not in str(row)


def test_unknown_words_unknown_attributes_and_absent_ones_are_no_fault():
    entity = {"id": "g", "groupType": "Något nytt", "x-leverantor": {"namn": "A"}, "meta": None}
    (row,) = values("groups", entity)
    assert row["group_type"] == "Något nytt"
    assert row["school_type"] is None and row["meta_modified"] is None
    assert "leverantor" not in str(row)


def test_values_become_text_as_json_writes_them():
    entity = {
        "id": "a",
        "minutesPlanned": 90,
        "groups": [{"id": "g1"}, {"id": "g2"}],
        "activityType": "  Undervisning  ",
    }
    (row,) = values("activities", entity)
    assert (row["minutes_planned"], row["group_ids"], row["activity_type"]) == ("90", "g1,g2", "Undervisning")


@pytest.mark.parametrize(("plan", "has"), [("", "false"), (None, "false"), ("Läser Ma 1", "true")])
def test_of_an_adapted_study_plan_only_its_presence_is_kept(plan, has):
    entity = {"id": "b", "student": {"id": "p"}, "adaptedStudyPlan": plan}
    (row,) = values("grades", entity)
    assert row["has_adapted_study_plan"] == has
    assert "Läser" not in str(row)


@pytest.mark.parametrize(
    ("table", "attribute", "column"),
    [
        ("groups", "groupType", "group_type"),
        ("organisations", "displayName", "display_name"),
        ("organisations", "organisationNumber", "organisation_number"),
        ("syllabuses", "subjectName", "subject_name"),
        ("grades", "gradeValue", "grade_value"),
        ("grades", "semester", "semester"),
        ("activities", "activityType", "activity_type"),
    ],
)
def test_wherever_an_identity_number_stands_the_text_disappears_and_is_counted(table, attribute, column):
    projection = Projection(TABLES[f"ss12000_{table}"], PSEUDONYMISER)
    entity = {"id": "x", "student": {"id": "p"}, attribute: f"Stöd {NUMBER[:8]}-{NUMBER[8:]}"}
    (row,) = projection.rows([entity])
    assert dict(zip(projection.table.columns, row.values, strict=True))[column] is None
    assert projection.blanked == {column: 1}


@pytest.mark.parametrize(
    ("table", "column", "defined", "demanded"),
    [
        ("attendance_events", "person_id_key", "person", "child"),
        ("grades", "organisation_id", "organisation", "schoolUnit"),
    ],
)
def test_where_the_standard_has_two_names_for_one_thing_either_is_read(table, column, defined, demanded):
    entity = {"id": "x", "student": {"id": "p"}}
    (by_definition,) = values(table, entity | {defined: {"id": "a"}})
    (by_demand,) = values(table, entity | {demanded: {"id": "a"}})
    (by_both,) = values(table, entity | {defined: {"id": "a"}, demanded: {"id": "b"}})
    assert by_definition[column] == by_demand[column] == by_both[column] is not None


def test_rows_are_numbered_over_all_pages_and_know_their_entity():
    projection = Projection(TABLES["ss12000_group_memberships"], PSEUDONYMISER)
    group = {"id": "g", "groupMemberships": [{"person": {"id": "p1"}}, {"person": {"id": "p2"}}]}
    rows = [*projection.rows([group, {"id": "empty"}]), *projection.rows([group])]
    assert [(row.number, row.entity) for row in rows] == [(1, 1), (2, 1), (3, 3), (4, 3)]


def test_the_same_rows_make_the_same_file(tmp_path: Path):
    table = TABLES["ss12000_persons"]
    for name in ("one", "two"):
        with RowFile(tmp_path / name, table) as file:
            file.write(project("persons", PERSON, {"id": None}))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    lines = [orjson.loads(line) for line in gzip.decompress((tmp_path / "one").read_bytes()).splitlines()]
    assert [line["_row_number"] for line in lines] == [1, 2]
    assert lines[1] == {
        "_row_number": 2, "_entity": 2, "_rule": "missing_id", "_reason": "id is missing."
    }  # fmt: skip


def test_every_reference_to_a_person_is_on_the_whitelist_as_one():
    """A path to a person's id becomes a pseudonym, and the rotation of keys knows every such column."""
    for table in TABLES.values():
        for field in table.fields:
            leads_to_person = field.path[0] in {"person", "student", "child"} or (
                table.name in {"ss12000_persons", "ss12000_enrolments"} and field.path == ("id",)
            )
            assert leads_to_person == (field.kind is As.PERSON), f"{table.name}.{field.column}"
            is_pseudonym = field.kind in {As.PERSON, As.CIVIC_NUMBER}
            assert is_pseudonym == (field.column in PSEUDONYM_COLUMNS), f"{table.name}.{field.column}"


def test_no_path_leads_to_what_only_identifies():
    never = {
        "givenName",
        "middleName",
        "familyName",
        "emails",
        "phoneNumbers",
        "addresses",
        "photo",
        "address",
        "eduPersonPrincipalNames",
        "externalIdentifiers",
        "responsibles",
        "remark",
        "comment",
        "email",
        "phoneNumber",
        "contactInfo",
        "registeredBy",
        "reporter",
        "absenceReason",
        "signature",
    }
    assert [
        f"{table.name}.{field.column}"
        for table in TABLES.values()
        for field in table.fields
        if never & set(field.path)
    ] == []


@pytest.mark.parametrize(
    ("spelling", "kind"),
    [
        ("activitites", "activities"),
        ("activities", "activities"),
        ("Activity", "activities"),
        ("AttendanceEvent", "attendance_events"),
        ("attendanceEvents", "attendance_events"),
        ("attendance_events", "attendance_events"),
        ("StudyPlan", "study_plans"),
        ("Duty", "duties"),
        ("Syllabus", "syllabuses"),
        ("Person", "persons"),
        ("rooms", None),
        ("CalendarEvent", None),
        (None, None),
        (7, None),
    ],
)
def test_types_of_deleted_entities_are_known_in_every_spelling(spelling, kind):
    assert kind_of(spelling) == kind


def test_every_list_that_is_fetched_by_increments_can_be_told_deleted():
    assert {kind_of(endpoint.dataset) for endpoint in INCREMENTAL} == {e.dataset for e in INCREMENTAL}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["id", "meta", "modified", "person", "student", "child", "enrolments", "groups", "teachers", "duty",
         "organisation", "displayName", "civicNo", "value", "groupMemberships", "syllabus", "startDate"]
    ), inner, max_size=5),
    max_leaves=12,
)  # fmt: skip


@given(st.lists(JSON, max_size=4), st.sampled_from([e for e in ENDPOINTS if e.name != "deletedEntities"]))
def test_whatever_a_server_sends_is_a_row_or_a_reason(entities, endpoint):
    for table in endpoint.tables:
        for row in Projection(table, PSEUDONYMISER).rows(entities):
            assert (row.rule is None) == (len(row.values) == len(table.columns))
            assert row.rule is None or row.reason
    assert len(list(Projection(endpoint.tables[0], PSEUDONYMISER).rows(entities))) == len(entities)


def test_lists_of_single_lessons_are_asked_for_after_all_that_marts_are_made_of():
    assert [endpoint.dataset for endpoint in ENDPOINTS][-3:] == [
        "deleted_entities",
        "absences",
        "attendances",
    ]
