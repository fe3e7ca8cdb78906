"""What a misbehaving source does to an extract: a named error after a bounded number of requests."""

import datetime as dt
import json
import logging
from collections.abc import Callable, Iterator
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
from hostile_server import HostileServer, Reply

from dagster_project.lib.errors import (
    DeliveryProblem,
    EquityError,
    PageLedgerError,
    SourceUnavailableError,
)
from dagster_project.lib.http.budget import RequestBudget
from dagster_project.lib.http.client import ApiClient
from dagster_project.lib.http.errors import NotPublishedError
from dagster_project.lib.sources.kolada import KoladaClient
from dagster_project.lib.sources.planned_educations import PlannedEducationsClient, UnitListQuery
from dagster_project.lib.sources.source import collect

pytestmark = pytest.mark.faults

SECRET = "s3cr3t-token-4711"
MAX_ATTEMPTS = 4


@pytest.fixture
def server() -> Iterator[HostileServer]:
    with HostileServer({}) as running:
        yield running


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def connect(server: HostileServer, waits: list[float]) -> Iterator[Callable[..., ApiClient]]:
    opened: list[ApiClient] = []

    def open_client(**overrides: Any) -> ApiClient:
        settings: dict[str, Any] = {
            "base_url": server.url,
            "name": "skolverket",
            "user_agent": "education-equity-warehouse (test)",
            "timeout": 5.0,
            "max_attempts": MAX_ATTEMPTS,
            "budget": RequestBudget(calls=None, max_total=1_000),
            "headers": {"Authorization": f"Bearer {SECRET}"},
            "use_proxy": False,
            "sleep": waits.append,
        }
        opened.append(ApiClient(**{**settings, **overrides}))
        return opened[-1]

    yield open_client
    for client in opened:
        client.close()


# --- one answer ---------------------------------------------------------------------------------------------


def test_a_report_that_is_not_published_is_told_apart_and_asked_for_once(server, connect):
    with pytest.raises(NotPublishedError, match="not_published"):
        connect().get("/nowhere", {"pAr": 2031})
    assert server.asked == {"/nowhere?pAr=2031": 1}


@pytest.mark.parametrize("status", [401, 403])
def test_refused_credentials_are_not_tried_again_and_the_remedy_names_them(server, connect, status):
    server.script("/closed", Reply(status))
    with pytest.raises(SourceUnavailableError, match="credentials") as refused:
        connect().get("/closed")
    assert not isinstance(refused.value, NotPublishedError)
    assert refused.value.rule == f"http_{status}"
    assert server.requests == 1


@pytest.mark.parametrize("status", [301, 302, 400, 410, 418, 204, 206])
def test_any_other_status_is_refused_at_once(server, connect, status):
    server.script("/odd", Reply(status, body=b"", headers={"Location": "http://127.0.0.1:9/elsewhere"}))
    with pytest.raises(SourceUnavailableError) as refused:
        connect().get("/odd")
    assert refused.value.rule == f"http_{status}"
    assert server.requests == 1


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_passing_failure_is_ridden_out(server, connect, waits, status):
    server.script("/shaky", Reply(status), Reply(status), Reply(body=b"at last"))
    assert connect().get("/shaky").body == b"at last"
    assert server.requests == 3
    assert waits[0] < waits[1]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_lasting_failure_ends_after_the_bounded_tries(server, connect, status):
    server.script("/broken", Reply(status))
    with pytest.raises(SourceUnavailableError, match=f"{MAX_ATTEMPTS} tries.*{status}"):
        connect().get("/broken")
    assert server.requests == MAX_ATTEMPTS


def test_the_waits_between_tries_grow_and_have_a_ceiling(server, connect, waits):
    server.script("/broken", Reply(500))
    with pytest.raises(SourceUnavailableError):
        connect(max_attempts=10).get("/broken")
    assert len(waits) == 9
    assert all(wait <= 60 for wait in waits)
    assert waits[-1] > waits[0] * 10


def test_retry_after_in_seconds_is_waited_for(server, connect, waits):
    server.script("/busy", Reply(429, headers={"Retry-After": "7"}), Reply(body=b"done"))
    assert connect().get("/busy").body == b"done"
    assert waits == [7.0]


