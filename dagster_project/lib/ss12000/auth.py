"""Who we are towards an SS 12000 server: OAuth2 client credentials, a token that lasts, a certificate."""

import ssl
import time
from base64 import b64encode
from collections.abc import Callable, Generator
from pathlib import Path
from urllib.parse import quote

import httpx
import orjson

from dagster_project.lib.answers import Answer
from dagster_project.lib.errors import SettingsError, SourceUnavailableError
from dagster_project.lib.http.client import ApiClient

# A token is renewed this long before it expires, or after nine tenths of a short life.
_MARGIN_SECONDS = 60.0
_SHARE_OF_LIFE = 0.9
# RFC 6749 leaves the lifetime out if the server likes.
_USUAL_LIFE = 3600.0
# How a token endpoint answers credentials that it does not find where it looks for them (RFC 6749, 5.2).
_NOT_RECOGNISED = ("http_400", "http_401")


class StaticToken(httpx.Auth):
    """A bearer token that does not expire."""

    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


class ClientCredentials(httpx.Auth):
    """OAuth2 client credentials: one token for as long as it is good, a new one once after a 401.

    The credentials stand in the form, and where the server does not take them there, in the header.
    """

    def __init__(
        self,
        office: ApiClient,
        *,
        client_id: str,
        client_secret: str,
        scope: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``office`` is a client for the token endpoint's address."""
        self._office = office
        self._form = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {})
        self._in_form = {"client_id": client_id, "client_secret": client_secret}
        pair = f"{quote(client_id, safe='')}:{quote(client_secret, safe='')}"
        self._in_header = {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}
        self._wants_header = False
        self._clock = clock
        self._token = ""
        self._good_until = 0.0

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send ``request`` with a token; once more with a new one when the server refuses the first.

        Raises:
            SourceUnavailableError: the token endpoint refuses, or answers something else than a token.
        """
        request.headers["Authorization"] = f"Bearer {self._current()}"
        response = yield request
        if response.status_code == httpx.codes.UNAUTHORIZED:
            self._token = ""
            request.headers["Authorization"] = f"Bearer {self._current()}"
            yield request

    def _current(self) -> str:
        if not self._token or self._clock() >= self._good_until:
            asked_at = self._clock()
            answer = self._ask()
            self._token, life = _token(answer.body, self._office.published_at)
            self._good_until = asked_at + max(life - _MARGIN_SECONDS, life * _SHARE_OF_LIFE)
        return self._token

    def _ask(self) -> Answer:
        if not self._wants_header:
            try:
                return self._office.post_form("", self._form | self._in_form)
            except SourceUnavailableError as refusal:
                if refusal.rule not in _NOT_RECOGNISED:
                    raise
        # Every server has to take them in the header, and need not in the form (RFC 6749, 2.3.1).
        answer = self._office.post_form("", self._form, headers=self._in_header)
        self._wants_header = True
        return answer


def _token(body: bytes, address: str) -> tuple[str, float]:
    try:
        found = orjson.loads(body)
        token, life = found["access_token"], float(found.get("expires_in", _USUAL_LIFE))
    except (ValueError, KeyError, TypeError, AttributeError):
        token, life = None, 0.0
    if not isinstance(token, str) or not token:
        # The answer may hold the token under another name: it is not carried along as a cause.
        raise SourceUnavailableError(
            source=f"ss12000 {address}",
            rule="token_answer",
            message="the token endpoint answered something else than an access token",
            remedy="Compare EQUITY_SS12000_TOKEN_URL with what the supplier has given you.",
        )
    return token, life


def tls_context(certificate: Path | None, key: Path | None) -> ssl.SSLContext | None:
    """Trust of the system plus a client certificate; none when there is no certificate.

    Raises:
        SettingsError: the files cannot be read, or do not belong together.
    """
    if certificate is None:
        return None
    context = ssl.create_default_context()
    try:
        # A key with a pass phrase would ask for it on a terminal that nobody watches.
        context.load_cert_chain(certificate, key, password=lambda: "")
    except OSError as error:
        raise SettingsError(
            f"EQUITY_SS12000_CERTIFICATE: {certificate.name} and its key cannot be used: "
            f"{error.strerror or 'unreadable'}. Both are PEM files without a pass phrase; the key may stand "
            "in the certificate's file or in EQUITY_SS12000_CERTIFICATE_KEY."
        ) from error
    return context
