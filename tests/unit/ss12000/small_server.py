"""A server with a handful of entities, whose clock, pages and words a test decides."""

import datetime as dt
import json
import sys
import threading
from dataclasses import dataclass, field
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class SmallServer:
    """Lists by endpoint; a context manager.

    Attributes:
        lists: entities by endpoint, or for ``deletedEntities`` any data.
        now: the server's clock; none: it shows none.
        largest_limit: a larger limit is refused.
        page: entities per page.
        asked: every query, by endpoint.
    """

    lists: dict[str, Any]
    now: dt.datetime | None = None
    largest_limit: int | None = None
    page: int = 1000
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    heeds_modified: bool = True
    random_tokens: bool = False

    def __enter__(self) -> "SmallServer":
        handler = type("_BoundHandler", (_Handler,), {"small": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, endpoint: str, query: dict[str, str]) -> tuple[int, Any]:
        """Status and body."""
        self.asked.append((endpoint, query))
        if endpoint not in self.lists:
            return 404, {"code": "404", "message": "no"}
        if self.largest_limit is not None and int(query.get("limit", 0)) > self.largest_limit:
            return 400, {"code": "400_invalid_filter", "message": "limit"}
        data = self.lists[endpoint]
        if not isinstance(data, list):
            return 200, {"data": data, "pageToken": None}
        start = int(query.get("pageToken", "0").split(".")[0])
        after = query.get("meta.modified.after")
        if after is not None and self.heeds_modified:
            limit = dt.datetime.fromisoformat(after)
            data = [one for one in data if dt.datetime.fromisoformat(one["meta"]["modified"]) > limit]
        following = start + self.page
        token = str(following) if following < len(data) else None
        if token is not None and self.random_tokens:
            token += f".{len(self.asked)}"
        return 200, {"data": data[start:following], "pageToken": token}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    small: SmallServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        status, found = self.small.answer(parts.path.strip("/"), query)
        body = json.dumps(found).encode()
        self.send_response_only(status)
        if self.small.now is not None:
            self.send_header("Date", format_datetime(self.small.now, usegmt=True))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Queries are kept, not printed."""
