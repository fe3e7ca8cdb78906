"""SIRIS exports: one dataset per report, one period per year of the report's own reckoning."""

from collections.abc import Iterator

from dagster_project.defs.extracts.dataset import Dataset, Delivery, Fetch, one_period, years_to_ask_for
from dagster_project.defs.extracts.session import Session
from dagster_project.lib.sources import siris

_DESCRIPTIONS = {
    "final_grades_y9": "Final grades year 9 per school unit (report 139).",
    "grades_y6": "Grades year 6 per municipality and kind of organiser.",
    "pupils": (
        "Pupils per year group, parents' education and background, per municipality and kind of organiser."
    ),
    "teachers": "Teachers with certification and qualification, per municipality and kind of organiser.",
    "national_tests_y9": "National tests year 9 by subject and sex, per municipality and kind of organiser.",
    "eligibility_y9": (
        "Eligibility for upper secondary school by sex, per municipality and kind of organiser."
    ),
    "costs_gr": "Costs of compulsory school per municipality and calendar year.",
    "costs_gy": "Costs of upper secondary school per municipality and calendar year.",
}


def _fetch(dataset: str) -> Fetch:
    def fetch(session: Session) -> Iterator[Delivery]:
        client = siris.SirisClient(session.api(siris.SOURCE))
        for year in years_to_ask_for(siris.REPORTS[dataset].first_year):
            yield one_period(str(year), lambda year=year: [client.fetch(dataset, year)])  # type: ignore[misc]

    return fetch


DATASETS = [
    Dataset(
        source=siris.SOURCE.name,
        name=name,
        raw_table=report.table,
        description=_DESCRIPTIONS[name],
        fetch=_fetch(name),
    )
    for name, report in siris.REPORTS.items()
]
