"""Bringing the raw tables up to date with the server, list by list; one that fails leaves the others be."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from dagster_project.lib import raw_tables
from dagster_project.lib.errors import DeliveryProblem, SourceUnavailableError
from dagster_project.lib.extract_store import ExtractStore
from dagster_project.lib.pseudonyms import Pseudonymiser
from dagster_project.lib.raw_tables import LoadReport
from dagster_project.lib.ss12000 import state as states
from dagster_project.lib.ss12000.client import NotOfferedError, Ss12000Client
from dagster_project.lib.ss12000.fetch import Fetched, edge_fingerprint, fetch
from dagster_project.lib.ss12000.load import Takes, dataset_of, latest_modified, load
from dagster_project.lib.ss12000.months import LOCAL, Month, looks_back, months, to_ask_for, usual_first_day
from dagster_project.lib.ss12000.state import SOURCE, State
from dagster_project.lib.ss12000.tables import AGGREGATED, DELETED, Endpoint

FULL: Final = "full"
#: Increments overlap: a transaction may be older than its neighbours when it is committed, and two clocks of
#: one system seldom agree.
OVERLAP: Final = dt.timedelta(minutes=10)
# Where nobody tells what was deleted, a list is fetched whole this often.
_WHOLE_EVERY: Final = dt.timedelta(days=7)
# A server without these is not an SS 12000 server of a municipality.
_EXPECTED: Final = frozenset({"organisations", "persons"})


@dataclass(frozen=True)
class TableReport:
    """What became of one period of one raw table; not offered where the server has no such list."""

    raw_table: str
    report: LoadReport
    is_offered: bool = True


class Sync:
    """One run's conversation with one server."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        store: ExtractStore,
        client: Ss12000Client,
        pseudonymiser: Pseudonymiser,
        *,
        first_day: dt.date | None = None,
        months_back: int = 12,
        reload: bool = False,
    ) -> None:
        """Ready to fetch; rows of another server than this one are forgotten.

        Args:
            connection: the warehouse, schema ``raw`` in place.
            store: where projected rows are kept.
            client: the server.
            pseudonymiser: the keys in force.
            first_day: from which day attendance is fetched; three school years back when not given.
            months_back: months of attendance that are asked for again once a week.
            reload: fetch every list whole, whatever was fetched before.
        """
        self._connection = connection
        self._store = store
        self._client = client
        self._pseudonymiser = pseudonymiser
        self._first_day = first_day
        self._months_back = months_back
        self._reload = reload
        states.forget_other_servers(connection, client.address)

    def bring_up_to_date(self, endpoint: Endpoint) -> list[TableReport]:
        """Fetch what is new of one list and load it; every problem is in the reports, none is raised."""
        if endpoint is AGGREGATED:
            return list(self._months())
        return self._list(endpoint)

    def _list(self, endpoint: Endpoint) -> list[TableReport]:
        state = states.read(self._connection, endpoint.dataset)
        is_full = (
            self._reload
            or state is None
            or state.edge_fingerprint != edge_fingerprint()
            or self._may_have_missed_deletions(endpoint, state)
        )
        since = None if state is None or is_full else state.asked_at - OVERLAP
        name = "after" if endpoint is DELETED else "meta.modified.after"
        query = {} if since is None else {name: f"{since:%Y-%m-%dT%H:%M:%SZ}"}
        with self._store.staging() as folder:
            try:
                fetched = self._fetch(endpoint, query, folder)
            except NotOfferedError as absent:
                return self._not_offered(endpoint, absent, was_offered=state is not None)
            except DeliveryProblem as problem:
                return self._failed(endpoint, FULL if since is None else "latest", problem)
            asked_at = self._asked_at(fetched, state)
            whole_at = asked_at if since is None or state is None else state.whole_at
            reports = load(
                self._connection,
                self._store,
                fetched,
                period=FULL if since is None else self._free_period(endpoint, asked_at),
                takes=Takes.ALL if since is None else Takes.NONE,
                state=self._state(endpoint, asked_at, whole_at),
                since=since,
            )
        return [
            TableReport(table.name, report) for table, report in zip(endpoint.tables, reports, strict=True)
        ]

    def _fetch(self, endpoint: Endpoint, query: dict[str, str], folder: Path) -> Fetched:
        return fetch(self._client, endpoint, query, folder=folder, pseudonymiser=self._pseudonymiser)

    def _state(self, endpoint: Endpoint, asked_at: dt.datetime, whole_at: dt.datetime | None = None) -> State:
        return State(endpoint.dataset, self._client.address, asked_at, edge_fingerprint(), whole_at)

    def _may_have_missed_deletions(self, endpoint: Endpoint, state: State) -> bool:
        """Whether increments have been added for a week while the server has never told what was deleted."""
        if endpoint is DELETED or states.read(self._connection, DELETED.dataset) is not None:
            return False
        return state.whole_at is None or state.asked_at - state.whole_at >= _WHOLE_EVERY

    def _asked_at(self, fetched: Fetched, state: State | None) -> dt.datetime:
        """The instant the next increment starts from.

        Where the server does not show its clock, this machine's may be ahead of it: then nothing later than
        the latest modification that was seen counts as asked for.
        """
        if fetched.has_date:
            return fetched.asked_at
        seen = latest_modified(self._connection, fetched) or (None if state is None else state.asked_at)
        return min(fetched.asked_at, seen or fetched.asked_at)

    def _free_period(self, endpoint: Endpoint, asked_at: dt.datetime) -> str:
        """Name of the increment that ends at ``asked_at``; a second later if there is one of that name."""
        taken = {
            period
            for (period,) in self._connection.execute(
                "select period from raw.extracts where source = ? and dataset = ?",
                [SOURCE, endpoint.dataset],
            ).fetchall()
        }
        while (period := f"{asked_at:%Y-%m-%dT%H%M%SZ}") in taken:
            asked_at += dt.timedelta(seconds=1)
        return period

    def _months(self) -> Iterator[TableReport]:
        (table,) = AGGREGATED.tables
        now = self._client.server_time()
        today = now.astimezone(LOCAL).date()
        state = states.read(self._connection, AGGREGATED.dataset)
        is_full = self._reload or state is None or state.edge_fingerprint != edge_fingerprint()
        loaded = set() if is_full else self._loaded_periods()
        looked_back_at = None if state is None or is_full else state.asked_at.astimezone(LOCAL).date()
        wanted = to_ask_for(
            months(self._first_day or usual_first_day(today), today),
            loaded=loaded,
            today=today,
            looked_back_at=looked_back_at,
            months_back=self._months_back,
        )
        for month in wanted:
            try:
                yield TableReport(table.name, self._month(month))
            except NotOfferedError as absent:
                yield from self._not_offered(AGGREGATED, absent, was_offered=state is not None)
                return
            except SourceUnavailableError as problem:
                # The other months would meet the same refusal, each after as many tries.
                yield from self._failed(AGGREGATED, month.period, problem)
                return
            except DeliveryProblem as problem:
                yield from self._failed(AGGREGATED, month.period, problem)
        if looks_back(today, looked_back_at):
            states.move(self._connection, self._state(AGGREGATED, now))

    def _month(self, month: Month) -> LoadReport:
        with self._store.staging() as folder:
            fetched = self._fetch(AGGREGATED, month.query, folder)
            (report,) = load(
                self._connection,
                self._store,
                fetched,
                period=month.period,
                takes=Takes.PERIOD,
                state=None,
            )
        return report

    def _loaded_periods(self) -> set[str]:
        rows = self._connection.execute(
            "select period from raw.extracts where source = ? and dataset = ?", [SOURCE, AGGREGATED.dataset]
        ).fetchall()
        return {period for (period,) in rows}

    def _not_offered(
        self, endpoint: Endpoint, absent: NotOfferedError, *, was_offered: bool
    ) -> list[TableReport]:
        if not was_offered and endpoint.name not in _EXPECTED:
            return [
                TableReport(table.name, LoadReport(FULL, None), is_offered=False) for table in endpoint.tables
            ]
        return self._failed(
            endpoint,
            "latest",
            SourceUnavailableError(
                source=absent.source,
                rule="no_longer_offered" if was_offered else "list_missing",
                message="the server answers that it does not have this list"
                + (", which it had before" if was_offered else ", which every SS 12000 server has"),
                remedy="Compare EQUITY_SS12000_URL with what the supplier has given you; ask the supplier.",
            ),
        )

    def _failed(self, endpoint: Endpoint, period: str, problem: DeliveryProblem) -> list[TableReport]:
        return [
            TableReport(
                table.name,
                raw_tables.record_failed_fetch(
                    self._connection,
                    source=SOURCE,
                    dataset=dataset_of(table),
                    period=period,
                    raw_table=table.name,
                    problem=problem,
                ),
            )
            for table in endpoint.tables
        ]
