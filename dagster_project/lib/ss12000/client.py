"""Pages of an SS 12000 server: from the first to the last, or an error that names what went wrong."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from dagster_project.lib.errors import PageLedgerError, SourceUnavailableError
from dagster_project.lib.http.client import ApiClient, Received
from dagster_project.lib.http.errors import NotPublishedError

_NOT_IMPLEMENTED = "http_501"
_BAD_REQUEST = "http_400"


class NotOfferedError(SourceUnavailableError):
    """The server does not have this list (404 or 501); it need not have all of them."""


@dataclass(frozen=True)
class Page:
    """One page.

    Attributes:
        address: asked for, without its query.
        data: entities; for ``/deletedEntities`` also an object of lists.
        received: bytes as received, page token left out: it may change although nothing else does.
        date: the server's clock when it answered; none when it does not say.
        is_last: no page follows.
    """

    address: str
    data: list[Any] | dict[str, Any]
    received: bytes
    date: dt.datetime | None
    is_last: bool


_Envelope = tuple[list[Any] | dict[str, Any], str | None]


def _envelope(body: bytes) -> _Envelope:
    found = orjson.loads(body)
    if not isinstance(found, dict):
        raise ValueError("no envelope")  # noqa: TRY004 - a body that cannot be read, not a caller's mistake
    data, token = found.get("data"), found.get("pageToken")
    if not isinstance(data, list | dict) or not isinstance(token, str | None):
        raise ValueError("no envelope")  # noqa: TRY004
    return data, token or None


class Ss12000Client:
    """Lists of one server."""

    def __init__(self, api: ApiClient, *, page_size: int) -> None:
        """``api`` knows the server's address, who asks, and how often to try; close it after use."""
        self._api = api
        self._page_size = page_size

    @property
    def address(self) -> str:
        """Base address of the server, as it is known outside this machine."""
        return self._api.published_at

    def pages(self, endpoint: str, query: Mapping[str, str] | None = None) -> Iterator[Page]:
        """Every page of ``/<endpoint>``, in order; the server may give smaller pages than asked for.

        Raises:
            NotOfferedError: the server does not have the list.
            PageLedgerError: a page token leads back to a page that came before.
            SourceUnavailableError: any other refusal, or no whole page within the bounded number of tries.
        """
        path = f"/{endpoint}"
        limit: dict[str, str | int] = {"limit": self._page_size}
        received, limit = self._first(path, query or {}, limit)
        seen: set[str] = set()
        while True:
            data, token = received.content
            body = received.answer.body
            yield Page(
                address=received.answer.address,
                data=data,
                received=body if token is None else body.replace(token.encode(), b""),
                date=received.date,
                is_last=token is None,
            )
            if token is None:
                return
            if token in seen:
                raise PageLedgerError(
                    source=f"ss12000 {received.answer.address}",
                    rule="page_token_repeated",
                    message=f"after {len(seen) + 1} pages the server points back to a page that came before",
                    remedy="Fetch again; if it comes back, report it to the supplier. Nothing was kept.",
                )
            seen.add(token)
            # The standard lets a page token be combined with nothing but the limit.
            received = self._api.get_read(path, {**limit, "pageToken": token}, _envelope)

    def _first(
        self, path: str, query: Mapping[str, str], limit: dict[str, str | int]
    ) -> tuple[Received[_Envelope], dict[str, str | int]]:
        """The first page, and the limit that goes with the next ones; none where the server takes none."""
        try:
            try:
                return self._api.get_read(path, {**query, **limit}, _envelope), limit
            except SourceUnavailableError as refusal:
                if refusal.rule != _BAD_REQUEST:
                    raise
            # Some servers refuse a limit above their own largest page instead of giving fewer.
            return self._api.get_read(path, query, _envelope), {}
        except SourceUnavailableError as refusal:
            if isinstance(refusal, NotPublishedError) or refusal.rule == _NOT_IMPLEMENTED:
                raise NotOfferedError(
                    source=refusal.source,
                    rule="not_offered",
                    message="the server does not offer this list",
                    remedy="Nothing to do, unless the supplier says that it does.",
                ) from refusal
            raise

    def server_time(self) -> dt.datetime:
        """The server's clock, by the Date header of a small answer; this machine's when it does not tell."""
        try:
            received, _ = self._first("/organisations", {}, {"limit": 1})
        except SourceUnavailableError:
            # Whatever is the matter, the list that is wanted will say it better.
            return dt.datetime.now(dt.UTC)
        return received.date or dt.datetime.now(dt.UTC)
