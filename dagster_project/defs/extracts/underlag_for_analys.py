"""Underlag för analys: the national quality system's table, per school year."""

from collections.abc import Iterator

from dagster_project.defs.extracts.dataset import Dataset, Delivery, one_period, years_to_ask_for
from dagster_project.defs.extracts.session import Session
from dagster_project.lib.sources import underlag_for_analys as source

# First school year in the database.
FIRST_AUTUMN = 2022


def _fetch(session: Session) -> Iterator[Delivery]:
    client = source.UnderlagForAnalysClient(session.api(source.SOURCE))
    if not session.is_live:
        yield one_period("2024", client.workbook)
        return
    for year in years_to_ask_for(FIRST_AUTUMN):
        yield one_period(str(year), lambda year=year: client.measures(year))  # type: ignore[misc]


DATASETS = [
    Dataset(
        source=source.SOURCE.name,
        name="measures",
        raw_table=source.DATASETS["measures"],
        description="49 measures of the national quality system per organiser, school unit and the nation.",
        fetch=_fetch,
    )
]
