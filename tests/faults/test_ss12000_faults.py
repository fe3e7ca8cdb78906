"""An SS 12000 server at its worst: nothing lost, nothing counted twice, and one list spoils no other."""

import datetime as dt
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import duckdb
import pytest

import demo
from demo.municipality import Municipality
from demo.server import Fault, Instants, Quirks, running

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "ss12000"))

from ss12000_kit import KNOWN_AS, MORNING, Installation, accounts, problems, server

pytestmark = pytest.mark.faults

ORGANISATIONS, PLACEMENTS, DUTIES = "ss12000_organisations", "ss12000_placements", "ss12000_duties"


@pytest.fixture(scope="module")
def municipality() -> Municipality:
    return demo.generate(as_of=MORNING)


@cache
def morning_after(days: int = 1) -> Municipality:
    """The municipality some days later."""
    return demo.generate(as_of=MORNING + dt.timedelta(days=days))


@pytest.fixture
def here(tmp_path: Path) -> Installation:
    return Installation(tmp_path)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Installation:
    """A second installation, fetched without faults, to compare with."""
    return Installation(tmp_path / "elsewhere")


@pytest.mark.parametrize("page_size", [20, 61, 763, 2000])
@pytest.mark.parametrize("default_page", [20, 500])
def test_every_page_size_gives_the_same_rows(here, municipality, page_size, default_page):
    quirks = Quirks(default_page=default_page, largest_page=max(default_page, 500))
    found = here.run(municipality, "organisations", "duties", quirks=quirks, page_size=page_size)
    assert problems(found) == {}
    assert accounts(found[ORGANISATIONS]) == (61, 61, 0, 0)
    assert here.count(DUTIES) == len(municipality.endpoints["duties"])


def test_a_token_that_expires_on_the_way_is_renewed_once(here, municipality):
    with running(municipality, faults=[Fault("duties", "expired_token", after=3)]) as up:
        found = here.sync(server(up, page_size=100), "duties")
        assert up.requests["token"] == 2
    assert problems(found) == {}
    assert here.count(DUTIES) == len(municipality.endpoints["duties"])


def test_a_short_lived_token_is_renewed_before_it_expires(here, municipality):
    slow = Fault("duties", "slow", seconds=0.8, times=3)
    with running(municipality, token_lifetime=1.0, faults=[slow]) as up:
        found = here.sync(server(up, page_size=300), "duties")
        assert up.statuses[401] <= 1
    assert problems(found) == {}


def test_credentials_that_are_refused_are_named_without_showing_them(here, municipality, caplog):
    with caplog.at_level("DEBUG"), running(municipality) as up:
        wrong = replace(server(up), client_secret="not-the-secret-81f3")
        found = here.sync(wrong, "organisations")
        static = here.sync(replace(server(up), token_url="", token="not-the-token-77aa"), "organisations")
    assert "http_401" in problems(found)[ORGANISATIONS]
    assert "http_401" in problems(static)[ORGANISATIONS]
    told = repr(wrong) + caplog.text + str(problems(found)) + str(problems(static))
    assert "not-the-secret-81f3" not in told and "not-the-token-77aa" not in told


def test_a_static_token_lets_us_in(here, municipality):
    with running(municipality) as up:
        found = here.sync(replace(server(up), token_url="", token=up.token), "organisations")
    assert problems(found) == {}
    assert here.count(ORGANISATIONS) == 61


def test_a_list_we_may_not_see_is_a_problem_of_its_own(here, municipality):
    faults = [Fault("placements", "status", status=403, times=99)]
    found = here.run(municipality, "organisations", "placements", "duties", faults=faults)
    assert set(problems(found)) == {PLACEMENTS}
    assert "http_403" in problems(found)[PLACEMENTS]
    assert here.count(ORGANISATIONS) == 61 and here.count(DUTIES) > 0
    assert here.rows("select dataset, rule from raw.delivery_problems") == [("placements", "http_403")]