def test_retry_after_as_a_date_is_waited_for(server, connect, waits):
    in_half_a_minute = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=30)
    header = {"Retry-After": format_datetime(in_half_a_minute, usegmt=True)}
    server.script("/busy", Reply(503, headers=header), Reply(body=b"done"))
    assert connect().get("/busy").body == b"done"
    assert len(waits) == 1
    assert 20 < waits[0] <= 30


def test_a_retry_after_beyond_the_limit_ends_the_extract_at_once(server, connect, waits):
    server.script("/busy", Reply(429, headers={"Retry-After": "3600"}))
    with pytest.raises(SourceUnavailableError, match="3600 seconds") as refused:
        connect().get("/busy")
    assert refused.value.rule == "retry_after_too_long"
    assert server.requests == 1
    assert waits == []


def test_a_retry_after_that_says_nothing_usable_falls_back_to_growing_waits(server, connect, waits):
    server.script("/busy", Reply(429, headers={"Retry-After": "soon"}), Reply(body=b"done"))
    assert connect().get("/busy").body == b"done"
    assert 1.0 <= waits[0] <= 2.0


def test_a_source_that_hangs_is_given_up_after_the_bounded_tries(server, connect):
    server.script("/slow", Reply(delay=1.0))
    with pytest.raises(SourceUnavailableError, match="in time"):
        connect(timeout=0.1, max_attempts=2).get("/slow")
    assert server.requests == 2


def test_an_answer_that_drips_for_ever_is_given_up(server, connect):
    server.script("/drip", Reply(body=b"x" * 200, pause=0.02))
    with pytest.raises(SourceUnavailableError, match="not whole after"):
        connect(max_answer_seconds=0.1, max_attempts=2).get("/drip")
    assert server.requests == 2


def test_nobody_listening_is_a_source_that_is_unavailable(connect):
    with HostileServer({}) as gone:
        address = gone.url
    with pytest.raises(SourceUnavailableError, match="connection failed"):
        connect(base_url=address).get("/")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_cut_in_the_middle_is_fetched_again(server, connect, chunked):
    whole = b"1,2,3\n" * 1_000
    server.script(
        "/cut", Reply(body=whole, cut_after=700, chunked=chunked), Reply(body=whole, chunked=chunked)
    )
    assert connect().get("/cut").body == whole
    assert server.requests == 2


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_cut_every_time_is_never_handed_on(server, connect, chunked):
    server.script("/cut", Reply(body=b"1,2,3\n" * 1_000, cut_after=700, chunked=chunked))
    with pytest.raises(SourceUnavailableError, match="broke off in the middle"):
        connect().get("/cut")
    assert server.requests == MAX_ATTEMPTS


def test_a_damaged_compressed_body_is_fetched_again(server, connect):
    damaged = Reply(body=b"not gzip at all", headers={"Content-Encoding": "gzip"})
    server.script("/gzip", damaged, Reply(body=b"plain"))
    assert connect().get("/gzip").body == b"plain"


def test_a_body_beyond_the_limit_is_refused_without_another_try(server, connect):
    server.script("/huge", Reply(body=b"x" * 3_000_000))
    with pytest.raises(SourceUnavailableError) as refused:
        connect(max_body_bytes=1_000_000).get("/huge")
    assert refused.value.rule == "answer_too_large"
    assert server.requests == 1


def test_a_compression_bomb_is_refused_by_its_unpacked_size(server, connect):
    import gzip

    bomb = gzip.compress(b"0" * 50_000_000)
    server.script("/bomb", Reply(body=bomb, headers={"Content-Encoding": "gzip"}))
    with pytest.raises(SourceUnavailableError) as refused:
        connect(max_body_bytes=1_000_000).get("/bomb")
    assert refused.value.rule == "answer_too_large"


def test_an_html_page_with_status_200_is_passed_on_for_the_reader_to_refuse(server, connect):
    page = b"<!doctype html><title>Underh\xc3\xa5ll</title>"
    server.script("/export", Reply(body=page, headers={"Content-Type": "text/html"}))
    assert connect().get("/export").body == page


