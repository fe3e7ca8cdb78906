"""The SS 12000 server itself: addresses, authorisation, pages, faults."""

import asyncio
import datetime as dt
import time
from collections import Counter
from email.utils import format_datetime

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from demo.calendar import instant
from demo.municipality import Municipality
from demo.server import faults, quirks
from demo.server.answers import Lists
from demo.server.faults import Fault, FaultPlan
from demo.server.filters import InvalidFilterError
from demo.server.paging import Page, asked_for
from demo.server.quirks import Quirks
from demo.server.tokens import TokenOffice

BASE = "/v2.0"
AGGREGATED = "aggregatedAttendance"
DELETED = "deletedEntities"
NO_LOOKUP = frozenset({"studyplans"})


def _query(request: Request) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        found.setdefault(name, []).append(value)
    return found


class Service:
    """Answers requests about one municipality."""

    def __init__(
        self, municipality: Municipality, office: TokenOffice, ordered: tuple[Fault, ...], differs: Quirks
    ) -> None:
        self.municipality, self.office, self.quirks = municipality, office, differs
        self.faults = FaultPlan(ordered, municipality.endpoints["syllabuses"].ids[-1])
        self.lists = Lists(municipality)
        self.requests: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self._places: dict[str, dict[str, int]] = {}
        self._started = time.monotonic()

    def now(self) -> dt.datetime:
        """The server's clock: at its start a quarter past five on the municipality's morning."""
        morning = dt.datetime.fromisoformat(instant(self.municipality.as_of, 5, 15))
        ticked = dt.timedelta(seconds=time.monotonic() - self._started, minutes=self.faults.clock_minutes)
        return morning + ticked

    def answer(self, status: int, body: bytes = b"", **headers: str) -> Response:
        """An answer with the server's own date."""
        self.statuses[status] += 1
        sent = {"Date": format_datetime(self.now().astimezone(dt.UTC), usegmt=True), **headers}
        return Response(body, status, sent, media_type="application/json" if body else None)

    def error(self, status: int, code: str, message: str, **headers: str) -> Response:
        """An error as the standard words it."""
        return self.answer(status, orjson.dumps({"code": code, "message": message}), **headers)

    async def token(self, request: Request) -> Response:
        """OAuth2 client credentials."""
        self.requests["token"] += 1
        for fault in self.faults.due("token", later_page=False):
            if fault.kind == "status":
                return self._status(fault)
        issued = self.office.issue(await request.body(), request.headers.get("authorization", ""))
        if issued is None:
            return self.answer(401, orjson.dumps({"error": "invalid_client"}))
        return self.answer(200, orjson.dumps(issued))

    def _status(self, fault: Fault) -> Response:
        codes = {403: "403_not_authorised", 503: "503_overload", 429: "429_too_many_requests"}
        headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
        return self.error(
            fault.status, codes.get(fault.status, f"{fault.status}_error"), "As ordered.", **headers
        )

    async def _before(self, request: Request, endpoint: str) -> tuple[Response | None, list[Fault]]:
        """Count, let the ordered faults happen, check the token."""
        self.requests[endpoint] += 1
        due = self.faults.due(endpoint, later_page="pageToken" in request.query_params)
        authorization = request.headers.get("authorization", "")
        for fault in due:
            if fault.kind == "slow":
                await asyncio.sleep(fault.seconds)
            if fault.kind == "expired_token":
                self.office.revoke(authorization)
                return self.error(401, "401_unauthorised", "The token has expired."), due
            if fault.kind == "status":
                return self._status(fault), due
        if not self.office.accepts(authorization):
            return self.error(401, "401_unauthorised", "No valid token."), due
        return None, due

    async def listing(self, request: Request) -> Response:
        """``GET /<endpoint>``."""
        endpoint = request.path_params["endpoint"]
        refused, due = await self._before(request, endpoint)
        if refused is not None:
            return refused
        if endpoint not in {*self.municipality.endpoints, AGGREGATED, DELETED}:
            return self.answer(404)
        try:
            page = asked_for(_query(request), self.quirks)
            body = self._deleted(page) if endpoint == DELETED else self._page(endpoint, page, due)
        except InvalidFilterError as error:
            return self.error(400, "400_invalid_filter", str(error))
        kinds = {fault.kind for fault in due}
        if "hang_up" in kinds:
            return self.answer(200, body[: len(body) // 2], **{"Content-Length": str(len(body))})
        return self.answer(200, body[: len(body) // 2] if "cut_off" in kinds else body)

    def _entity(self, endpoint: str, body: bytes, place: int) -> bytes:
        body = self.faults.spoil(endpoint, body, place)
        body = self.faults.shift_clock(body)
        return quirks.apply(self.quirks, body, place)

    def _page(self, endpoint: str, page: Page, due: list[Fault]) -> bytes:
        listed = self.lists.find(endpoint, page.filters)
        end = page.start + page.size
        bodies = [
            self._entity(endpoint, body, place)
            for body, place in zip(
                listed.bodies[page.start : end], listed.places[page.start : end], strict=True
            )
        ]
        following = page.token(end) if end < len(listed.bodies) else None
        for fault in due:
            if fault.kind == "repeated_token":
                following = page.token(page.start)
            elif fault.kind == "duplicate":
                bodies.insert(
                    0, self._entity(endpoint, listed.bodies[page.start - 1], listed.places[page.start - 1])
                )
            elif fault.kind == "changed_between":
                moment = self.now().astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
                first = self._entity(endpoint, listed.bodies[0], listed.places[0])
                bodies.insert(0, faults.changed(first, moment))
        return b'{"data":[' + b",".join(bodies) + b'],"pageToken":' + orjson.dumps(following) + b"}"

    def _deleted(self, page: Page) -> bytes:
        found = self.lists.deletions(page.filters)
        end = page.start + page.size
        following = page.token(end) if end < len(found) else None
        data = quirks.deleted(self.quirks, found[page.start : end])
        return orjson.dumps({"data": data, "pageToken": following})

    def _place(self, endpoint: str, identity: str) -> int | None:
        if endpoint not in self._places:
            ids = self.municipality.endpoints[endpoint].ids
            self._places[endpoint] = {one: place for place, one in enumerate(ids)}
        return self._places[endpoint].get(identity.lower())

    async def one(self, request: Request) -> Response:
        """``GET /<endpoint>/{id}``."""
        endpoint = request.path_params["endpoint"]
        refused, _ = await self._before(request, endpoint)
        if refused is not None:
            return refused
        entities = self.municipality.endpoints.get(endpoint)
        place = None if entities is None else self._place(endpoint, request.path_params["identity"])
        if entities is None or place is None:
            return self.answer(404)
        return self.answer(200, self._entity(endpoint, entities.bodies[place], place))

    async def lookup(self, request: Request) -> Response:
        """``POST /<endpoint>/lookup`` with ids, and for persons identity numbers."""
        endpoint = request.path_params["endpoint"]
        refused, _ = await self._before(request, endpoint)
        if refused is not None:
            return refused
        entities = self.municipality.endpoints.get(endpoint)
        if entities is None or endpoint in NO_LOOKUP:
            return self.answer(404)
        try:
            asked = orjson.loads(await request.body())
            ids, numbers = list(asked.get("ids", [])), list(asked.get("civicNos", []))
        except (orjson.JSONDecodeError, AttributeError, TypeError):
            return self.error(400, "400_invalid_filter", "The body must be an object with ids.")
        found = [self._place(endpoint, str(one)) for one in ids]
        if numbers and endpoint == "persons":
            found += self.lists.find(endpoint, {"civicNo": [str(one) for one in numbers]}).places
        places = dict.fromkeys(place for place in found if place is not None)
        bodies = [self._entity(endpoint, entities.bodies[place], place) for place in places]
        return self.answer(200, b"[" + b",".join(bodies) + b"]")


def application(service: Service) -> Starlette:
    """The server as an ASGI application."""
    return Starlette(
        routes=[
            Route("/token", service.token, methods=["POST"]),
            Route(f"{BASE}/{{endpoint}}", service.listing, methods=["GET"]),
            Route(f"{BASE}/{{endpoint}}/lookup", service.lookup, methods=["POST"]),
            Route(f"{BASE}/{{endpoint}}/{{identity}}", service.one, methods=["GET"]),
        ]
    )