@pytest.mark.parametrize(
    "fault",
    [
        Fault("placements", "status", status=429, retry_after=7, after=1),
        Fault("placements", "status", status=500, times=2),
        Fault("placements", "status", status=503, after=2),
        Fault("placements", "cut_off", after=1),
        Fault("placements", "hang_up", after=1),
        Fault("placements", "slow", seconds=1.5),
        Fault("token", "status", status=503),
    ],
    ids=lambda fault: f"{fault.endpoint}-{fault.kind}-{fault.status}",
)
def test_what_passes_is_tried_again(here, municipality, fault):
    found = here.run(municipality, "placements", faults=[fault])
    assert problems(found) == {}
    expected = len(municipality.endpoints["placements"])
    assert accounts(found[PLACEMENTS]) == (expected, expected, 0, 0)
    assert here.slept != []
    if fault.retry_after is not None:
        assert here.slept == [7.0]


@pytest.mark.parametrize("kind", ["status", "cut_off", "hang_up", "repeated_token"])
def test_what_lasts_fails_the_list_and_its_last_good_rows_stand(here, municipality, kind):
    later = morning_after()
    assert problems(here.run(municipality, "attendanceEvents")) == {}
    before = here.content("ss12000_attendance_events")
    state = here.rows("select * from raw.ss12000_state")
    faults = [Fault("attendanceEvents", kind, times=99, after=1)]
    found = here.run(later, "attendanceEvents", faults=faults, page_size=200)
    assert len(problems(found)) == 1
    assert here.content("ss12000_attendance_events") == before
    assert here.rows("select * from raw.ss12000_state") == state
    # And when the server has recovered, nothing is missing.
    assert problems(here.run(later, "attendanceEvents")) == {}
    assert here.rows("select * from raw.delivery_problems") == []
    assert here.count("ss12000_attendance_events") == len(later.endpoints["attendanceEvents"])


def test_a_page_token_that_leads_back_is_named(here, municipality):
    back = Fault("duties", "repeated_token", times=99)
    found = here.run(municipality, "duties", faults=[back], page_size=50)
    assert "page_token_repeated" in problems(found)[DUTIES]
    assert here.count(DUTIES) == 0


def test_what_two_pages_both_list_is_counted_and_loaded_once(here, elsewhere, municipality):
    found = here.run(municipality, "duties", faults=[Fault("duties", "duplicate", times=3)], page_size=100)
    expected = len(municipality.endpoints["duties"])
    assert accounts(found[DUTIES]) == (expected + 3, expected, 0, 3)
    elsewhere.run(municipality, "duties")
    assert here.content(DUTIES) == elsewhere.content(DUTIES)


def test_of_an_entity_that_changes_while_pages_are_read_the_latest_version_stays(here, municipality):
    found = here.run(municipality, "groups", faults=[Fault("groups", "changed_between")], page_size=100)
    expected = len(municipality.endpoints["groups"])
    assert accounts(found["ss12000_groups"]) == (expected + 1, expected, 0, 1)
    assert any("latest version was kept" in note for note in found["ss12000_groups"][0].report.notes)
    before = municipality.endpoints["groups"].modified
    # Its members come from the same version, once.
    (changed,) = here.rows(
        f"""
        select g.meta_modified, min(m.meta_modified), max(m.meta_modified)
        from raw.ss12000_groups as g
        join raw.ss12000_group_memberships as m on m.group_id = g.id
        where not list_contains({before}, g.meta_modified)
        group by all
        """
    )
    assert len(set(changed)) == 1


def _latest(installation: Installation, table: str, key: str) -> list[tuple[object, ...]]:
    """What staging would see: the latest version of each, without what was deleted since."""
    kind = table.removeprefix("ss12000_")
    return installation.rows(
        f"""
        select * exclude (_source_file, _row_number, _extract_id, fetched_at)
        from (
            select t.*, e.fetched_at
            from raw.{table} as t
            join raw.extracts as e on t._extract_id = e.extract_id
            qualify row_number() over (
                partition by {key}
                order by try_cast(meta_modified as timestamptz) desc, e.fetched_at desc, _row_number desc
            ) = 1
        ) as latest
        where not exists (
            select 1 from raw.ss12000_deleted_entities as d
            where d.entity_type = '{kind}' and d.id = latest.{key}
                and coalesce(d.deleted_at, d.asked_at) >= latest.meta_modified
        )
        order by all
        """
    )


