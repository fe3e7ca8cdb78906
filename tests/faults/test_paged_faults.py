"""Every client that asks for more than one answer meets the same misbehaving pages.

A client of several answers (pages, blocks of cells, one answer per unit) must end with the whole list or with
a named error after a bounded number of requests, and never with a short list.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import agencies
import pytest
from hostile_server import HostileServer, Reply

from dagster_project.lib.answers import Answer
from dagster_project.lib.errors import DeliveryProblem
from dagster_project.lib.http.budget import RequestBudget
from dagster_project.lib.http.client import ApiClient
from dagster_project.lib.sources.kolada import KoladaClient
from dagster_project.lib.sources.planned_educations import PlannedEducationsClient, UnitListQuery
from dagster_project.lib.sources.scb import ScbClient
from dagster_project.lib.sources.skolenhetsregistret import SkolenhetsregistretClient
from dagster_project.lib.sources.underlag_for_analys import UnderlagForAnalysClient

pytestmark = pytest.mark.faults

MAX_ATTEMPTS = 4


@dataclass(frozen=True)
class Paged:
    """One client's way of asking for three answers.

    Attributes:
        ask: fetches the whole list.
        answers: sound answers, in the order they are asked for; of a server whose address is given.
        middle: the one that misbehaves (0-based).
        missing: rule when the answer in the middle is not there (404).
        again: rule when the middle answer is the one before it once more; none where the reader tells.
        reads: the client reads what it gets; else the bytes are kept, and the reader refuses them.
    """

    ask: Callable[[ApiClient], Sequence[Answer]]
    answers: Callable[[str], list[Any]]
    middle: int
    missing: str
    again: str | None
    reads: bool = True


QUERY = UnitListQuery("gr", size=2)


def _unit_pages(_: str) -> list[Any]:
    pages = []
    for number, codes in enumerate((["1", "2"], ["3", "4"], ["5"])):
        page = {"size": 2, "totalElements": 5, "totalPages": 3, "number": number}
        units = {"listedSchoolUnits": [{"code": code} for code in codes]}
        pages.append({"body": {"_embedded": units, "page": page}})
    return pages


def _next_urls(path: str, rows: Callable[[int], Any]) -> Callable[[str], list[Any]]:
    def pages(server: str) -> list[Any]:
        following = [f"{server}{path}?page=2", f"{server}{path}?page=3", None]
        return [{"values": [rows(n)], "next_url": url} for n, url in enumerate(following)]

    return pages


def _cell(place: str) -> Callable[[int], Any]:
    return lambda n: {"kpi": "N1", "period": 2024, place: f"{n:04}", "values": []}


def _per_unit(_: str) -> list[Any]:
    return [{"status": "OK", "body": {"schoolUnit": str(n)}, "data": {}} for n in range(3)]


def _scb_selection() -> dict[str, list[str]]:
    return {"Region": [f"{n:04}" for n in range(1_000)], "Tid": ["2024"]}


def _scb_answers(_: str) -> list[Any]:
    selection = _scb_selection()
    blocks = [selection["Region"][:500], selection["Region"][500:]]
    cubes = [agencies.cube({**selection, "Region": block}, {}, 1) for block in blocks]
    return [agencies.cube(selection, {}, 1), *cubes]


def _ufa_levels() -> list[str]:
    return [f"L{n}" for n in range(1_500)]


def _ufa_answers(_: str) -> list[Any]:
    levels = _ufa_levels()
    metadata = {
        "variables": [
            {"code": "variable", "values": ["1"]},
            {"code": "level", "values": levels},
            {"code": "time", "values": ["2024"]},
        ]
    }
    blocks = [
        agencies.cube({"variable": ["1"], "level": block, "time": ["2024"]}, {}, 1)
        for block in (levels[:1_000], levels[1_000:])
    ]
    return [metadata, *blocks]


KOLADA_DATA = ["0000", "0001", "0002"]
PAGED = {
    "planned educations, unit list": Paged(
        lambda api: PlannedEducationsClient(api).school_units(["0380"], QUERY),
        _unit_pages,
        1,
        "page_missing",
        "page_missing",
    ),
    "planned educations, an answer per unit": Paged(
        lambda api: PlannedEducationsClient(api).statistics("gr", ["0", "1", "2"]).answers,
        _per_unit,
        1,
        "too_many_absent",
        None,
        reads=False,
    ),
    "register, an answer per unit": Paged(
        lambda api: SkolenhetsregistretClient(api).details(["0", "1", "2"]).answers,
        _per_unit,
        1,
        "too_many_absent",
        None,
    ),
    "kolada, key figures": Paged(
        lambda api: KoladaClient(api).kpis(),
        _next_urls("/kpi", lambda n: {"id": f"N{n}"}),
        1,
        "page_missing",
        "page_repeated",
    ),
    "kolada, groups": Paged(
        lambda api: KoladaClient(api).municipality_groups(),
        _next_urls("/municipality_groups", lambda n: {"id": f"G{n}"}),
        1,
        "page_missing",
        "page_repeated",
    ),
    "kolada, units": Paged(
        lambda api: KoladaClient(api).units("0380"),
        _next_urls("/ou", lambda n: {"id": f"V{n}"}),
        1,
        "page_missing",
        "page_repeated",
    ),
    "kolada, municipality data": Paged(
        lambda api: KoladaClient(api).municipality_data(["N1"], KOLADA_DATA, [2024]),
        _next_urls("/data/next", _cell("municipality")),
        1,
        "page_missing",
        "page_repeated",
    ),
    "kolada, unit data": Paged(
        lambda api: KoladaClient(api).unit_data(["N1"], KOLADA_DATA, [2024]),
        _next_urls("/oudata/next", _cell("ou")),
        1,
        "page_missing",
        "page_repeated",
    ),
    "scb, blocks of cells": Paged(
        lambda api: ScbClient(api).population(_scb_selection()),
        _scb_answers,
        2,
        "page_missing",
        "cells_missing",
    ),
    "underlag för analys, blocks of cells": Paged(
        lambda api: UnderlagForAnalysClient(api).measures(2024),
        _ufa_answers,
        2,
        "page_missing",
        "cells_missing",
    ),
}


class InOrder(HostileServer):
    """Answers the n-th different question with the n-th script, whatever is asked."""

    def __init__(self) -> None:
        super().__init__({})
        self.scripts: list[list[Reply]] = []
        self._places: dict[str, int] = {}

    def reply_to(self, path: str, headers: dict[str, str]) -> Reply:
        place = self._places.setdefault(path, len(self._places))
        self._script[path] = self.scripts[place] if place < len(self.scripts) else [Reply(404)]
        return super().reply_to(path, headers)


@pytest.fixture
def server() -> Iterator[InOrder]:
    with InOrder() as running:
        yield running


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def connect(server: InOrder, waits: list[float]) -> Iterator[Callable[[float], ApiClient]]:
    """A client that waits so many seconds for an answer."""
    with ExitStack() as opened:
        yield lambda timeout: opened.enter_context(
            ApiClient(
                server.url,
                name="agency",
                user_agent="test",
                timeout=timeout,
                max_attempts=MAX_ATTEMPTS,
                budget=RequestBudget(calls=None, max_total=100),
                use_proxy=False,
                sleep=waits.append,
            )
        )


@pytest.fixture
def client(connect: Callable[[float], ApiClient]) -> ApiClient:
    return connect(10.0)


each_client = pytest.mark.parametrize("paged", PAGED.values(), ids=PAGED.keys())


def sound_scripts(paged: Paged, server: InOrder) -> list[list[Reply]]:
    return [[Reply(body=json.dumps(answer).encode())] for answer in paged.answers(server.url)]


@each_client
def test_whole_answers_are_all_there(paged, server, client):
    server.scripts = sound_scripts(paged, server)
    assert len(paged.ask(client)) in {2, 3}
    assert server.requests == 3


PASSING = {
    "429 with Retry-After": Reply(429, headers={"Retry-After": "7"}),
    "500 then fine": Reply(500),
    "cut in the middle": Reply(body=b"x" * 1_000, cut_after=10),
}


@each_client
@pytest.mark.parametrize("failure", PASSING)
def test_a_passing_failure_in_the_middle_is_ridden_out(paged, server, client, waits, failure):
    server.scripts = sound_scripts(paged, server)
    server.scripts[paged.middle].insert(0, PASSING[failure])
    assert len(paged.ask(client)) in {2, 3}
    assert server.requests == 4
    assert waits == [7.0] if failure.startswith("429") else len(waits) == 1


LASTING = {
    "500 for ever": (Reply(500), "no_answer"),
    "429 for ever": (Reply(429, headers={"Retry-After": "7"}), "no_answer"),
    "a longer wait than is waited for": (Reply(429, headers={"Retry-After": "3600"}), "retry_after_too_long"),
}
NOT_AN_ANSWER = {
    "web page": (Reply(body=b"<!doctype html><title>x</title>"), "not_this_file"),
    "broken JSON": (Reply(body=b'{"values": [{"id": "N1"'), "truncated"),
    "empty": (Reply(body=b""), "not_this_file"),
}
IN_THE_MIDDLE = [
    pytest.param(paged, *failures[failure], id=f"{name}-{failure}")
    for name, paged in PAGED.items()
    for failures in (LASTING, NOT_AN_ANSWER if paged.reads else {})
    for failure in failures
]


@pytest.mark.parametrize(("paged", "reply", "rule"), IN_THE_MIDDLE)
def test_a_lasting_failure_in_the_middle_is_a_named_error(paged, server, client, reply, rule):
    server.scripts = sound_scripts(paged, server)
    server.scripts[paged.middle] = [reply]
    with pytest.raises(DeliveryProblem) as refused:
        paged.ask(client)
    assert refused.value.rule == rule
    assert refused.value.remedy
    assert server.requests <= 2 + MAX_ATTEMPTS


@each_client
def test_a_source_that_hangs_in_the_middle_is_given_up(paged, server, connect):
    server.scripts = sound_scripts(paged, server)
    server.scripts[paged.middle] = [Reply(delay=0.3)]
    with pytest.raises(DeliveryProblem, match="in time"):
        paged.ask(connect(0.1))
    assert server.asked.most_common(1)[0][1] == MAX_ATTEMPTS


@each_client
def test_an_answer_missing_from_the_middle_is_a_named_error(paged, server, client):
    server.scripts = sound_scripts(paged, server)
    server.scripts[paged.middle] = [Reply(404)]
    with pytest.raises(DeliveryProblem) as refused:
        paged.ask(client)
    assert refused.value.rule == paged.missing


REPEATING = {name: paged for name, paged in PAGED.items() if paged.again}


@pytest.mark.parametrize("paged", REPEATING.values(), ids=REPEATING.keys())
def test_an_answer_that_comes_twice_is_a_named_error(paged, server, client):
    server.scripts = sound_scripts(paged, server)
    server.scripts[paged.middle] = server.scripts[paged.middle - 1]
    with pytest.raises(DeliveryProblem) as refused:
        paged.ask(client)
    assert refused.value.rule == paged.again
