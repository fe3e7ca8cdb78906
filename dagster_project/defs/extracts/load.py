"""Fetch one dataset, keep what came, load it into its raw table. No Dagster in here."""

import datetime as dt
from collections.abc import Iterator
from functools import cache

import duckdb

from dagster_project.defs.extracts.dataset import Dataset, Delivery
from dagster_project.defs.extracts.session import Session
from dagster_project.lib import raw_tables
from dagster_project.lib.delivery_size import DeliverySize, read_sizes
from dagster_project.lib.errors import DeliveryProblem
from dagster_project.lib.extract_store import ExtractStore
from dagster_project.lib.http.errors import NotPublishedError
from dagster_project.lib.raw_tables import LoadReport
from dagster_project.settings import PROJECT_ROOT

#: The period that a problem of the whole dataset is written down for.
WHOLE_DATASET = "all"


@cache
def _size_of(raw_table: str) -> DeliverySize:
    return read_sizes(PROJECT_ROOT / "seeds" / "thresholds" / "thr_delivery_size.csv")[raw_table]


def fetch_and_load(
    dataset: Dataset, session: Session, connection: duckdb.DuckDBPyConnection
) -> Iterator[LoadReport]:
    """One report per period of ``dataset`` that the source publishes or should have.

    A period that could not be fetched or read is reported with its problem; the others are loaded. A period
    that the source does not have is normal, unless it had it before, or has none at all.
    """
    store = ExtractStore(session.settings.raw_dir)
    raw_tables.create_tables(connection)
    unpublished: list[DeliveryProblem] = []
    periods: list[str] = []
    for delivery in dataset.fetch(session):
        if isinstance(delivery.problem, NotPublishedError):
            place = {"source": dataset.source, "dataset": dataset.name, "period": delivery.period}
            if not raw_tables.is_loaded(connection, **place):
                unpublished.append(delivery.problem)
                continue
            delivery = Delivery(delivery.period, problem=_withdrawn(delivery.problem))  # noqa: PLW2901
        periods.append(delivery.period)
        if delivery.problem is not None:
            yield _failed(dataset, delivery.period, delivery.problem, connection)
            continue
        extract = store.put(
            source=dataset.source, dataset=dataset.name, period=delivery.period, answers=delivery.answers
        )
        yield raw_tables.load(connection, store, extract, dataset.raw_table, _size_of(dataset.raw_table))
    if unpublished and not periods:
        yield _failed(dataset, WHOLE_DATASET, _nothing_published(dataset, unpublished), connection)
    elif WHOLE_DATASET not in periods:
        raw_tables.clear_problem(
            connection, source=dataset.source, dataset=dataset.name, period=WHOLE_DATASET
        )


def _failed(
    dataset: Dataset, period: str, problem: DeliveryProblem, connection: duckdb.DuckDBPyConnection
) -> LoadReport:
    return raw_tables.record_failed_fetch(
        connection,
        source=dataset.source,
        dataset=dataset.name,
        period=period,
        raw_table=dataset.raw_table,
        problem=problem,
    )


def _withdrawn(problem: DeliveryProblem) -> NotPublishedError:
    return NotPublishedError(
        source=problem.source,
        rule="withdrawn",
        message="the source published this period before and does not any more (HTTP status 404)",
        remedy="The rows loaded before stand. Ask the publisher whether the figures were withdrawn or moved.",
    )


def _nothing_published(dataset: Dataset, unpublished: list[DeliveryProblem]) -> NotPublishedError:
    return NotPublishedError(
        source=unpublished[-1].source,
        rule="nothing_published",
        message=f"the source has nothing of {dataset.name!r}; {len(unpublished)} addresses were tried (HTTP "
        "status 404)",
        remedy="Open the address in a browser: the service has probably moved.",
    )


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
