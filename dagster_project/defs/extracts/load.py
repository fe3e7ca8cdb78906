"""Fetch one dataset, keep what came, load it into its raw table. No Dagster in here."""

import datetime as dt
from collections.abc import Iterator

import duckdb

from dagster_project.defs.extracts.dataset import Dataset
from dagster_project.defs.extracts.session import Session
from dagster_project.lib import raw_tables
from dagster_project.lib.extract_store import ExtractStore
from dagster_project.lib.raw_tables import LoadReport


def fetch_and_load(
    dataset: Dataset, session: Session, connection: duckdb.DuckDBPyConnection
) -> Iterator[LoadReport]:
    """One report per period of ``dataset`` that the source publishes or should have.

    A period that could not be fetched or read is reported with its problem; the others are loaded.
    """
    store = ExtractStore(session.settings.raw_dir)
    raw_tables.create_tables(connection)
    for delivery in dataset.fetch(session):
        if delivery.problem is not None:
            yield raw_tables.record_failed_fetch(
                connection,
                source=dataset.source,
                dataset=dataset.name,
                period=delivery.period,
                raw_table=dataset.raw_table,
                problem=delivery.problem,
            )
            continue
        extract = store.put(
            source=dataset.source, dataset=dataset.name, period=delivery.period, answers=delivery.answers
        )
        yield raw_tables.load(connection, store, extract, dataset.raw_table)


def was_asked_recently(connection: duckdb.DuckDBPyConnection, dataset: Dataset, within: dt.timedelta) -> bool:
    """Whether a period of ``dataset`` was fetched less than ``within`` ago and none has a problem."""
    if not within:
        return False
    place = [dataset.source, dataset.name]
    (asked,) = connection.execute(
        "select max(checked_at) from raw.extracts where source = ? and dataset = ?", place
    ).fetchone() or (None,)
    (problems,) = connection.execute(
        "select count(*) from raw.delivery_problems where source = ? and dataset = ?", place
    ).fetchone() or (0,)
    return asked is not None and not problems and dt.datetime.now(dt.UTC) - asked < within
