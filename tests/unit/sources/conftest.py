"""Agencies on the loopback: the bundled recording, and answers made for one test."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from dagster_project.lib.http.client import ApiClient
from dagster_project.lib.http.recorded import RecordedServer
from dagster_project.lib.sources.source import Source

PROJECT = Path(__file__).parents[3]
USER_AGENT = "education-equity-warehouse (test)"


@pytest.fixture(scope="session")
def sample_dir() -> Path:
    return PROJECT / "sample_data"


@pytest.fixture(scope="session")
def shape() -> Callable[[str], Any]:
    """The JSON of a file in tests/fixtures/answers."""
    return lambda name: json.loads((PROJECT / "tests/fixtures/answers" / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def recorded(sample_dir: Path) -> Iterator[Callable[[Source], ApiClient]]:
    """A client of a source, fed from the bundled recording."""
    with RecordedServer(sample_dir) as server:
        yield lambda source: source.recorded(server, user_agent=USER_AGENT)


class Agency:
    """Answers as ``answer(path, query, posted)`` says (JSON, or None for 404); remembers what was asked."""

    def __init__(self) -> None:
        self.answer: Callable[[str, dict[str, str], Any], Any] = lambda path, query, posted: None
        self.asked: list[tuple[str, dict[str, str], Any]] = []
        agency = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self.reply(None)

            def do_POST(self) -> None:
                self.reply(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

            def reply(self, posted: Any) -> None:
                parts = urlsplit(self.path)
                question = (parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)), posted)
                agency.asked.append(question)
                value = agency.answer(*question)
                body = json.dumps(value).encode()
                self.send_response(404 if value is None else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Questions are remembered, not printed."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def agency() -> Iterator[Agency]:
    running = Agency()
    running.thread.start()
    yield running
    running.server.shutdown()
    running.server.server_close()
    running.thread.join()


@pytest.fixture
def connect(agency: Agency) -> Iterator[Callable[[Source], ApiClient]]:
    """A client of a source whose base address is the test's own agency, without pacing."""
    opened: list[ApiClient] = []

    def open_client(source: Source) -> ApiClient:
        opened.append(source.standing_in(agency.url, user_agent=USER_AGENT))
        return opened[-1]

    yield open_client
    for client in opened:
        client.close()
