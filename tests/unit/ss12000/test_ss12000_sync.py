"""What is asked for next, by which clock, and which version of an entity stays."""

import datetime as dt
import uuid
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from small_server import SmallServer
from ss12000_kit import Installation, accounts, problems

from dagster_project.lib.ss12000.connect import Server

MORNING = dt.datetime(2026, 11, 20, 4, 15, tzinfo=dt.UTC)
GROUPS, DELETED = "ss12000_groups", "ss12000_deleted_entities"


def at(minutes: float) -> str:
    """An instant that many minutes after the morning's run."""
    return f"{MORNING + dt.timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"


def group(number: int, modified: float | None, name: str = "7B", **more: object) -> dict[str, object]:
    meta = {} if modified is None else {"meta": {"created": at(-9e5), "modified": at(modified)}}
    return {"id": str(uuid.UUID(int=number)), "groupType": name, **meta, **more}


@pytest.fixture
def here(tmp_path: Path) -> Installation:
    return Installation(tmp_path)


def sync(here: Installation, small: SmallServer, *endpoints: str, **options: object):
    server = Server(small.url, known_as="https://small.example", is_local=True)
    return here.sync(server, *(endpoints or ("groups",)), **options)


def names(here: Installation) -> list[tuple[object, ...]]:
    return here.rows(f"select group_type from raw.{GROUPS} order by 1")


def test_the_next_increment_starts_ten_minutes_before_the_servers_clock_showed_at_the_last(here):
    with SmallServer({"groups": [group(1, -5000)]}, now=MORNING) as small:
        sync(here, small)
        # Entered before the first run, committed after it.
        small.lists["groups"].append(group(2, -9, "sen"))
        small.now = MORNING + dt.timedelta(days=1)
        sync(here, small)
        assert small.asked[-1][1]["meta.modified.after"] == at(-10)
    assert names(here) == [("7B",), ("sen",)]


def test_this_machines_clock_does_not_matter_where_the_server_shows_none(here):
    """Even when it is a day ahead, what was entered after the latest entity that was seen is asked for."""
    with SmallServer({"groups": [group(1, -30)]}, now=None) as small:
        sync(here, small)
        small.lists["groups"].append(group(2, -29, "ny"))
        sync(here, small)
        assert small.asked[-1][1]["meta.modified.after"] == at(-40)
        # And with nothing new at all the instant stays where it was.
        small.lists["groups"].clear()
        sync(here, small)
        sync(here, small)
        assert small.asked[-1][1]["meta.modified.after"] == at(-39)
    # The overlap told the first once more.
    assert names(here) == [("7B",), ("7B",), ("ny",)]


def test_of_two_versions_on_two_pages_the_one_modified_last_stays_whichever_comes_first(here):
    with SmallServer({"groups": [group(1, -10, "new"), group(1, -20, "old")]}, now=MORNING, page=1) as small:
        found = sync(here, small)
    assert names(here) == [("new",)]
    assert accounts(found[GROUPS]) == (2, 1, 0, 1)


def without_offset(minutes: float) -> dict[str, object]:
    """`meta` of a server that writes Swedish time and no offset."""
    local = (MORNING + dt.timedelta(minutes=minutes)).astimezone(ZoneInfo("Europe/Stockholm"))
    return {"meta": {"modified": f"{local:%Y-%m-%dT%H:%M:%S}"}}


def test_an_instant_without_an_offset_is_swedish_time(here):
    with SmallServer({"groups": [group(1, -30) | without_offset(-30)]}, now=None) as small:
        small.heeds_modified = False
        sync(here, small)
        sync(here, small)
    assert small.asked[-1][1]["meta.modified.after"] == at(-40)


def test_of_two_versions_one_without_an_offset_the_later_stays(here):
    versions = [group(1, -5, "new"), group(1, -10, "old") | without_offset(-10)]
    with SmallServer({"groups": versions}, now=MORNING, page=1) as small:
        sync(here, small)
    assert names(here) == [("new",)]


def test_versions_without_an_instant_follow_the_order_of_the_pages(here):
    with SmallServer(
        {"groups": [group(1, None, "old"), group(1, None, "new")]}, now=MORNING, page=1
    ) as small:
        sync(here, small)
    assert names(here) == [("new",)]


