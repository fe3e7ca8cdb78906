"""SCB: population by age, sex and municipality."""

from collections.abc import Iterator

from dagster_project.defs.extracts.dataset import Dataset, Delivery, one_period, years_to_ask_for
from dagster_project.defs.extracts.session import Session
from dagster_project.lib.sources import scb as source

FIRST_YEAR = 2020
AGES = [str(age) for age in range(20)]


def _fetch(session: Session) -> Iterator[Delivery]:
    client = source.ScbClient(session.api(source.SOURCE))
    for year in years_to_ask_for(FIRST_YEAR):
        selection = {
            "Region": [session.settings.municipality],
            "Alder": AGES,
            "Kon": ["1", "2"],
            "Tid": [str(year)],
        }
        yield one_period(str(year), lambda selection=selection: client.population(selection))  # type: ignore[misc]


DATASETS = [
    Dataset(
        source.SOURCE.name,
        "population",
        source.DATASETS["population"],
        "Population 0-19 by age and sex in the chosen municipality.",
        _fetch,
        left_out_when_recorded=(
            "SCB population: no recorded answers are bundled; set EQUITY_MODE=live to include it"
        ),
    )
]
