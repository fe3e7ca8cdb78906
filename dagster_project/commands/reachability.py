"""Whether the agencies' addresses answer from this machine."""

from collections.abc import Iterator

import httpx

from dagster_project.lib.sources import (
    kolada,
    planned_educations,
    scb,
    siris,
    skolenhetsregistret,
    underlag_for_analys,
)
from dagster_project.lib.sources.source import Source

SOURCES = (
    siris.SOURCE,
    underlag_for_analys.SOURCE,
    planned_educations.SOURCE,
    skolenhetsregistret.SOURCE,
    kolada.SOURCE,
    scb.SOURCE,
)
_TIMEOUT_SECONDS = 5.0


def unreachable_sources() -> Iterator[tuple[Source, str | None]]:
    """Each source with the reason why it cannot be reached, or none."""
    for source in SOURCES:
        yield source, why_unreachable(source.base_url)


def why_unreachable(address: str) -> str | None:
    """Ask for ``address`` once, within five seconds; none if it answered.

    A refusal or a 404 is an answer: base addresses seldom have a page of their own. An error of the server
    (5xx) is not.
    """
    try:
        answer = httpx.get(address, timeout=_TIMEOUT_SECONDS, follow_redirects=True)
    except httpx.TimeoutException:
        return f"no answer within {_TIMEOUT_SECONDS:g} seconds"
    except httpx.TransportError as error:
        return str(error) or type(error).__name__
    return f"HTTP status {answer.status_code}" if answer.is_server_error else None