def test_a_person_without_enrolments_any_more_is_told_by_the_persons_version(here):
    person = {"id": str(uuid.UUID(int=5)), "meta": {"created": at(-99), "modified": at(-50)}}
    enrolled = {"enrolments": [{"enroledAt": {"id": "u"}, "schoolType": "GR", "startDate": "2026-08-18"}]}
    with SmallServer({"persons": [person | enrolled]}, now=MORNING) as small:
        sync(here, small, "persons")
        small.lists["persons"] = [
            person | {"meta": {"created": at(-99), "modified": at(60)}, "enrolments": []}
        ]
        small.now = MORNING + dt.timedelta(days=1)
        sync(here, small, "persons")
    assert here.rows("select meta_modified from raw.ss12000_persons order by 1") == [(at(-50),), (at(60),)]
    assert here.rows("select meta_modified from raw.ss12000_enrolments") == [(at(-50),)]


def test_an_enrolment_that_stands_twice_in_a_person_counts_once_and_members_are_all_kept(here):
    enrolment = {"enroledAt": {"id": "u"}, "schoolType": "GR", "startDate": "2026-08-18"}
    other = enrolment | {"startDate": "2025-08-18"}
    person = {"id": "p", "meta": {"created": at(-99), "modified": at(-50)}}
    lists = {"persons": [person | {"enrolments": [enrolment, other, enrolment]}]}
    with SmallServer(lists, now=MORNING) as small:
        found = sync(here, small, "persons")
    assert accounts(found["ss12000_enrolments"]) == (3, 2, 0, 1)


def test_two_increments_of_the_same_second_stand_side_by_side(here):
    with SmallServer({"groups": [group(1, -50)]}, now=MORNING) as small:
        sync(here, small)
        for number in (2, 3):
            small.lists["groups"] = [group(number, -1, f"g{number}")]
            sync(here, small)
    assert names(here) == [("7B",), ("g2",), ("g3",)]
    periods = here.rows("select period from raw.extracts where dataset = 'groups' order by 1")
    assert periods == [("2026-11-20T041500Z",), ("2026-11-20T041501Z",), ("full",)]


def test_a_server_that_does_not_heed_the_instant_is_noted_and_loses_nothing(here):
    with SmallServer({"groups": [group(1, -5000)]}, now=MORNING, heeds_modified=False) as small:
        sync(here, small)
        small.lists["groups"].append(group(2, -5, "ny"))
        found = sync(here, small)
    assert any("does not heed" in note for note in found[GROUPS][0].report.notes)
    assert ("ny",) in names(here)


def test_a_limit_the_server_refuses_is_left_out(here):
    small = SmallServer({"groups": [group(n, -50) for n in range(5)]}, now=MORNING, largest_limit=100, page=2)
    with small:
        found = sync(here, small)
    assert problems(found) == {}
    assert here.count(GROUPS) == 5
    assert [set(query) for _, query in small.asked] == [{"limit"}, set(), {"pageToken"}, {"pageToken"}]


def test_a_page_token_goes_with_the_limit_and_nothing_else(here):
    with SmallServer({"groups": [group(n, -5) for n in range(5)]}, now=MORNING, page=2) as small:
        sync(here, small)
        small.now = MORNING + dt.timedelta(minutes=1)
        sync(here, small)
    assert {frozenset(query) for _, query in small.asked} == {
        frozenset({"limit"}),
        frozenset({"limit", "meta.modified.after"}),
        frozenset({"limit", "pageToken"}),
    }


def test_other_page_tokens_do_not_make_another_extract(here):
    aggregated = [
        {
            "activity": {"id": f"a{n}"},
            "student": {"id": "s"},
            "startDate": "2026-11-01",
            "endDate": "2026-11-19",
        }
        for n in range(5)
    ]
    lists = {"aggregatedAttendance": aggregated, "organisations": []}
    with SmallServer(lists, now=MORNING, page=2, random_tokens=True) as small:
        sync(here, small, "aggregatedAttendance", first_day=dt.date(2026, 11, 1))
        (again,) = sync(here, small, "aggregatedAttendance")["ss12000_aggregated_attendance"][-1:]
        assert again.report.unchanged


def test_rows_of_the_same_key_in_one_month_count_once(here):
    row = {
        "activity": {"id": "a"},
        "student": {"id": "s"},
        "startDate": "2026-11-01",
        "endDate": "2026-11-19",
    }
    lists = {"aggregatedAttendance": [row | {"attendanceSum": 60}] * 2, "organisations": []}
    with SmallServer(lists, now=MORNING) as small:
        found = sync(here, small, "aggregatedAttendance", first_day=dt.date(2026, 11, 1))
    assert accounts(found["ss12000_aggregated_attendance"]) == (2, 1, 0, 1)


