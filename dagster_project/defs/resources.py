"""What steps share: settings, the conversation with the agencies, and the build file."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import duckdb

from dagster_project import settings as settings_module
from dagster_project.defs.extracts.session import Session, open_session
from dagster_project.lib.release.store import ReleaseStore
from dagster_project.lib.warehouse import open_warehouse
from dagster_project.settings import Settings


class EquityResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Entry to one installation. Nothing is opened before a step asks for it."""

    @property
    def settings(self) -> Settings:
        return settings_module.load()

    @property
    def releases(self) -> ReleaseStore:
        return ReleaseStore(self.settings.data_dir)

    @property
    def internal_releases(self) -> ReleaseStore:
        """Releases for the administration: a folder nobody but the owner of the data directory enters."""
        folder = self.settings.internal_dir
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return ReleaseStore(folder)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Clients of the agencies, live or recorded."""
        with open_session(self.settings) as session:
            yield session

    @contextmanager
    def warehouse(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The build file, as its only user.

        Raises:
            WarehouseBusyError: another process holds it.
        """
        with open_warehouse(
            self.settings.warehouse_path,
            memory_limit=self.settings.memory_limit,
            threads=self.settings.threads,
        ) as connection:
            yield connection
