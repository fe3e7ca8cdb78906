"""Kolada v3: the key figures named in the seed ``ref_kolada_kpis``, and comparison groups."""

import csv
import datetime as dt
import json
from collections.abc import Iterator
from functools import partial

from dagster_project.defs.extracts.dataset import Dataset, Delivery, Fetch, one_period
from dagster_project.defs.extracts.session import Session
from dagster_project.lib.answers import Answer
from dagster_project.lib.sources import kolada as source
from dagster_project.settings import PROJECT_ROOT

YEARS_BACK = 6
NATION = "0000"
_LEFT_OUT = "Kolada v3: no recorded answers are bundled; set EQUITY_MODE=live to include it"


def _seed(name: str) -> list[dict[str, str]]:
    with (PROJECT_ROOT / "seeds" / "reference" / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter=";"))


def _years() -> list[int]:
    this_year = dt.datetime.now(dt.UTC).year
    return list(range(this_year - YEARS_BACK, this_year + 1))


def _unit_ids(pages: list[Answer]) -> list[str]:
    return [row["id"] for page in pages for row in json.loads(page.body)["values"]]


def _client(session: Session) -> source.KoladaClient:
    return source.KoladaClient(session.api(source.SOURCE))


def _whole(method: str) -> Fetch:
    def fetch(session: Session) -> Iterator[Delivery]:
        yield one_period("all", getattr(_client(session), method))

    return fetch


def _fetch_municipality_data(session: Session) -> Iterator[Delivery]:
    kpis = [row["kpi_id"] for row in _seed("ref_kolada_kpis")]
    codes = [NATION, *(row["municipality_code"] for row in _seed("ref_municipalities"))]
    for year in _years():
        yield one_period(str(year), partial(_municipality_year, session, kpis, codes, year))


def _municipality_year(session: Session, kpis: list[str], codes: list[str], year: int) -> list[Answer]:
    """The year's answers: those kept, when the same was asked for and Kolada has changed nothing since."""
    client = _client(session)
    kept = session.last_extract(source.SOURCE.name, "municipality_data", str(year))
    if kept is not None:
        asked_for = {answer.address.partition("?")[0] for answer in kept.answers}
        paths = source.municipality_paths(kpis, codes, [year])
        # A day's overlap: values may have been published later on the day they were fetched.
        since = (kept.fetched_at - dt.timedelta(days=1)).date().isoformat()
        if {source.SOURCE.base_url + path for path in paths} == asked_for and not client.has_changed(
            kpis, [year], since=since
        ):
            return kept.answers
    return client.municipality_data(kpis, codes, [year])


def _fetch_units(session: Session) -> Iterator[Delivery]:
    yield one_period("all", lambda: _client(session).units(session.settings.municipality))


def kpis_of_units() -> list[str]:
    """Key figures that Kolada has per unit."""
    return [row["kpi_id"] for row in _seed("ref_kolada_kpis") if row["has_unit_data"] == "true"]


def _fetch_unit_data(session: Session) -> Iterator[Delivery]:
    kpis = kpis_of_units()
    for year in _years():
        yield one_period(
            str(year),
            lambda year=year: _client(session).unit_data(  # type: ignore[misc]
                kpis, _unit_ids(_client(session).units(session.settings.municipality)), [year]
            ),
        )


DATASETS = [
    Dataset("kolada", "kpis", "kolada_kpis", "The catalogue of key figures.", _whole("kpis"), _LEFT_OUT),
    Dataset(
        "kolada",
        "municipality_data",
        "kolada_municipality_data",
        "Key figures per municipality and year, by sex where divided.",
        _fetch_municipality_data,
        _LEFT_OUT,
    ),
    Dataset(
        "kolada",
        "units",
        "kolada_units",
        "Kolada's units of the chosen municipality.",
        _fetch_units,
        _LEFT_OUT,
    ),
    Dataset(
        "kolada",
        "unit_data",
        "kolada_unit_data",
        "Key figures per unit of the chosen municipality.",
        _fetch_unit_data,
        _LEFT_OUT,
    ),
    Dataset(
        "kolada",
        "municipality_groups",
        "kolada_municipality_groups",
        "Comparison groups and their members.",
        _whole("municipality_groups"),
        _LEFT_OUT,
    ),
]
