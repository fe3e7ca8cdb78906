"""Pages: how many, where one ends, and the opaque token that leads to the next."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from demo.server.filters import PAGING, InvalidFilterError
from demo.server.quirks import Quirks


@dataclass(frozen=True)
class Page:
    """One page that is asked for.

    Attributes:
        filters: of the first request, by name.
        start: place of the first entity in the filtered list.
        size: how many entities at most.
    """

    filters: dict[str, list[str]]
    start: int
    size: int

    def token(self, start: int) -> str:
        """The token of the page that begins at ``start``."""
        return base64.urlsafe_b64encode(orjson.dumps([self.filters, start])).decode().rstrip("=")


def _opened(token: str) -> tuple[dict[str, list[str]], int]:
    padded = token + "=" * (-len(token) % 4)
    try:
        filters, start = orjson.loads(base64.urlsafe_b64decode(padded))
    except (binascii.Error, ValueError, TypeError) as error:
        raise InvalidFilterError("pageToken is not one of ours") from error
    return filters, start


def asked_for(query: Mapping[str, list[str]], quirks: Quirks) -> Page:
    """The page a query asks for.

    Raises:
        InvalidFilterError: the token is combined with filters or is none, or the limit is no number from 1.
    """
    filters = {name: values for name, values in query.items() if name not in PAGING}
    limit = query.get("limit", [str(quirks.default_page)])[0]
    if not limit.isdigit() or int(limit) < 1:
        raise InvalidFilterError("limit must be a whole number from 1")
    start = 0
    if "pageToken" in query:
        if filters:
            raise InvalidFilterError("pageToken cannot be combined with filters")
        filters, start = _opened(query["pageToken"][0])
    return Page(filters, start, min(int(limit), quirks.largest_page))
