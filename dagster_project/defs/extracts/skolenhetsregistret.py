"""Skolenhetsregistret: the register of today (v2) and the dump of 1 June 2020 as a historical register."""

from collections.abc import Iterator

from dagster_project.defs.extracts.dataset import Dataset, Delivery, one_by_one, one_period
from dagster_project.defs.extracts.session import Session
from dagster_project.lib.sources import skolenhetsregistret as source


def _fetch_details(session: Session) -> Iterator[Delivery]:
    client = source.SkolenhetsregistretClient(session.api(source.SOURCE))
    yield one_by_one(
        "all",
        source.SOURCE.name,
        lambda: client.details(code for page in client.school_units() for code in source.codes_in(page)),
    )


def _fetch_dump(session: Session) -> Iterator[Delivery]:
    client = source.SkolenhetsregistretClient(session.api(source.SOURCE))
    yield one_period("2020-06-01", client.dump_2020)


DATASETS = [
    Dataset(
        source.SOURCE.name,
        "units",
        "register_v2",
        "The register today: status, school forms, organiser and validity per school unit.",
        _fetch_details,
        left_out_when_recorded=(
            "Skolenhetsregistret v2: no recorded answers are bundled; set EQUITY_MODE=live to include it"
        ),
    ),
    Dataset(
        source.SOURCE.name,
        "units_2020",
        "register_2020",
        "The register on 1 June 2020, with the pupils each unit had then.",
        _fetch_dump,
    ),
]