def test_the_run_stops_when_its_requests_are_used_up_retries_included(server, connect):
    server.script("/broken", Reply(500))
    client = connect(budget=RequestBudget(calls=None, max_total=3))
    with pytest.raises(SourceUnavailableError) as refused:
        client.get("/broken")
    assert refused.value.rule == "request_budget"
    assert server.requests == 3


def test_an_unchanged_answer_is_not_transferred_again(server, connect):
    server.script("/list", Reply(body=b"v1", headers={"ETag": '"1"'}), Reply(304, body=b""))
    client = connect()
    first = client.get_if_changed("/list", etag=None)
    again = client.get_if_changed("/list", etag=first.etag)
    assert first.answer is not None
    assert first.answer.body == b"v1"
    assert again.answer is None
    assert again.etag == '"1"'
    assert "If-None-Match" not in server.headers_seen[0]
    assert server.headers_seen[1]["If-None-Match"] == '"1"'


def test_nothing_changed_in_answer_to_an_unconditional_request_is_refused(server, connect):
    server.script("/list", Reply(304, body=b""))
    with pytest.raises(SourceUnavailableError) as refused:
        connect().get("/list")
    assert refused.value.rule == "http_304"


FAILURES = [
    Reply(401),
    Reply(404),
    Reply(500),
    Reply(429, headers={"Retry-After": "9999"}),
    Reply(body=b"x" * 100, cut_after=10),
    Reply(body=b"x" * 5_000),
]


@pytest.mark.parametrize("reply", FAILURES, ids=["401", "404", "500", "429", "cut", "huge"])
def test_no_error_or_log_line_shows_a_secret_header(server, connect, caplog, reply):
    server.script("/data", reply)
    caplog.set_level(logging.DEBUG)
    with pytest.raises(EquityError) as refused:
        connect(max_body_bytes=1_000).get("/data")
    assert server.headers_seen[0]["Authorization"] == f"Bearer {SECRET}"
    error: BaseException | None = refused.value
    while error is not None:
        assert SECRET not in f"{error} {error!r}"
        error = error.__cause__ or error.__context__
    assert SECRET not in caplog.text


def test_credentials_in_the_address_are_not_accepted():
    with pytest.raises(ValueError, match="header") as refused:
        ApiClient(
            f"http://user:{SECRET}@127.0.0.1:1",
            name="x",
            user_agent="x",
            timeout=1,
            budget=RequestBudget(calls=None, max_total=1),
        )
    assert SECRET not in str(refused.value)


def test_more_units_absent_than_normal_is_an_error_and_fewer_are_listed(server, connect):
    for code in "abcdefgh":
        server.script(f"/{code}", Reply(body=b"{}"))
    client = connect()
    found = collect(lambda code: client.get(f"/{code}"), "abcdefghx", source="s", max_absent_share=0.2)
    assert len(found.answers) == 8
    assert found.absent == ["x"]
    with pytest.raises(SourceUnavailableError, match="3 of 11") as refused:
        collect(lambda code: client.get(f"/{code}"), "abcdefghxyz", source="s", max_absent_share=0.2)
    assert refused.value.rule == "too_many_absent"


# --- pages of a unit list -----------------------------------------------------------------------------------

QUERY = UnitListQuery("gr", size=2)


def unit_page(number: int, codes: list[str], total: int = 5, pages: int = 3) -> Reply:
    page = {"size": 2, "totalElements": total, "totalPages": pages, "number": number}
    units = {"listedSchoolUnits": [{"code": code} for code in codes]}
    return Reply(body=json.dumps({"body": {"_embedded": units, "page": page}}).encode())


def serve_unit_pages(server: HostileServer, *replies: Reply) -> None:
    for number, reply in enumerate(replies):
        query = httpx.QueryParams(QUERY.params("0380", number))
        server.script(f"/v4/school-units?{query}", reply)


