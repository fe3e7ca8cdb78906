"""What every public source has: a name, an address, a pace and terms of use."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from dagster_project.lib.answers import Answer
from dagster_project.lib.errors import SourceUnavailableError
from dagster_project.lib.http.budget import RequestBudget
from dagster_project.lib.http.client import ApiClient
from dagster_project.lib.http.errors import NotPublishedError
from dagster_project.lib.http.kept import KeptAnswers
from dagster_project.lib.http.recorded import RecordedServer

#: Names of this machine.
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True)
class Source:
    """One agency interface.

    Attributes:
        name: short name, also the key in the recorded answers' index.
        agency: who publishes.
        base_url: the agency's base address; the client's paths are appended to it.
        calls: requests allowed per ``per_seconds``; a polite pace where the agency publishes none.
        per_seconds: see ``calls``.
        max_total: most requests of one run, retries included.
        first_backoff: seconds before a second try when the source does not say.
        headers: sent with every request.
        terms: licence or terms, for the provenance shown in a release.
    """

    name: str
    agency: str
    base_url: str
    calls: int
    per_seconds: float
    max_total: int
    terms: str
    first_backoff: float = 1.0
    headers: Mapping[str, str] = field(default_factory=dict)

    def live(
        self,
        *,
        user_agent: str,
        timeout: float = 60.0,
        max_attempts: int = 5,
        base_url: str | None = None,
        max_total: int | None = None,
        kept: KeptAnswers | None = None,
    ) -> ApiClient:
        """A client for the agency's own address, at the agency's pace.

        With ``base_url`` a mirror or gateway is asked in its place; answers carry the agency's address
        all the same. ``kept`` spares the transfer of what has not changed.
        """
        budget = RequestBudget(
            calls=self.calls, per_seconds=self.per_seconds, max_total=max_total or self.max_total
        )
        return ApiClient(
            base_url or self.base_url,
            name=self.name,
            user_agent=user_agent,
            timeout=timeout,
            budget=budget,
            max_attempts=max_attempts,
            headers=self.headers,
            published_at=self.base_url,
            first_backoff=self.first_backoff,
            # An address on this machine is not beyond a proxy.
            use_proxy=base_url is None or urlsplit(base_url).hostname not in LOOPBACK,
            kept=kept,
        )

    def recorded(
        self, server: RecordedServer, *, user_agent: str, kept: KeptAnswers | None = None
    ) -> ApiClient:
        """A client for the recorded answers, without pacing; answers carry the agency's address."""
        return self.standing_in(server.base_url(self.name), user_agent=user_agent, kept=kept)

    def standing_in(self, base_url: str, *, user_agent: str, kept: KeptAnswers | None = None) -> ApiClient:
        """A client for a stand-in on this machine, without pacing; answers carry the agency's address."""
        return ApiClient(
            base_url,
            name=self.name,
            user_agent=user_agent,
            timeout=30.0,
            budget=RequestBudget(calls=None, max_total=self.max_total),
            headers=self.headers,
            published_at=self.base_url,
            use_proxy=False,
            kept=kept,
        )


@dataclass(frozen=True)
class Collected:
    """What was asked for one by one: answers, and the names the source does not publish (404)."""

    answers: list[Answer]
    absent: list[str]


def collect(
    ask: Callable[[str], Answer], names: Iterable[str], *, source: str, max_absent_share: float
) -> Collected:
    """Ask for each name; a 404 is counted and listed, not an error, up to a share of all names.

    Raises:
        SourceUnavailableError: more than ``max_absent_share`` (0 to 1) of the names are absent (rule
            ``too_many_absent``): the address has probably changed. Else as :meth:`ApiClient.get`.
    """
    answers: list[Answer] = []
    absent: list[str] = []
    for name in names:
        try:
            answers.append(ask(name))
        except NotPublishedError:
            absent.append(name)
    asked = len(answers) + len(absent)
    if asked and len(absent) / asked > max_absent_share:
        raise SourceUnavailableError(
            source=source,
            rule="too_many_absent",
            message=f"{len(absent)} of {asked} asked for are not published (HTTP status 404), "
            f"more than the {max_absent_share:.0%} that is normal",
            remedy="Open a few of them in a browser: the source has probably changed its addresses.",
        )
    return Collected(answers, absent)
