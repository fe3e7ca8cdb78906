"""The SS 12000 server: pages, filters, single entities, deletions, tokens."""

import time
from collections import Counter

import httpx
import pytest
from demo_session import Connect

from demo.municipality import Municipality
from demo.server import DeletedShape, Instants, Quirks

MONTH = {"startDate": "2026-10-01", "endDate": "2026-10-31"}


@pytest.mark.parametrize("limit", [20, 500, 2000])
def test_pages_give_everything_once(connect: Connect, municipality: Municipality, limit: int) -> None:
    with connect() as session:
        found = session.all("placements", limit)
        assert [entity["id"] for entity in found] == municipality.endpoints["placements"].ids
        assert session.server.requests["placements"] == -(-len(found) // limit)


def test_every_endpoint_lists_what_it_holds(connect: Connect, municipality: Municipality) -> None:
    with connect() as session:
        for endpoint, entities in municipality.endpoints.items():
            first = session.get(endpoint, limit=3).json()
            assert [entity["id"] for entity in first["data"]] == entities.ids[:3]
            assert first["pageToken"]


def test_the_server_decides_how_large_a_page_is(connect: Connect) -> None:
    with connect(quirks=Quirks(default_page=20, largest_page=50)) as session:
        assert len(session.data("duties")) == 20
        assert len(session.data("duties", limit=1000)) == 50


@pytest.mark.parametrize("endpoint", ["schoolUnitOfferings", "calendarEvents", "attendanceSchedule", "rooms"])
def test_what_it_does_not_offer_is_not_found(connect: Connect, endpoint: str) -> None:
    with connect() as session:
        answer = session.get(endpoint)
        assert (answer.status_code, answer.content) == (404, b"")


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 0},
        {"limit": "many"},
        {"pageToken": "!"},
        {"pageToken": "bm90IG91cnM"},
        {"nosuchfilter": "x"},
        {"meta_modified_after": "yesterday"},
    ],
)
def test_a_query_that_cannot_be_understood_is_refused(connect: Connect, query: dict[str, str]) -> None:
    with connect() as session:
        answer = session.get("grades", **query)
        assert answer.status_code == 400
        assert answer.json()["code"] == "400_invalid_filter"


def test_a_page_token_goes_with_no_filter(connect: Connect) -> None:
    with connect() as session:
        token = session.get("duties", limit=20, dutyRole="Rektor").json()["pageToken"]
        assert session.get("duties", pageToken=token, dutyRole="Rektor").status_code == 400
        following = session.data("duties", pageToken=token, limit=20)
        assert {duty["dutyRole"] for duty in following} == {"Rektor"}


