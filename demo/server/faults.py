"""Everything that can go wrong at the other end, on order."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from demo import chance
from demo.entities import Document

ANSWER_KINDS = frozenset(
    {
        "status",
        "expired_token",
        "slow",
        "cut_off",
        "hang_up",
        "repeated_token",
        "changed_between",
        "duplicate",
    }
)
"""Faults of answers: ``times`` counts answers."""
DATA_KINDS = frozenset(
    {
        "future_dates", "dst_night", "ends_before_start", "unknown_syllabus", "subject_not_studied",
        "absence_over_offered",
        "no_id", "wrong_type", "number_in_name",
    }
)  # fmt: skip
"""Faults of content: ``times`` counts entities, from the first of the endpoint's list."""
CLOCK = "clock"
KINDS = ANSWER_KINDS | DATA_KINDS | {CLOCK}


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong.

    Attributes:
        endpoint: name of the endpoint as in its address; ``token`` for the token endpoint.
        kind: one of ``KINDS``.

            - ``status``: the answer is an error with ``status``.
            - ``expired_token``: the token that is presented is worth nothing from now on: 401.
            - ``slow``: ``seconds`` pass before the answer.
            - ``cut_off``: the JSON ends in the middle. ``hang_up``: so does the connection.
            - ``repeated_token``: the page's token leads to the same page again.
            - ``changed_between``: the page begins with an entity of an earlier page that has changed since.
            - ``duplicate``: the page begins with the last entity of the page before.
            - ``clock``: the server's clock is ``minutes`` fast (negative: slow), in Date and in meta.
            - the names of ``DATA_KINDS`` say what is wrong with the first entities.
        status, retry_after: of ``status``.
        times: how often, see the kinds.
        after: how many answers of the endpoint are right before the first wrong one.
        seconds: of ``slow``.
        minutes: of ``clock``.
    """

    endpoint: str
    kind: str
    status: int = 500
    times: int = 1
    after: int = 0
    retry_after: int | None = None
    seconds: float = 1.0
    minutes: int = 10

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"No fault of the kind {self.kind!r}; there are {', '.join(sorted(KINDS))}.")


class FaultPlan:
    """Which faults are due when."""

    def __init__(self, faults: tuple[Fault, ...], foreign_syllabus: str) -> None:
        """``foreign_syllabus``: id of a syllabus that those whose grades come first do not read."""
        self.faults = faults
        self._foreign = foreign_syllabus
        self._answers: dict[str, int] = {}
        self._done: dict[int, int] = {}

    def due(self, endpoint: str, *, later_page: bool) -> list[Fault]:
        """The answer faults that hit this answer; counts the answer."""
        number = self._answers.get(endpoint, 0)
        self._answers[endpoint] = number + 1
        found = []
        for place, fault in enumerate(self.faults):
            if fault.kind not in ANSWER_KINDS or fault.endpoint != endpoint or number < fault.after:
                continue
            if fault.kind in ("changed_between", "duplicate") and not later_page:
                continue
            if self._done.get(place, 0) < fault.times:
                self._done[place] = self._done.get(place, 0) + 1
                found.append(fault)
        return found

    @property
    def clock_minutes(self) -> int:
        """How fast the server's clock is."""
        return sum(fault.minutes for fault in self.faults if fault.kind == CLOCK)

    def spoil(self, endpoint: str, body: bytes, place: int) -> bytes:
        """One entity with its content faults; ``place`` is its place in the endpoint's list."""
        for fault in self.faults:
            if fault.kind in DATA_KINDS and fault.endpoint == endpoint and place < fault.times:
                document = orjson.loads(body)
                if fault.kind == "subject_not_studied":
                    body = orjson.dumps({**document, "syllabus": {"id": self._foreign}})
                else:
                    body = orjson.dumps(_SPOILERS[fault.kind](document, place))
        return body

    def shift_clock(self, body: bytes) -> bytes:
        """One entity with its meta as a wrong clock would have written it."""
        minutes = self.clock_minutes
        if not minutes:
            return body
        document = orjson.loads(body)
        if "meta" in document:
            document["meta"] = {name: _shift(value, minutes) for name, value in document["meta"].items()}
        return orjson.dumps(document)


def _shift(instant: str, minutes: int) -> str:
    moved = dt.datetime.fromisoformat(instant) + dt.timedelta(minutes=minutes)
    return moved.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def changed(body: bytes, now: str) -> bytes:
    """An entity as it is after somebody edited it just now."""
    document = orjson.loads(body)
    document["meta"] = {**document.get("meta", {}), "modified": now}
    if "gradeValue" in document:
        document["gradeValue"] = "A"
    if "displayName" in document:
        document["displayName"] += " (ändrad)"
    return orjson.dumps(document)


def _future(document: Document, place: int) -> Document:
    for name in ("registeredDate", "startDate", "endDate"):
        if document.get(name):
            document[name] = f"2099{document[name][4:]}"
    for enrolment in document.get("enrolments", [])[:1]:
        enrolment["startDate"] = f"2099{enrolment['startDate'][4:]}"
    for name in ("time", "startTime", "endTime"):
        if name in document:
            document[name] = f"2099{document[name][4:]}"
    return document


def _dst_night(document: Document, place: int) -> Document:
    """Two hours are called half past two that night; the offset tells them apart."""
    offset = "+02:00" if place % 2 == 0 else "+01:00"
    return {**document, "time": f"2026-10-25T02:30:00{offset}"}


def _backwards(document: Document, place: int) -> Document:
    spans = document.get("enrolments", [])[:1] or [document]
    for span in (span for span in spans if "startDate" in span):
        start = dt.date.fromisoformat(span["startDate"])
        span["endDate"] = (start - dt.timedelta(days=30)).isoformat()
    return document


def _unknown_syllabus(document: Document, place: int) -> Document:
    return {**document, "syllabus": {"id": chance.identity(0, "no such syllabus", place)}}


def _over_offered(document: Document, place: int) -> Document:
    return {**document, "invalidAbsenceSum": int(document.get("offeredSum") or 0) + 60}


def _no_id(document: Document, place: int) -> Document:
    return {name: value for name, value in document.items() if name != "id"}


def _wrong_type(document: Document, place: int) -> Document:
    return {**document, "meta": "igår", "id": place}


def _number_in_name(document: Document, place: int) -> Document:
    """Somebody wrote an identity number, made up like the others, where a name belongs."""
    return {**document, "displayName": "Stödgrupp 20130412-2383"}


_SPOILERS: dict[str, Callable[[Document, int], dict[str, Any]]] = {
    "future_dates": _future,
    "dst_night": _dst_night,
    "ends_before_start": _backwards,
    "unknown_syllabus": _unknown_syllabus,
    "absence_over_offered": _over_offered,
    "no_id": _no_id,
    "wrong_type": _wrong_type,
    "number_in_name": _number_in_name,
}
