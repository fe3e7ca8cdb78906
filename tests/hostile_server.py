"""A loopback server that misbehaves as told, and counts what it is asked."""

import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Reply:
    """One answer; ``cut_after`` ends the connection in the middle, ``delay`` waits first, ``pause`` drips."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    cut_after: int | None = None
    delay: float = 0.0
    pause: float = 0.0
    chunked: bool = False


class HostileServer:
    """Answers each path (with its query, and after ``#`` what was posted) by its script.

    The last reply of a script is repeated for ever.
    """

    def __init__(self, script: dict[str, list[Reply]]) -> None:
        self.asked: Counter[str] = Counter()
        self.headers_seen: list[dict[str, str]] = []
        self._script = script
        self._lock = threading.Lock()
        handler = type("_BoundHandler", (_Handler,), {"hostile": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> "HostileServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def requests(self) -> int:
        return sum(self.asked.values())

    def script(self, path: str, *replies: Reply) -> None:
        """Set or replace the script of a path (a next page that names this server's own address)."""
        self._script[path] = list(replies)

    def reply_to(self, path: str, headers: dict[str, str]) -> Reply:
        with self._lock:
            self.headers_seen.append(headers)
            turn = self.asked[path]
            self.asked[path] += 1
        replies = self._script.get(path, [Reply(404)])
        return replies[min(turn, len(replies) - 1)]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # A handler may still be dripping or waiting when the test is over.
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        # The client gives up on many of these answers, as it should.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    hostile: HostileServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._answer(self.path)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(f"{self.path}#{body.decode()}")

    def _answer(self, question: str) -> None:
        reply = self.hostile.reply_to(question, dict(self.headers.items()))
        time.sleep(reply.delay)
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        body = reply.body if reply.cut_after is None else reply.body[: reply.cut_after]
        self._write(body, reply)
        if reply.cut_after is not None:
            self.close_connection = True

    def _write(self, body: bytes, reply: Reply) -> None:
        if reply.chunked:
            self.wfile.write(f"{len(body):x}\r\n".encode() + body + b"\r\n")
            if reply.cut_after is None:
                self.wfile.write(b"0\r\n\r\n")
        elif reply.pause:
            for offset in range(len(body)):
                self.wfile.write(body[offset : offset + 1])
                time.sleep(reply.pause)
        else:
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are counted, not printed."""
