"""Starts the server on the loopback address, in a thread of this process."""

import datetime as dt
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn

from demo.municipality import Municipality
from demo.server.app import BASE, Service, application
from demo.server.faults import Fault
from demo.server.quirks import Quirks
from demo.server.tokens import TokenOffice

HOST = "127.0.0.1"
CLIENT_ID, CLIENT_SECRET, STATIC_TOKEN = "demo", "demo-hemlighet", "demo-token"
START_WITHIN = 20.0


@dataclass(frozen=True)
class Running:
    """A server that is up.

    Attributes:
        url: base address of the endpoints.
        token_url: address of the token endpoint.
        client_id, client_secret: what the token endpoint accepts.
        token: a static bearer token that is accepted too.
        port: where it listens.
    """

    url: str
    token_url: str
    client_id: str
    client_secret: str
    token: str
    port: int
    service: Service

    @property
    def requests(self) -> Counter[str]:
        """How many requests each endpoint has had."""
        return self.service.requests

    @property
    def statuses(self) -> Counter[int]:
        """How many answers there were of each status."""
        return self.service.statuses

    def now(self) -> dt.datetime:
        """The server's clock."""
        return self.service.now()


@contextmanager
def running(
    municipality: Municipality,
    faults: Sequence[Fault] = (),
    quirks: Quirks | None = None,
    *,
    port: int = 0,
    token_lifetime: float = 3600.0,
) -> Iterator[Running]:
    """A server about one municipality, for as long as the block lasts.

    Args:
        municipality: see ``demo.generate``.
        faults: what goes wrong.
        quirks: how it differs from the standard's letter.
        port: 0 for any free one.
        token_lifetime: seconds an access token is good.

    Raises:
        RuntimeError: it did not start.
    """
    office = TokenOffice(CLIENT_ID, CLIENT_SECRET, STATIC_TOKEN, token_lifetime)
    service = Service(municipality, office, tuple(faults), quirks or Quirks())
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen()
        taken = listener.getsockname()[1]
        config = uvicorn.Config(
            application(service),
            log_config=None,
            log_level="critical",
            access_log=False,
            lifespan="off",
            date_header=False,
            server_header=False,
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        _wait(server, thread)
        try:
            yield Running(
                url=f"http://{HOST}:{taken}{BASE}",
                token_url=f"http://{HOST}:{taken}/token",
                client_id=CLIENT_ID,
                client_secret=CLIENT_SECRET,
                token=STATIC_TOKEN,
                port=taken,
                service=service,
            )
        finally:
            server.should_exit = True
            thread.join(timeout=START_WITHIN)


def _wait(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + START_WITHIN
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("The demo server did not start.")
        time.sleep(0.01)
