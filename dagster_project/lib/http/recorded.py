"""Serves recorded answers on the loopback, at the agencies' own paths and queries.

The default run and the tests fetch from here with the same clients, paging and parsing as from the agencies.
"""

import gzip
import hashlib
import json
import sys
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self
from urllib.parse import parse_qsl, urlsplit

_Key = tuple[str, tuple[tuple[str, str], ...]]

_CONTENT_TYPES = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class RecordedServer:
    """Recorded answers of all sources, as one server with one port; a context manager.

    ``sample_dir/index.json`` says what is recorded::

        {"sources": {"siris": "https://…"},        the agencies' base addresses
         "files":   {"https://…?…": "folder/file"},  whole files by address
         "answers": ["folder/x.ndjson.gz"]}          lines {"url": …, "json": …}

    The host of an address is left out of the comparison and the order of its query does not matter. What is
    not recorded is answered with 404, as the agencies answer for what they do not publish.
    """

    def __init__(self, sample_dir: Path) -> None:
        """Read the index of ``sample_dir``; the answers themselves are read when first asked for.

        Raises:
            FileNotFoundError: no ``index.json``, or it names a file that is not there.
        """
        self._recording = _Recording(sample_dir)
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        handler = type("_BoundHandler", (_Handler,), {"recording": self._recording})
        self._server = _Server(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
        self._server = None

    def base_url(self, source: str) -> str:
        """Loopback base address that stands in for the base address of ``source``.

        Raises:
            KeyError: the index has no such source.
            RuntimeError: the server is not running.
        """
        if self._server is None:
            raise RuntimeError("the server of recorded answers is not running; use it as a context manager")
        port = self._server.server_address[1]
        return f"http://127.0.0.1:{port}{urlsplit(self._recording.sources[source]).path}"


class _Recording:
    """The recorded bodies by path and query."""

    def __init__(self, sample_dir: Path) -> None:
        index: dict[str, Any] = json.loads((sample_dir / "index.json").read_text(encoding="utf-8"))
        self.sources: dict[str, str] = index["sources"]
        self._files = {_key(url): sample_dir / name for url, name in index["files"].items()}
        self._answer_files = [sample_dir / name for name in index["answers"]]
        for path in (*self._files.values(), *self._answer_files):
            if not path.is_file():
                raise FileNotFoundError(f"the index of recorded answers names {path}, which is not there")
        self._answers: dict[_Key, bytes] | None = None
        self._loading = threading.Lock()

    def find(self, target: str) -> tuple[bytes, str] | None:
        """Body and content type recorded for a request target (path and query), or None."""
        key = _key(target)
        path = self._files.get(key)
        if path is not None:
            suffix = path.suffix
            return path.read_bytes(), _CONTENT_TYPES.get(suffix, "application/octet-stream")
        body = self._loaded().get(key)
        return None if body is None else (body, _CONTENT_TYPES[".json"])

    def _loaded(self) -> dict[_Key, bytes]:
        with self._loading:
            if self._answers is None:
                self._answers = {}
                for path in self._answer_files:
                    with gzip.open(path, "rt", encoding="utf-8") as lines:
                        for line in lines:
                            record = json.loads(line)
                            body = json.dumps(record["json"], ensure_ascii=False, separators=(",", ":"))
                            self._answers[_key(record["url"])] = body.encode()
            return self._answers


def _key(url: str) -> _Key:
    parts = urlsplit(url)
    return parts.path, tuple(sorted(parse_qsl(parts.query, keep_blank_values=True)))


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that closes its connection early is no fault of the recording.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """Answers from the recording; the subclass made at start-up carries it."""

    recording: ClassVar[_Recording]
    protocol_version = "HTTP/1.1"
    # Head and body leave in one packet without waiting for each other: 1,700 small answers in a row.
    wbufsize = -1
    disable_nagle_algorithm = True
    timeout = 60

    def do_GET(self) -> None:
        found = self.recording.find(self.path)
        if found is None:
            self._send(HTTPStatus.NOT_FOUND, b'{"status":"NOT_FOUND"}', _CONTENT_TYPES[".json"], None)
            return
        body, content_type = found
        etag = f'"{hashlib.sha256(body).hexdigest()}"'
        if self.headers.get("If-None-Match") == etag:
            self._send(HTTPStatus.NOT_MODIFIED, b"", content_type, etag)
        else:
            self._send(HTTPStatus.OK, body, content_type, etag)

    def do_POST(self) -> None:
        # No query sent as JSON is recorded; read it, so that the kept-alive connection stays in step.
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._send(HTTPStatus.NOT_FOUND, b'{"status":"NOT_FOUND"}', _CONTENT_TYPES[".json"], None)

    def _send(self, status: HTTPStatus, body: bytes, content_type: str, etag: str | None) -> None:
        self.send_response(status)
        if status is not HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
        if etag is not None:
            self.send_header("ETag", etag)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are counted by the client; nothing is written to the terminal."""
