"""Access tokens: OAuth2 client credentials that expire, and a static bearer token."""

import base64
import binascii
import secrets
import time
from urllib.parse import parse_qs, unquote


class TokenOffice:
    """Hands out access tokens and knows which are still good."""

    def __init__(self, client_id: str, client_secret: str, static_token: str, lifetime: float) -> None:
        self.client_id, self.client_secret = client_id, client_secret
        self.static_token, self.lifetime = static_token, lifetime
        self._good_until: dict[str, float] = {}

    def issue(self, body: bytes, authorization: str) -> dict[str, object] | None:
        """An answer for the token endpoint, or None when the credentials are wrong.

        Args:
            body: the form, as sent.
            authorization: the header; the credentials may stand there (Basic) or in the form.
        """
        form = {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
        pair = _basic(authorization) or (form.get("client_id", ""), form.get("client_secret", ""))
        if form.get("grant_type") != "client_credentials" or pair != (self.client_id, self.client_secret):
            return None
        token = secrets.token_urlsafe(24)
        self._good_until[token] = time.monotonic() + self.lifetime
        return {"access_token": token, "token_type": "Bearer", "expires_in": int(self.lifetime)}

    def accepts(self, authorization: str) -> bool:
        """Whether an Authorization header carries a token that is still good."""
        kind, _, token = authorization.partition(" ")
        if kind.lower() != "bearer":
            return False
        return token == self.static_token or self._good_until.get(token, 0.0) > time.monotonic()

    def revoke(self, authorization: str) -> None:
        """Make the token of a header worthless; the static one stays."""
        self._good_until.pop(authorization.partition(" ")[2], None)


def _basic(authorization: str) -> tuple[str, str] | None:
    kind, _, coded = authorization.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        name, _, password = base64.b64decode(coded).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return unquote(name), unquote(password)