@pytest.mark.parametrize(
    "data",
    [
        {"activitites": ["a1"], "persons": ["p1"], "rooms": ["r1"], "studyPlans": []},
        {"activities": ["a1"], "persons": ["p1"], "something": "else"},
        [{"entityType": "Activity", "id": "a1"}, {"entityType": "Person", "id": "p1"}],
        [{"entityType": "activities", "id": "a1"}, {"entityType": "persons", "id": "p1"}],
        [{"activitites": ["a1"], "persons": ["p1"]}],
    ],
)
def test_deletions_are_understood_in_every_shape(here, data):
    from dagster_project.lib.pseudonyms import Pseudonymiser

    with SmallServer({"deletedEntities": data}, now=MORNING) as small:
        found = sync(here, small, "deletedEntities")
    assert problems(found) == {}
    person = Pseudonymiser(here.keys).of_person_id("p1")
    assert here.content(DELETED) == [("activities", "a1", None, at(0)), ("persons", person, None, at(0))]


@pytest.mark.parametrize("tells_deletions", [True, False])
def test_where_deletions_are_not_told_a_list_is_fetched_whole_once_a_week(here, tells_deletions):
    lists = {"groups": [group(1, -9, "stays"), group(2, -9, "goes")]}
    if tells_deletions:
        lists["deletedEntities"] = []
    with SmallServer(lists, now=MORNING) as small:
        sync(here, small, "groups", "deletedEntities")
        lists["groups"].pop()
        for day in range(1, 9):
            small.now = MORNING + dt.timedelta(days=day)
            sync(here, small, "groups", "deletedEntities")
    whole = ["meta.modified.after" not in query for name, query in small.asked if name == "groups"]
    assert whole == [True, *7 * [False], not tells_deletions]
    assert names(here) == ([("goes",), ("stays",)] if tells_deletions else [("stays",)])


def test_a_deletion_told_twice_by_the_overlap_is_one_and_one_told_later_is_another(here):
    with SmallServer({"deletedEntities": {"groups": ["g1"]}}, now=MORNING) as small:
        sync(here, small, "deletedEntities")
        small.now = MORNING + dt.timedelta(minutes=5)
        again = sync(here, small, "deletedEntities")
        assert accounts(again[DELETED]) == (1, 0, 0, 1)
        small.lists["deletedEntities"] = {}
        small.now = MORNING + dt.timedelta(days=1)
        sync(here, small, "deletedEntities")
        # It had come back, and was deleted again.
        small.lists["deletedEntities"] = {"groups": ["g1"]}
        small.now = MORNING + dt.timedelta(days=2)
        sync(here, small, "deletedEntities")
    assert here.rows(f"select asked_at from raw.{DELETED} order by 1") == [(at(0),), (at(2 * 24 * 60),)]


def test_an_entity_that_is_no_object_and_a_deletion_without_an_id_are_set_aside(here):
    lists = {"groups": [group(1, -9), "not a group", None], "deletedEntities": [{"entityType": "Group"}]}
    with SmallServer(lists, now=MORNING) as small:
        found = sync(here, small, "groups", "deletedEntities")
    assert accounts(found[GROUPS]) == (3, 1, 2, 0)
    assert accounts(found[DELETED]) == (1, 0, 1, 0)


def test_an_answer_that_is_no_list_fails_without_repeating_what_it_says(here, caplog):
    lists = {"groups": "Exempelina Påhittsson 20130412-2383"}
    with caplog.at_level("DEBUG"), SmallServer(lists, now=MORNING) as small:
        found = sync(here, small)
    assert "no_answer" in problems(found)[GROUPS]
    assert "Påhittsson" not in str(problems(found)) + caplog.text


def test_what_a_query_says_stands_in_no_address(here):
    with SmallServer({"groups": [group(n, -5) for n in range(3)]}, now=MORNING, page=2) as small:
        sync(here, small)
    addresses = here.rows("select address from raw.extracts") + here.rows(
        f"select _source_file from raw.{GROUPS}"
    )
    assert {address for (address,) in addresses} == {"https://small.example/groups"}
