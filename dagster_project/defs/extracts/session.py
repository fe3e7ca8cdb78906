"""One run's conversation with the agencies: the same clients, live or against the recorded answers."""

import datetime as dt
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from dagster_project.lib.answers import Answer
from dagster_project.lib.extract_store import ExtractStore
from dagster_project.lib.http.client import ApiClient
from dagster_project.lib.http.kept import KeptAnswers
from dagster_project.lib.http.recorded import RecordedServer
from dagster_project.lib.sources.source import Source
from dagster_project.settings import Mode, Settings

USER_AGENT = "education-equity-warehouse/0.1"


@dataclass(frozen=True)
class LastExtract:
    """What was last received of a period.

    Attributes:
        fetched_at: when these bytes first came, UTC.
        answers: as received.
    """

    fetched_at: dt.datetime
    answers: list[Answer]


@dataclass
class Session:
    """Clients of one run, opened when first asked for.

    Attributes:
        settings: of this installation.
        is_live: the agencies' own addresses are asked.
    """

    settings: Settings
    _stack: ExitStack
    _clients: dict[str, ApiClient] = field(default_factory=dict)
    _server: RecordedServer | None = None

    @property
    def is_live(self) -> bool:
        return self.settings.mode is Mode.LIVE

    def api(self, source: Source) -> ApiClient:
        """The client of ``source``; the same one for the whole run, so that its request budget holds."""
        if source.name not in self._clients:
            self._clients[source.name] = self._stack.enter_context(self._open(source))
        return self._clients[source.name]

    def last_extract(self, source: str, dataset: str, period: str) -> LastExtract | None:
        """What was last received of a period, if its bytes are still stored."""
        store = ExtractStore(self.settings.raw_dir)
        found = None
        for extract in store.manifest():
            if (extract.source, extract.dataset, extract.period) == (source, dataset, period):
                found = extract
        if found is None or not store.holds(found):
            return None
        return LastExtract(dt.datetime.fromisoformat(found.fetched_at), store.answers(found))

    def _open(self, source: Source) -> ApiClient:
        kept = KeptAnswers(ExtractStore(self.settings.raw_dir))
        match self.settings.mode:
            case Mode.LIVE:
                contact = f" ({self.settings.contact})" if self.settings.contact else ""
                return source.live(
                    user_agent=USER_AGENT + contact,
                    base_url=self.settings.source_addresses.get(source.name),
                    kept=kept,
                )
            case Mode.RECORDED:
                if self._server is None:
                    self._server = self._stack.enter_context(RecordedServer(self.settings.sample_data_dir))
                return source.recorded(self._server, user_agent=USER_AGENT, kept=kept)


@contextmanager
def open_session(settings: Settings) -> Iterator[Session]:
    """A session that closes its clients and the recorded-answer server on leaving."""
    with ExitStack() as stack:
        yield Session(settings, stack)