def test_whole_pages_are_accepted(server, connect):
    serve_unit_pages(server, unit_page(0, ["1", "2"]), unit_page(1, ["3", "4"]), unit_page(2, ["5"]))
    assert len(PlannedEducationsClient(connect()).school_units(["0380"], QUERY)) == 3
    assert server.requests == 3


def test_a_municipality_without_units_is_one_empty_page(server, connect):
    body = {"body": {"page": {"size": 2, "totalElements": 0, "totalPages": 0, "number": 0}}}
    serve_unit_pages(server, Reply(body=json.dumps(body).encode()))
    assert len(PlannedEducationsClient(connect()).school_units(["0380"], QUERY)) == 1


BAD_PAGES = {
    "page_missing": [unit_page(0, ["1", "2"]), unit_page(2, ["5"])],
    "page_empty": [unit_page(0, ["1", "2"]), unit_page(1, []), unit_page(2, ["5"])],
    "page_short": [unit_page(0, ["1", "2"]), unit_page(1, ["3"]), unit_page(2, ["5"])],
    "page_repeated": [unit_page(0, ["1", "2"]), unit_page(1, ["1", "2"]), unit_page(2, ["5"])],
    "page_overlaps": [unit_page(0, ["1", "2"]), unit_page(1, ["2", "3"]), unit_page(2, ["5"])],
    "total_changed": [unit_page(0, ["1", "2"]), unit_page(1, ["3", "4"], total=6), unit_page(2, ["5"])],
    "total_mismatch": [unit_page(0, ["1", "2"]), unit_page(1, ["3", "4"]), unit_page(2, ["5", "6"])],
}


@pytest.mark.parametrize(("rule", "pages"), BAD_PAGES.items(), ids=BAD_PAGES)
def test_pages_that_do_not_add_up_fail_the_extract(server, connect, rule, pages):
    serve_unit_pages(server, *pages)
    with pytest.raises(PageLedgerError) as refused:
        PlannedEducationsClient(connect()).school_units(["0380"], QUERY)
    assert refused.value.rule == rule
    assert server.requests <= 3


def test_the_total_pages_changing_on_the_way_fails_the_extract(server, connect):
    serve_unit_pages(server, unit_page(0, ["1", "2"]), unit_page(1, ["3", "4"], pages=2))
    with pytest.raises(PageLedgerError) as refused:
        PlannedEducationsClient(connect()).school_units(["0380"], QUERY)
    assert refused.value.rule == "total_changed"


NOT_A_LIST = {
    "web page": (b"<!doctype html>", "not_this_file"),
    "cut": (b'{"body": {"page"', "truncated"),
    "a list": (b"[]", "not_this_file"),
    "no page": (b'{"body": {}}', "unexpected_shape"),
    "no body": (b'{"status": "OK"}', "unexpected_shape"),
    "not text": (b"\xff\xfe", "wrong_encoding"),
}


@pytest.mark.parametrize(("body", "rule"), NOT_A_LIST.values(), ids=NOT_A_LIST)
def test_a_page_that_is_not_a_unit_list_is_refused(server, connect, body, rule):
    serve_unit_pages(server, Reply(body=body))
    with pytest.raises(DeliveryProblem) as refused:
        PlannedEducationsClient(connect()).school_units(["0380"], QUERY)
    assert refused.value.rule == rule


# --- pages by next_url --------------------------------------------------------------------------------------


def kolada_page(ids: list[str], next_url: str | None) -> Reply:
    return Reply(body=json.dumps({"values": [{"id": i} for i in ids], "next_url": next_url}).encode())


FIRST = "/kpi?per_page=5000"


def test_next_pages_are_followed_to_the_end(server, connect):
    server.script(FIRST, kolada_page(["N1", "N2"], f"{server.url}/kpi?page=2"))
    server.script("/kpi?page=2", kolada_page(["N3"], None))
    assert len(KoladaClient(connect()).kpis()) == 2


def test_a_next_page_at_the_agency_is_asked_for_at_its_stand_in(server, connect):
    server.script(FIRST, kolada_page(["N1"], "https://agency.invalid/v3/kpi?page=2"))
    server.script("/kpi?page=2", kolada_page(["N2"], None))
    pages = KoladaClient(connect(published_at="https://agency.invalid/v3")).kpis()
    assert [page.address for page in pages] == [
        "https://agency.invalid/v3/kpi?per_page=5000",
        "https://agency.invalid/v3/kpi?page=2",
    ]


