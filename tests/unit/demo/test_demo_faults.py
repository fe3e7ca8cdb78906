"""Every fault that can be ordered really happens, as often as it was ordered and no more."""

import datetime as dt
import time

import httpx
import pytest
from demo_session import Connect

from demo.chance import identity
from demo.server import Fault

UNKNOWN = {identity(0, "no such syllabus", place) for place in range(3)}
AUTUMN = {"startDate": "2026-10-01", "endDate": "2026-10-31"}


@pytest.mark.parametrize("status", [403, 429, 500, 503])
def test_errors(connect: Connect, status: int) -> None:
    with connect([Fault("grades", "status", status=status, times=2, after=1, retry_after=7)]) as session:
        answers = [session.get("grades", limit=20) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, status, status, 200]
        assert answers[1].headers["Retry-After"] == "7"
        assert set(answers[1].json()) == {"code", "message"}
        assert session.get("duties").status_code == 200


def test_a_token_that_is_worth_nothing_any_more(connect: Connect) -> None:
    with connect([Fault("persons", "expired_token")]) as session:
        server = session.server
        form = {
            "grant_type": "client_credentials",
            "client_id": server.client_id,
            "client_secret": server.client_secret,
        }

        def ask(token: str) -> int:
            header = {"Authorization": f"Bearer {token}"}
            return httpx.get(
                f"{server.url}/persons", params={"limit": 1}, headers=header, trust_env=False
            ).status_code

        def fresh() -> str:
            return str(httpx.post(server.token_url, data=form, trust_env=False).json()["access_token"])

        old = fresh()
        assert [ask(old), ask(old), ask(fresh())] == [401, 401, 200]


def test_the_token_endpoint_can_fail_too(connect: Connect) -> None:
    with connect([Fault("token", "status", status=503)]) as session:
        form = {"grant_type": "client_credentials"}
        assert httpx.post(session.server.token_url, data=form, trust_env=False).status_code == 503


def test_a_slow_answer(connect: Connect) -> None:
    with connect([Fault("grades", "slow", seconds=0.5)]) as session:
        began = time.monotonic()
        session.data("grades", limit=20)
        assert time.monotonic() - began > 0.5


def test_json_that_ends_in_the_middle(connect: Connect) -> None:
    with connect([Fault("grades", "cut_off")]) as session:
        with pytest.raises(ValueError, match=r"Unterminated|Expecting|delimiter"):
            session.get("grades", limit=20).json()
        assert len(session.data("grades", limit=20)) == 20


def test_a_connection_that_ends_in_the_middle(connect: Connect) -> None:
    with connect([Fault("grades", "hang_up")]) as session:
        with pytest.raises(httpx.RemoteProtocolError):
            session.get("grades", limit=20)
        assert len(session.data("grades", limit=20)) == 20


def test_a_page_token_that_leads_back(connect: Connect) -> None:
    with connect([Fault("grades", "repeated_token", after=1)]) as session:
        first = session.get("grades", limit=20).json()
        second = session.get("grades", limit=20, pageToken=first["pageToken"]).json()
        assert second["pageToken"] == first["pageToken"]


def test_an_entity_that_comes_twice(connect: Connect) -> None:
    with connect([Fault("placements", "duplicate")]) as session:
        ids = [entity["id"] for entity in session.all("placements", 1000)]
        assert len(ids) - len(set(ids)) == 1
        assert ids[999] == ids[1000]


def test_an_entity_that_changes_between_pages(connect: Connect) -> None:
    with connect([Fault("grades", "changed_between")]) as session:
        first = session.get("grades", limit=20).json()
        again = session.get("grades", limit=20, pageToken=first["pageToken"]).json()["data"][0]
        before = first["data"][0]
        assert again["id"] == before["id"]
        assert again["gradeValue"] == "A"
        assert again["meta"]["modified"] > before["meta"]["modified"]


@pytest.mark.parametrize("minutes", [10, -10])
def test_a_clock_that_is_wrong(connect: Connect, minutes: int) -> None:
    with connect() as right, connect([Fault("*", "clock", minutes=minutes)]) as wrong:
        shown = {10: "04:25", -10: "04:05"}[minutes]
        assert f"{shown}:" in wrong.get("duties").headers["Date"]
        meant, got = (session.data("absences", limit=1)[0]["meta"]["modified"] for session in (right, wrong))
        assert dt.datetime.fromisoformat(got) - dt.datetime.fromisoformat(meant) == dt.timedelta(
            minutes=minutes
        )


def test_a_grade_in_a_subject_the_pupil_does_not_read(connect: Connect) -> None:
    with connect([Fault("grades", "subject_not_studied", times=2)]) as session:
        forms = {syllabus["id"]: syllabus["schoolType"] for syllabus in session.all("syllabuses")}
        grades = session.data("grades", limit=4)
        assert [forms[grade["syllabus"]["id"]] for grade in grades] == ["GY", "GY", "GR", "GR"]


@pytest.mark.parametrize(
    ("kind", "endpoint", "broken"),
    [
        ("future_dates", "grades", lambda entity: entity["registeredDate"].startswith("2099")),
        ("future_dates", "absences", lambda entity: entity["startTime"].startswith("2099")),
        ("dst_night", "attendanceEvents", lambda entity: entity["time"].startswith("2026-10-25T02:30:00+0")),
        (
            "ends_before_start",
            "placements",
            lambda entity: entity.get("endDate", "9999") < entity["startDate"],
        ),
        ("unknown_syllabus", "grades", lambda entity: entity["syllabus"]["id"] in UNKNOWN),
        ("no_id", "grades", lambda entity: "id" not in entity),
        ("wrong_type", "grades", lambda entity: isinstance(entity["id"], int)),
        ("number_in_name", "groups", lambda entity: "20130412-2383" in entity["displayName"]),
    ],
)
def test_content_that_is_wrong(connect: Connect, kind: str, endpoint: str, broken: object) -> None:
    assert callable(broken)
    with connect([Fault(endpoint, kind, times=3)]) as session:
        assert [bool(broken(entity)) for entity in session.data(endpoint, limit=5)] == [True] * 3 + [
            False
        ] * 2


def test_an_enrolment_that_ends_before_it_starts(connect: Connect) -> None:
    with connect([Fault("persons", "ends_before_start", times=200)]) as session:
        found = [person for person in session.data("persons", limit=400) if person.get("enrolments")]
        backwards = [
            person["enrolments"][0].get("endDate", "9999") < person["enrolments"][0]["startDate"]
            for person in found
        ]
        assert any(backwards)
        assert not all(backwards)


def test_more_absence_than_was_offered(connect: Connect) -> None:
    with connect([Fault("aggregatedAttendance", "absence_over_offered", times=4)]) as session:
        rows = session.data("aggregatedAttendance", limit=10, **AUTUMN)
        assert [row["invalidAbsenceSum"] > row["offeredSum"] for row in rows] == [True] * 4 + [False] * 6


def test_half_past_two_twice_that_night(connect: Connect) -> None:
    with connect([Fault("attendanceEvents", "dst_night", times=2)]) as session:
        first, second = (event["time"] for event in session.data("attendanceEvents", limit=2))
        assert (first, second) == ("2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00")


def test_a_fault_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="No fault of the kind 'gremlin'"):
        Fault("grades", "gremlin")
