"""Somebody who is logged in to the demo server."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import httpx

from demo.server import Running

Json = dict[str, Any]


@dataclass
class Session:
    """A server and somebody who is logged in to it."""

    server: Running
    http: httpx.Client

    def get(self, path: str, **query: Any) -> httpx.Response:
        """One request; underscores in names of parameters become dots."""
        parameters = {name.replace("_", "."): value for name, value in query.items()}
        return self.http.get(f"{self.server.url}/{path}", params=parameters)

    def data(self, path: str, **query: Any) -> list[Json]:
        """The entities of one page."""
        answer = self.get(path, **query)
        answer.raise_for_status()
        return list(answer.json()["data"])

    def all(self, path: str, limit: int = 2000, **query: Any) -> list[Json]:
        """The entities of all pages."""
        answer = self.get(path, limit=limit, **query).raise_for_status().json()
        found = list(answer["data"])
        while answer["pageToken"]:
            answer = self.get(path, limit=limit, pageToken=answer["pageToken"]).raise_for_status().json()
            found += answer["data"]
        return found


Connect = Callable[..., AbstractContextManager[Session]]