@pytest.mark.parametrize("minutes", [10, -10])
def test_whatever_the_clock_says_increments_end_where_a_full_fetch_does(
    here, elsewhere, municipality, minutes
):
    lists = ("placements", "groups", "absences", "deletedEntities")
    clock = [Fault("any", "clock", minutes=minutes)]
    here.run(municipality, *lists, faults=clock)
    here.run(morning_after(), *lists, faults=clock)
    here.run(morning_after(4), *lists, faults=clock)
    elsewhere.run(morning_after(4), *lists, faults=clock)
    for table in ("placements", "groups", "absences"):
        name = f"ss12000_{table}"
        assert _latest(here, name, "id") == _latest(elsewhere, name, "id"), table
    gone = "select count(distinct id) from raw.ss12000_deleted_entities"
    assert here.rows(gone) == elsewhere.rows(gone)


def test_a_server_clock_that_jumps_between_runs_loses_nothing(here, elsewhere, municipality):
    """Ten minutes fast one day, right the next: what was entered in between lies before the first's clock."""
    here.run(municipality, "absences", faults=[Fault("any", "clock", minutes=10)])
    here.run(morning_after(), "absences")
    elsewhere.run(morning_after(), "absences")
    ids = "select distinct id from raw.ss12000_absences order by 1"
    assert here.rows(ids) == elsewhere.rows(ids)


def test_an_increment_that_repeats_what_is_there_is_not_loaded(here, municipality):
    lists = ("organisations", "persons", "deletedEntities")
    here.run(municipality, *lists)
    extracts = here.rows("select extract_id from raw.extracts order by 1")
    files = sorted(path for path in here.store.root.rglob("*") if path.is_file())
    found = here.run(municipality, *lists)
    assert all(one.report.unchanged for reports in found.values() for one in reports)
    assert here.rows("select extract_id from raw.extracts order by 1") == extracts
    assert sorted(path for path in here.store.root.rglob("*") if path.is_file()) == files


def test_dates_in_the_future_are_kept_for_staging_to_judge(here, municipality):
    here.run(municipality, "absences", faults=[Fault("absences", "future_dates", times=3)])
    query = "select count(*) from raw.ss12000_absences where start_time like '2099%'"
    assert here.rows(query) == [(3,)]


def test_both_hours_called_two_of_the_night_the_clocks_change_are_kept_apart(here, municipality):
    here.run(municipality, "attendanceEvents", faults=[Fault("attendanceEvents", "dst_night", times=2)])
    times = here.rows("select time from raw.ss12000_attendance_events where time like '2026-10-25T02:30%'")
    assert sorted(times) == [("2026-10-25T02:30:00+01:00",), ("2026-10-25T02:30:00+02:00",)]


def test_an_enrolment_that_ends_before_it_starts_is_kept_for_staging_to_judge(here, municipality):
    here.run(municipality, "persons", faults=[Fault("persons", "ends_before_start", times=40)])
    backwards = here.rows("select count(*) from raw.ss12000_enrolments where end_date < start_date")
    assert int(str(backwards[0][0])) > 5


@pytest.mark.parametrize(("kind", "rule"), [("no_id", "missing_id"), ("wrong_type", "wrong_type")])
def test_entities_that_cannot_be_rows_are_set_aside_and_counted(here, municipality, kind, rule):
    found = here.run(municipality, "groups", faults=[Fault("groups", kind, times=2)])
    expected = len(municipality.endpoints["groups"])
    assert accounts(found["ss12000_groups"]) == (expected, expected - 2, 2, 0)
    for reports in found.values():
        delivered, loaded, rejected, duplicates = accounts(reports)
        assert delivered == loaded + rejected + duplicates
    rows = here.rows(
        "select row_number, rule from raw.rejected_rows where extract_id like 'ss12000/groups/%' order by 1"
    )
    assert rows == [(1, rule), (2, rule)]


def test_an_identity_number_in_a_name_is_blanked_and_noted(here, municipality):
    found = here.run(
        municipality, "organisations", faults=[Fault("organisations", "number_in_name", times=2)]
    )
    assert here.rows("select count(*) from raw.ss12000_organisations where display_name is null") == [(2,)]
    (note,) = found["ss12000_organisations"][0].report.notes
    assert "display_name" in note and "2 cells" in note
    assert "20130412" not in note


