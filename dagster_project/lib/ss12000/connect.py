"""A client for one server: its address, who we are towards it, and how patient to be."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from dagster_project.lib.http.budget import RequestBudget
from dagster_project.lib.http.client import ApiClient
from dagster_project.lib.ss12000.auth import ClientCredentials, StaticToken, tls_context
from dagster_project.lib.ss12000.client import Ss12000Client

_NAME = "ss12000"
# A page of 20 and a whole municipality's attendance of three years still fit.
_MOST_REQUESTS = 200_000
_MOST_TOKENS = 2_000


@dataclass(frozen=True)
class Server:
    """Where a server is and how to be let in; secrets never show.

    Attributes:
        url: base address, version included.
        known_as: the address that answers, messages and state carry, where ``url`` is a stand-in for it.
        token: a bearer token that does not expire; empty for none.
        token_url, client_id, client_secret, scope: OAuth2 client credentials; empty for none.
        certificate, certificate_key: client certificate (PEM).
        page_size: entities to ask for per page.
        is_local: on this machine; proxies of the environment are left out.
    """

    url: str
    known_as: str = ""
    token: str = field(default="", repr=False)
    token_url: str = ""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    scope: str = ""
    certificate: Path | None = None
    certificate_key: Path | None = None
    page_size: int = 1000
    is_local: bool = False


@contextmanager
def connected(
    server: Server,
    *,
    user_agent: str,
    timeout: float = 120.0,
    max_attempts: int = 5,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Ss12000Client]:
    """A client of ``server``, closed on leaving; nothing is asked before it is used.

    Raises:
        SettingsError: the certificate cannot be used.
    """
    tls = tls_context(server.certificate, server.certificate_key)

    def api(url: str, most: int, auth: httpx.Auth | None) -> ApiClient:
        return ApiClient(
            url,
            name=_NAME,
            user_agent=user_agent,
            timeout=timeout,
            budget=RequestBudget(calls=None, max_total=most),
            max_attempts=max_attempts,
            headers={"Accept": "application/json"},
            auth=auth,
            tls=tls,
            # A page token is opaque: it may hold the name of a person somebody asked for.
            shows_query=False,
            use_proxy=not server.is_local,
            published_at=(server.known_as or None) if url == server.url else None,
            sleep=sleep,
        )

    auth: httpx.Auth | None = StaticToken(server.token) if server.token else None
    if not server.token_url:
        with api(server.url, _MOST_REQUESTS, auth) as lists:
            yield Ss12000Client(lists, page_size=server.page_size)
        return
    with api(server.token_url, _MOST_TOKENS, None) as office:
        auth = ClientCredentials(
            office, client_id=server.client_id, client_secret=server.client_secret, scope=server.scope
        )
        with api(server.url, _MOST_REQUESTS, auth) as lists:
            yield Ss12000Client(lists, page_size=server.page_size)
