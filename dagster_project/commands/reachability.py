"""Whether the agencies' addresses answer from this machine."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

import httpx

from dagster_project.lib.sources import (
    kolada,
    planned_educations,
    scb,
    siris,
    skolenhetsregistret,
    underlag_for_analys,
)
from dagster_project.lib.sources.source import LOOPBACK, Source

SOURCES = (
    siris.SOURCE,
    underlag_for_analys.SOURCE,
    planned_educations.SOURCE,
    skolenhetsregistret.SOURCE,
    kolada.SOURCE,
    scb.SOURCE,
)
_TIMEOUT_SECONDS = 5.0


def unreachable_sources(instead: Mapping[str, str]) -> Iterator[tuple[Source, str, str | None]]:
    """Each source, the address that is asked, and the reason why it cannot be reached, or none.

    ``instead`` has the addresses of mirrors by the source's name.
    """
    for source in SOURCES:
        address = instead.get(source.name, source.base_url)
        yield source, address, why_unreachable(address)


def why_unreachable(address: str) -> str | None:
    """Ask for ``address`` once, within five seconds; none if it answered.

    A refusal or a 404 is an answer: base addresses seldom have a page of their own. An error of the server
    (5xx) is not.
    """
    try:
        answer = httpx.get(
            address,
            timeout=_TIMEOUT_SECONDS,
            follow_redirects=True,
            trust_env=urlsplit(address).hostname not in LOOPBACK,
        )
    except httpx.TimeoutException:
        return f"no answer within {_TIMEOUT_SECONDS:g} seconds"
    except httpx.TransportError as error:
        return str(error) or type(error).__name__
    return f"HTTP status {answer.status_code}" if answer.is_server_error else None
