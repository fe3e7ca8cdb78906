"""The made-up municipality, made once, and a client for its server."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import httpx
import pytest
from demo_session import Connect, Json, Session

import demo
from demo.municipality import Municipality
from demo.server import Fault, Quirks, running


@pytest.fixture(scope="session")
def municipality() -> Municipality:
    """The municipality on the demo's own day."""
    return demo.generate()


@pytest.fixture(scope="session")
def documents(municipality: Municipality) -> Callable[[str], list[Json]]:
    """The entities of an endpoint, decoded once."""
    return cache(lambda endpoint: list(municipality.endpoints[endpoint].documents()))


@pytest.fixture(scope="session")
def next_day(municipality: Municipality) -> Municipality:
    """The same a day later."""
    return demo.generate(as_of=municipality.as_of + dt.timedelta(days=1))


@pytest.fixture
def connect(municipality: Municipality) -> Connect:
    """Start a server with faults and quirks and log in to it."""

    @contextmanager
    def open_session(
        faults: Sequence[Fault] = (), quirks: Quirks | None = None, **options: Any
    ) -> Iterator[Session]:
        with (
            running(options.pop("about", municipality), faults, quirks, **options) as server,
            httpx.Client(trust_env=False, headers={"Authorization": f"Bearer {server.token}"}) as http,
        ):
            yield Session(server, http)

    return open_session
