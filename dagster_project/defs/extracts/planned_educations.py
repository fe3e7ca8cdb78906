"""Planned Educations v4: unit list and details, statistics per unit, SALSA and Skolenkäten."""

import csv
from collections.abc import Iterator
from functools import partial

from dagster_project.defs.extracts.dataset import Dataset, Delivery, one_by_one, one_period
from dagster_project.defs.extracts.session import Session
from dagster_project.lib.answers import Answer
from dagster_project.lib.sources import planned_educations as source
from dagster_project.lib.sources.source import Collected
from dagster_project.settings import PROJECT_ROOT

STATISTICS_FORMS: tuple[source.StatisticsForm, ...] = ("gr", "fsk", "gran", "gy", "gyan")
SURVEYED: tuple[source.Respondent, ...] = ("pupilsgr", "custodiansgr")


def _client(session: Session) -> source.PlannedEducationsClient:
    return source.PlannedEducationsClient(session.api(source.SOURCE))


def _all_municipalities() -> list[str]:
    with (PROJECT_ROOT / "seeds" / "reference" / "ref_municipalities.csv").open(encoding="utf-8") as file:
        return [row["municipality_code"] for row in csv.DictReader(file, delimiter=";")]


def _unit_list(session: Session, form: source.StatisticsForm = "gr") -> list[Answer]:
    client = _client(session)
    if session.is_live:
        return client.school_units(_all_municipalities(), source.UnitListQuery(form))
    return client.school_units(source.RECORDED_AREA_CODES, source.RECORDED_QUERY)


def _fetch_units(session: Session) -> Iterator[Delivery]:
    yield one_period("all", partial(_unit_list, session))


def _fetch_details(session: Session) -> Iterator[Delivery]:
    yield one_by_one(
        "all",
        source.SOURCE.name,
        lambda: _client(session).details(source.codes_in(_unit_list(session))),
    )


def _recorded_codes(session: Session) -> list[str]:
    path = (
        session.settings.sample_data_dir / "skolverket" / "planned_educations" / "units_with_statistics.csv"
    )
    with path.open(encoding="utf-8") as file:
        return [row["unit_code"] for row in csv.DictReader(file)]


def _statistics(session: Session, form: source.StatisticsForm) -> Collected:
    codes = source.codes_in(_unit_list(session, form)) if session.is_live else _recorded_codes(session)
    return _client(session).statistics(form, codes)


def _fetch_statistics(session: Session) -> Iterator[Delivery]:
    for form in STATISTICS_FORMS if session.is_live else STATISTICS_FORMS[:1]:
        yield one_by_one(form, source.SOURCE.name, partial(_statistics, session, form))


def _fetch_salsa(session: Session) -> Iterator[Delivery]:
    yield one_period("all", _client(session).salsa)


def _fetch_surveys(session: Session) -> Iterator[Delivery]:
    client = _client(session)
    if not session.is_live:
        yield one_period("all", client.tabulated_surveys)
        return
    for respondent in SURVEYED:
        yield one_by_one(
            respondent,
            source.SOURCE.name,
            lambda respondent=respondent: client.nested_surveys(  # type: ignore[misc]
                respondent, source.codes_in(_unit_list(session))
            ),
        )


DATASETS = [
    Dataset(
        source.SOURCE.name,
        "school_units",
        "pe_school_units",
        "School units with municipality, organiser and year groups, from the list pages.",
        _fetch_units,
    ),
    Dataset(
        source.SOURCE.name,
        "school_unit_details",
        "pe_school_unit_details",
        "Position and organiser per school unit; contact data is never stored.",
        _fetch_details,
    ),
    Dataset(
        source.SOURCE.name,
        "statistics",
        "pe_statistics",
        "Staffing and results per school unit, five school years.",
        _fetch_statistics,
    ),
    Dataset(
        source.SOURCE.name,
        "salsa",
        "pe_salsa",
        "SALSA: actual, model-expected and deviation per school unit, as published.",
        _fetch_salsa,
    ),
    Dataset(
        source.SOURCE.name,
        "survey",
        "pe_survey",
        "Skolenkäten: indices per school unit and respondent.",
        _fetch_surveys,
    ),
]
