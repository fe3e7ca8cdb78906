"""A warehouse and a store of a test's own, and one run of the client against the made-up server."""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from dagster_project.lib import raw_tables
from dagster_project.lib.extract_store import ExtractStore
from dagster_project.lib.pseudonyms import Pseudonymiser
from dagster_project.lib.ss12000.connect import Server, connected
from dagster_project.lib.ss12000.sync import Sync, TableReport
from dagster_project.lib.ss12000.tables import ENDPOINTS, TABLES, Endpoint
from dagster_project.lib.warehouse import open_warehouse
from demo.municipality import Municipality
from demo.server import Fault, Quirks, Running, running

KEY = b"a key that is known to every test"
KNOWN_AS = "https://ss12000.example/v2.0"
BY_NAME = {endpoint.name: endpoint for endpoint in ENDPOINTS}


@dataclass
class Installation:
    """One data directory; ``slept`` tells how long the client waited between tries."""

    folder: Path
    keys: tuple[bytes, ...] = (KEY,)
    slept: list[float] = field(default_factory=list)

    @property
    def store(self) -> ExtractStore:
        return ExtractStore(self.folder / "raw")

    @contextmanager
    def warehouse(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with open_warehouse(self.folder / "warehouse.duckdb", memory_limit="500MB", threads=1) as connection:
            raw_tables.create_tables(connection)
            yield connection

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with self.warehouse() as connection:
            return connection.execute(query).fetchall()

    def count(self, table: str) -> int:
        return int(str(self.rows(f'select count(*) from raw."{table}"')[0][0]))

    def content(self, table: str) -> list[tuple[object, ...]]:
        """Rows without the loader's columns, sorted."""
        columns = ", ".join(TABLES[table].columns)
        return self.rows(f'select {columns} from raw."{table}" order by all')

    def sync(self, server: Server, *endpoints: str, **options: object) -> dict[str, list[TableReport]]:
        """Bring lists up to date (all of them when none is named); reports by raw table."""
        wanted: Sequence[Endpoint] = [BY_NAME[name] for name in endpoints] or ENDPOINTS
        found: dict[str, list[TableReport]] = {}
        with (
            self.warehouse() as connection,
            connected(
                server, user_agent="test", timeout=1.0, max_attempts=3, sleep=self.slept.append
            ) as client,
        ):
            sync = Sync(connection, self.store, client, Pseudonymiser(self.keys), **options)  # type: ignore[arg-type]
            for endpoint in wanted:
                for one in sync.bring_up_to_date(endpoint):
                    found.setdefault(one.raw_table, []).append(one)
        return found

    def run(
        self,
        municipality: Municipality,
        *endpoints: str,
        faults: Sequence[Fault] = (),
        quirks: Quirks | None = None,
        page_size: int = 500,
        **options: object,
    ) -> dict[str, list[TableReport]]:
        """One run against a server of its own."""
        with running(municipality, faults=faults, quirks=quirks) as up:
            return self.sync(server(up, page_size=page_size), *endpoints, **options)


def server(up: Running, *, page_size: int = 500, known_as: str = KNOWN_AS) -> Server:
    """The running server, by client credentials."""
    return Server(
        url=up.url,
        known_as=known_as,
        token_url=up.token_url,
        client_id=up.client_id,
        client_secret=up.client_secret,
        page_size=page_size,
        is_local=True,
    )


def problems(found: dict[str, list[TableReport]]) -> dict[str, str]:
    """Problem by raw table, of those that have one."""
    return {
        table: one.report.problem
        for table, reports in found.items()
        for one in reports
        if one.report.problem is not None
    }


def accounts(reports: Sequence[TableReport]) -> tuple[int, int, int, int]:
    """Delivered, loaded, rejected, duplicates over all periods."""
    return (
        sum(one.report.delivered for one in reports),
        sum(one.report.loaded for one in reports),
        sum(one.report.rejected for one in reports),
        sum(one.report.duplicates for one in reports),
    )


MORNING = dt.date(2026, 11, 20)