def test_changes_are_asked_for_by_the_time_they_were_made(
    connect: Connect, municipality: Municipality
) -> None:
    times = municipality.endpoints["grades"].modified
    limit = sorted(times)[len(times) // 2]
    with connect() as session:
        after = session.all("grades", meta_modified_after=limit)
        before = session.all("grades", meta_modified_before=limit)
        assert min(entity["meta"]["modified"] for entity in after) > limit
        assert max(entity["meta"]["modified"] for entity in before) == limit
        assert len(after) + len(before) == len(times)


def test_instants_of_a_filter_may_have_an_offset(connect: Connect) -> None:
    with connect() as session:
        in_utc = session.all("absences", meta_created_after="2026-10-01T10:00:00Z")
        assert in_utc == session.all("absences", meta_created_after="2026-10-01T12:00:00+02:00")
        assert len(in_utc) > 0


def test_filters_keep_what_they_say(connect: Connect, municipality: Municipality) -> None:
    with connect() as session:
        (school,) = session.data("organisations", schoolUnitCode="99990022")
        assert school["displayName"] == "Vikaskolan"
        kinds = Counter(
            unit["organisationType"] for unit in session.all("organisations", type=["Skola", "Skolenhet"])
        )
        assert kinds == {"Skola": 27, "Skolenhet": 27}
        principals = session.all("duties", dutyRole="Rektor", organisation=school["id"])
        assert principals
        assert {duty["dutyAt"]["id"] for duty in principals} == {school["id"]}
        ended = session.all("duties", endDate_onOrBefore="2025-06-30")
        assert ended
        assert all(duty["endDate"] <= "2025-06-30" for duty in ended)
        open_ended = session.all("duties", endDate_onOrAfter="2026-11-20")
        assert not [duty for duty in open_ended if duty.get("endDate", "9999") < "2026-11-20"]
        assert len(open_ended) > 400


def test_single_entities_and_lookups(connect: Connect, municipality: Municipality) -> None:
    persons = municipality.endpoints["persons"]
    number = municipality.world.register.pupil_numbers[3000]
    with connect() as session:
        assert session.get(f"persons/{persons.ids[7].upper()}").json()["id"] == persons.ids[7]
        assert session.get("persons/00000000-0000-4000-a000-000000000000").status_code == 404
        url = f"{session.server.url}/persons/lookup"
        asked = {"ids": [persons.ids[1], "unknown", persons.ids[1]], "civicNos": [number]}
        found = session.http.post(url, json=asked).json()
        assert [person["id"] for person in found] == [
            persons.ids[1],
            municipality.world.register.pupil_ids[3000],
        ]
        assert (
            session.http.post(f"{session.server.url}/studyplans/lookup", json={"ids": []}).status_code == 404
        )
        assert session.http.post(url, content=b"[]").status_code == 400


def test_aggregated_attendance_needs_its_period(connect: Connect) -> None:
    with connect() as session:
        assert session.get("aggregatedAttendance", startDate="2026-10-01").status_code == 400
        rows = session.all("aggregatedAttendance", 1000, **MONTH)
        assert 5000 < len(rows) < 6000
        assert {(row["startDate"], row["endDate"]) for row in rows} == {("2026-10-01", "2026-10-31")}
        keys = {(row["activity"]["id"], row["student"]["id"]) for row in rows}
        assert len(keys) == len(rows)
        assert not [row for row in rows if "id" in row or "meta" in row]


def test_aggregated_attendance_of_one_unit_form_or_pupil(connect: Connect) -> None:
    with connect() as session:
        (school,) = session.data("organisations", schoolUnitCode="99990022")
        of_unit = session.all("aggregatedAttendance", organisation=school["id"], **MONTH)
        everything = session.all("aggregatedAttendance", **MONTH)
        assert 0 < len(of_unit) < len(everything) / 5
        pupil = of_unit[0]["student"]["id"]
        of_pupil = session.all("aggregatedAttendance", student=pupil, **MONTH)
        assert of_pupil == [row for row in everything if row["student"]["id"] == pupil]
        upper = session.all("aggregatedAttendance", schoolType="GY", **MONTH)
        assert 0 < len(upper) < len(everything)


def test_this_month_ends_with_yesterday(connect: Connect) -> None:
    with connect() as session:
        rows = session.data("aggregatedAttendance", startDate="2026-11-01", endDate="2026-11-30")
        assert {row["endDate"] for row in rows} == {"2026-11-19"}


def test_deletions_since_an_instant(connect: Connect, next_day: Municipality) -> None:
    with connect(about=next_day) as session:
        everything = session.get("deletedEntities").json()["data"]
        assert set(everything) == {"placements"}
        assert len(everything["placements"]) == 21
        since = session.get("deletedEntities", after="2026-11-20T04:15:00Z").json()["data"]
        assert since == {"placements": [next_day.deletions[-1].identity]}
        assert session.get("deletedEntities", entities="Grade").json()["data"] == {}
        assert not {entity["id"] for entity in session.all("placements")} & set(everything["placements"])


def test_deletions_page_by_page(connect: Connect) -> None:
    with connect() as session:
        answer, found = session.get("deletedEntities", limit=6).json(), []
        while True:
            found += answer["data"]["placements"]
            if not answer["pageToken"]:
                break
            answer = session.get("deletedEntities", limit=6, pageToken=answer["pageToken"]).json()
        assert len(found) == len(set(found)) == 20


def test_deletions_as_a_flat_list(connect: Connect, municipality: Municipality) -> None:
    with connect(quirks=Quirks(deleted=DeletedShape.FLAT)) as session:
        first = session.get("deletedEntities").json()["data"][0]
        deletion = municipality.deletions[0]
        assert first == {"entityType": "Placement", "id": deletion.identity, "deletedAt": deletion.deleted_at}


def test_nothing_without_a_token(connect: Connect) -> None:
    with connect() as session:
        for header in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic ZGVtbzpkZW1v"}):
            answer = httpx.get(f"{session.server.url}/persons", headers=header, trust_env=False)
            assert answer.status_code == 401
            assert answer.json()["code"] == "401_unauthorised"


def test_client_credentials_in_the_form_or_the_header(connect: Connect) -> None:
    with connect() as session:
        server, grant = session.server, {"grant_type": "client_credentials"}
        pair = (server.client_id, server.client_secret)
        form = {**grant, "client_id": pair[0], "client_secret": pair[1]}
        answers = [
            httpx.post(server.token_url, data=form, trust_env=False),
            httpx.post(server.token_url, data=grant, auth=pair, trust_env=False),
        ]
        for answer in answers:
            token = answer.json()["access_token"]
            found = httpx.get(
                f"{server.url}/duties", headers={"Authorization": f"Bearer {token}"}, trust_env=False
            )
            assert found.status_code == 200
        wrong = httpx.post(server.token_url, data={**form, "client_secret": "x"}, trust_env=False)
        assert (wrong.status_code, wrong.json()) == (401, {"error": "invalid_client"})


def test_a_token_expires(connect: Connect) -> None:
    with connect(token_lifetime=0.3) as session:
        server = session.server
        form = {
            "grant_type": "client_credentials",
            "client_id": server.client_id,
            "client_secret": server.client_secret,
        }
        token = httpx.post(server.token_url, data=form, trust_env=False).json()["access_token"]
        header = {"Authorization": f"Bearer {token}"}
        assert httpx.get(f"{server.url}/duties", headers=header, trust_env=False).status_code == 200
        time.sleep(0.35)
        assert httpx.get(f"{server.url}/duties", headers=header, trust_env=False).status_code == 401


def test_the_clock_stands_on_the_morning_of_the_municipality(connect: Connect) -> None:
    with connect() as session:
        assert session.get("duties").headers["Date"].startswith("Fri, 20 Nov 2026 04:15:")


def test_optional_attributes_may_be_missing_and_unknown_ones_there(connect: Connect) -> None:
    with connect(quirks=Quirks(omit_optional=True, extra_attributes=True, null_school_year=True)) as session:
        person = next(person for person in session.data("persons") if person.get("enrolments"))
        assert "emails" not in person
        assert "civicNo" in person
        assert person["x-leverantor"]
        assert {enrolment["schoolYear"] for enrolment in person["enrolments"]} == {None}


@pytest.mark.parametrize(
    ("instants", "offsets"), [(Instants.OFFSET, {True}), (Instants.MIXED, {True, False})]
)
def test_instants_with_an_offset(connect: Connect, instants: Instants, offsets: set[bool]) -> None:
    with connect() as plain, connect(quirks=Quirks(instants=instants)) as session:
        in_utc, local = plain.data("absences", limit=10), session.data("absences", limit=10)
        assert {not absence["startTime"].endswith("Z") for absence in local} == offsets
        assert local[1]["startTime"] == in_utc[1]["startTime"].replace("06:00:00Z", "08:00:00+02:00")