@pytest.mark.parametrize(
    "quirks",
    [
        Quirks(omit_optional=True),
        Quirks(extra_attributes=True),
        Quirks(null_school_year=True),
        Quirks(instants=Instants.MIXED),
    ],
    ids=["omit_optional", "extra_attributes", "null_school_year", "mixed_instants"],
)
def test_what_a_server_leaves_out_adds_or_writes_otherwise_is_tolerated(here, municipality, quirks):
    found = here.run(municipality, "organisations", "persons", quirks=quirks)
    assert problems(found) == {}
    assert {one.report.rejected for reports in found.values() for one in reports} == {0}
    assert here.count("ss12000_persons") == len(municipality.endpoints["persons"])


def test_a_list_the_server_does_not_have_is_no_problem(here, municipality):
    faults = [
        Fault("studyplans", "status", status=501, times=99),
        Fault("absences", "status", status=404, times=99),
    ]
    found = here.run(municipality, "organisations", "studyplans", "absences", faults=faults)
    assert problems(found) == {}
    offered = {table: reports[0].is_offered for table, reports in found.items()}
    assert offered == {ORGANISATIONS: True, "ss12000_study_plans": False, "ss12000_absences": False}


def test_a_list_that_every_server_has_or_that_was_there_before_is_missed(here, municipality):
    gone = [Fault(name, "status", status=404, times=99) for name in ("persons", "duties")]
    here.run(municipality, "duties")
    found = here.run(municipality, "persons", "duties", faults=gone)
    assert "list_missing" in problems(found)["ss12000_persons"]
    assert "no_longer_offered" in problems(found)[DUTIES]
    assert here.count(DUTIES) > 0


def test_summed_attendance_is_replaced_by_month_and_corrections_a_year_back_arrive(here, municipality):
    table = "ss12000_aggregated_attendance"
    options = {"first_day": dt.date(2026, 9, 1)}
    first = here.run(municipality, "aggregatedAttendance", **options)
    assert [one.report.period for one in first[table]] == ["2026-09", "2026-10", "2026-11"]
    rows = here.count(table)
    again = here.run(municipality, "aggregatedAttendance", **options)
    assert [(one.report.period, one.report.unchanged) for one in again[table]] == [
        ("2026-10", True),
        ("2026-11", True),
    ]
    # A row of September is lost here; on Monday the months further back are asked for again.
    with here.warehouse() as connection:
        connection.execute(f"delete from raw.{table} where start_date = '2026-09-01'")
        connection.execute("update raw.extracts set sha256 = 'another' where period = '2026-09'")
    monday = morning_after(3)
    found = here.run(monday, "aggregatedAttendance", **options)
    assert [one.report.period for one in found[table]] == ["2026-09", "2026-10", "2026-11"]
    assert here.count(table) >= rows
    assert here.rows(f"select count(*) from raw.{table} where end_date > '2026-11-22'") == [(0,)]


def test_summed_attendance_stops_at_the_first_refusal_and_says_so_once(here, municipality):
    faults = [Fault("aggregatedAttendance", "status", status=403, times=99)]
    with running(municipality, faults=faults) as up:
        found = here.sync(server(up), "aggregatedAttendance", first_day=dt.date(2026, 1, 1))
        assert up.requests["aggregatedAttendance"] == 1
    assert len(found["ss12000_aggregated_attendance"]) == 1


def test_another_server_takes_the_place_of_the_first(here, municipality):
    here.run(municipality, "organisations", "duties")
    with running(municipality) as up:
        here.sync(server(up, known_as=KNOWN_AS.replace("ss12000", "another")), "organisations")
    assert here.count(DUTIES) == 0
    assert here.count(ORGANISATIONS) == 61


def test_a_changed_edge_fetches_everything_anew(here, municipality):
    here.run(municipality, "organisations")
    with here.warehouse() as connection:
        connection.execute("update raw.ss12000_state set edge_fingerprint = 'older'")
    (one,) = here.run(municipality, "organisations")[ORGANISATIONS]
    assert one.report.period == "full"
    assert here.count(ORGANISATIONS) == 61


def test_a_load_that_fails_moves_neither_rows_nor_state(here, municipality):
    with here.warehouse() as connection:
        connection.execute("drop table raw.rejected_rows")
        connection.execute("create table raw.rejected_rows (broken integer)")
    with pytest.raises(duckdb.Error):
        here.run(municipality, "organisations")
    assert here.count(ORGANISATIONS) == 0
    assert here.rows("select * from raw.ss12000_state") == []
    assert here.rows("select * from raw.extracts") == []