def test_a_next_page_on_another_host_is_never_asked_for(server, connect):
    with HostileServer({"/kpi?page=2": [kolada_page(["N3"], None)]}) as foreign:
        # The second address begins like the right one, which must not be enough.
        similar, broken = f"{server.url}.evil.invalid/kpi?page=2", f"{server.url}/kpi\r\nHost: evil.invalid"
        for elsewhere in (f"{foreign.url}/kpi?page=2", similar, broken, "/kpi?page=2"):
            server.script(FIRST, kolada_page(["N1", "N2"], elsewhere))
            with pytest.raises(SourceUnavailableError) as refused:
                KoladaClient(connect()).kpis()
            assert refused.value.rule == "foreign_address"
        assert foreign.requests == 0


BAD_CHAINS = {
    "page_empty": [kolada_page([], "/kpi?page=2"), kolada_page(["N1"], None)],
    "page_repeated": [kolada_page(["N1", "N2"], "/kpi?page=2"), kolada_page(["N1", "N2"], None)],
    "page_overlaps": [kolada_page(["N1", "N2"], "/kpi?page=2"), kolada_page(["N2", "N3"], None)],
}


@pytest.mark.parametrize(("rule", "pages"), BAD_CHAINS.items(), ids=BAD_CHAINS)
def test_next_pages_that_do_not_add_up_fail_the_extract(server, connect, rule, pages):
    first = json.loads(pages[0].body)
    first["next_url"] = server.url + first["next_url"]
    server.script(FIRST, Reply(body=json.dumps(first).encode()))
    server.script("/kpi?page=2", pages[1])
    with pytest.raises(PageLedgerError) as refused:
        KoladaClient(connect()).kpis()
    assert refused.value.rule == rule


def test_next_pages_that_go_in_circles_end(server, connect):
    server.script(FIRST, kolada_page(["N1"], f"{server.url}/kpi?page=2"))
    server.script(
        "/kpi?page=2",
        kolada_page(["N2"], f"{server.url}/kpi?page=3"),
        kolada_page(["N4"], f"{server.url}/kpi?page=3"),
    )
    server.script("/kpi?page=3", kolada_page(["N3"], f"{server.url}/kpi?page=2"))
    with pytest.raises(PageLedgerError) as refused:
        KoladaClient(connect()).kpis()
    assert refused.value.rule == "page_repeated"
    assert server.requests <= 4


# --- answers that tell by their form whether they are whole -----------------------------------------------


def test_an_answer_that_cannot_be_read_is_asked_for_again(server, connect, waits):
    date = {"Date": "Fri, 20 Nov 2026 04:15:00 GMT"}
    server.script("/a", Reply(body=b'{"whole": tr'), Reply(body=b'{"whole": true}', headers=date))
    received = connect().get_read("/a", None, json.loads)
    assert received.content == {"whole": True}
    assert len(waits) == 1


def test_an_answer_that_can_never_be_read_fails_without_a_word_of_it(server, connect):
    server.script("/a", Reply(body=b"Exempelina Paahittsson"))
    with pytest.raises(SourceUnavailableError) as caught:
        connect().get_read("/a", None, json.loads)
    assert caught.value.rule == "no_answer"
    chain, told = caught.value, ""
    while chain is not None:
        told += repr(chain) + str(getattr(chain, "doc", ""))
        chain = chain.__cause__ or chain.__context__
    assert "Exempelina" not in told
    assert server.requests == MAX_ATTEMPTS


def test_a_query_that_may_name_somebody_stands_in_no_message(server, connect):
    server.script("/a?who=Exempelina", Reply(403))
    with pytest.raises(SourceUnavailableError) as caught:
        connect(shows_query=False).get("/a", {"who": "Exempelina"})
    assert "Exempelina" not in str(caught.value)
    assert caught.value.source.endswith("/a")
