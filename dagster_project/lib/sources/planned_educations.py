"""Skolverket's Planned Educations API v4: school units, their statistics, SALSA and Skolenkäten.

The interface silently ignores query parameters it does not know and then lists the whole country; the
parameter names here are those it obeys.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from dagster_project.lib.answers import Answer
from dagster_project.lib.errors import NotThisFileError
from dagster_project.lib.http.client import ApiClient
from dagster_project.lib.http.ledger import PageLedger
from dagster_project.lib.sources.json_answers import at, json_object, list_at
from dagster_project.lib.sources.personal_fields import without_personal_fields
from dagster_project.lib.sources.source import Collected, Source, collect

SOURCE = Source(
    name="planned_educations",
    agency="Skolverket",
    base_url="https://api.skolverket.se/planned-educations",
    # No figure is published: five per second, as public clients of this interface do.
    calls=5,
    per_seconds=1.0,
    max_total=30_000,
    headers={"Accept": "application/vnd.skolverket.plannededucations.api.v4.hal+json"},
    terms="Open data of Skolverket, free to reuse; cite Skolverket.",
)

StatisticsForm = Literal["fsk", "gr", "gran", "gy", "gyan"]
Respondent = Literal["custodiansfsk", "custodiansgr", "custodiansgran", "pupilsgr", "pupilsgy"]

#: raw table of each dataset
DATASETS: dict[str, str] = {
    "school_units": "pe_school_units",
    "details": "pe_school_unit_details",
    "statistics": "pe_statistics",
    "salsa": "pe_salsa",
    "nested_surveys": "pe_survey",
}


@dataclass(frozen=True)
class UnitListQuery:
    """Which school units one list asks for, apart from the municipality.

    Attributes:
        type_of_schooling: school form (``gr``, ``gy``, …).
        school_years: only units with this year group, or None for all.
        size: units per page; the interface answers 404 above 100.
    """

    type_of_schooling: StatisticsForm
    school_years: str | None = None
    size: int = 100

    def params(self, area_code: str, page: int) -> dict[str, str | int]:
        """Query of one page for one municipality."""
        params: dict[str, str | int] = {
            "page": page,
            "size": self.size,
            "geographicalAreaCode": area_code,
            "typeOfSchooling": self.type_of_schooling,
        }
        if self.school_years is not None:
            params["schoolYears"] = self.school_years
        params["coordinateSystemType"] = "WGS84"
        return params


#: All compulsory-school units of a municipality.
LIVE_QUERY = UnitListQuery("gr")
#: What the bundled recording was asked with: units with year 9 in Stockholm county.
RECORDED_QUERY = UnitListQuery("gr", school_years="9", size=50)
# fmt: off
RECORDED_AREA_CODES: tuple[str, ...] = (
    "0114", "0115", "0117", "0120", "0123", "0125", "0126", "0127", "0128", "0136", "0138", "0139", "0140",
    "0160", "0162", "0163", "0180", "0181", "0182", "0183", "0184", "0186", "0187", "0188", "0191", "0192",
)
# fmt: on


class PlannedEducationsClient:
    """Fetches Planned Educations answers, bytes as received unless said otherwise."""

    def __init__(self, api: ApiClient) -> None:
        self._api = api

    def school_units(self, area_codes: Iterable[str], query: UnitListQuery = LIVE_QUERY) -> list[Answer]:
        """All list pages for the municipalities ``area_codes`` (four digits each).

        Raises:
            PageLedgerError: the pages of a municipality do not add up to what the source announces.
            NotThisFileError: an answer is not such a page, or lists another municipality's units.
            SourceUnavailableError: the source did not answer.
        """
        return [page for area_code in area_codes for page in self._area(area_code, query)]

    def details(self, codes: Iterable[str], *, max_absent_share: float = 0.1) -> Collected:
        """One answer per school unit code: address, co-ordinates, organiser.

        E-mail and telephone are dropped: these bodies are re-serialised, not the bytes received.

        Raises:
            NotThisFileError: an answer is not JSON.
            SourceUnavailableError: no answer, or more than ``max_absent_share`` of the units unknown.
        """
        found = self._per_unit(codes, "", max_absent_share)
        return Collected([without_personal_fields(answer) for answer in found.answers], found.absent)

    def statistics(
        self, form: StatisticsForm, codes: Iterable[str], *, max_absent_share: float = 0.1
    ) -> Collected:
        """One answer per school unit code with five years of measures for school form ``form``.

        A unit without statistics (404) is listed as absent.

        Raises:
            SourceUnavailableError: no answer, or more than ``max_absent_share`` of the units absent.
        """
        return self._per_unit(codes, f"/statistics/{form}", max_absent_share)

    def nested_surveys(
        self, respondent: Respondent, codes: Iterable[str], *, max_absent_share: float = 0.9
    ) -> Collected:
        """One answer per school unit code with Skolenkäten's results for ``respondent``.

        Half of the units are surveyed each year and small ones are not shown, so that most may be absent.

        Raises:
            SourceUnavailableError: no answer, or more than ``max_absent_share`` of the units absent.
        """
        return self._per_unit(codes, f"/nestedsurveys/{respondent}", max_absent_share)

    def salsa(self) -> list[Answer]:
        """SALSA for all units of the latest year, one answer (recorded: the same values as CSV).

        Raises:
            SourceUnavailableError: the source did not answer.
        """
        return [self._api.get_or_kept("/v4/statistics/all-schools/salsa")]

    def tabulated_surveys(self) -> list[Answer]:
        """Recorded mode only: Skolenkäten's indices per unit, tabulated from this interface as CSV.

        Raises:
            NotPublishedError: asked of the agency, which has no such address.
            SourceUnavailableError: the source did not answer.
        """
        return [self._api.get_or_kept("/v4/tabulated/nestedsurveys.csv")]

    def _area(self, area_code: str, query: UnitListQuery) -> list[Answer]:
        pages: list[Answer] = []
        ledger = PageLedger(f"{SOURCE.name} school-units {area_code}", page_size=query.size)
        page_number, announced = 0, 1
        while page_number < announced:
            answer = self._api.get("/v4/school-units", query.params(area_code, page_number))
            body = at(json_object(answer), answer, "body")
            announced = _whole_number(body, answer, "totalPages")
            _check_area(body, answer, area_code)
            ledger.record(
                _whole_number(body, answer, "number"),
                _codes_on(body, answer),
                total=_whole_number(body, answer, "totalElements"),
                pages=announced,
            )
            pages.append(answer)
            page_number += 1
        ledger.finish()
        return pages

    def _per_unit(self, codes: Iterable[str], below: str, max_absent_share: float) -> Collected:
        return collect(
            lambda code: self._api.get(f"/v4/school-units/{code}{below}"),
            codes,
            source=f"{SOURCE.name} school-units/…{below}",
            max_absent_share=max_absent_share,
        )


def codes_in(list_pages: Sequence[Answer]) -> list[str]:
    """School unit codes on list pages, sorted, each once.

    Raises:
        NotThisFileError: an answer is not a list page.
    """
    codes: set[str] = set()
    for answer in list_pages:
        codes.update(_codes_on(at(json_object(answer), answer, "body"), answer))
    return sorted(codes)


def _units_on(body: object, answer: Answer) -> list[Any]:
    # An area without units has no `_embedded` at all.
    if _whole_number(body, answer, "totalElements") == 0:
        return []
    return list_at(body, answer, "_embedded", "listedSchoolUnits")


def _codes_on(body: object, answer: Answer) -> list[str]:
    return [str(at(unit, answer, "code")) for unit in _units_on(body, answer)]


def _check_area(body: object, answer: Answer, area_code: str) -> None:
    # A parameter that the interface no longer knows is ignored: it then lists the whole country every time.
    areas = {unit.get("geographicalAreaCode") for unit in _units_on(body, answer) if isinstance(unit, dict)}
    if areas - {area_code, None}:
        raise NotThisFileError(
            source=answer.address,
            rule="other_municipality",
            message=f"the list for municipality {area_code} names units of other municipalities",
            remedy="Compare the query's parameter names with the interface's description.",
        )


def _whole_number(body: object, answer: Answer, key: str) -> int:
    value = at(body, answer, "page", key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise NotThisFileError(
            source=answer.address,
            rule="unexpected_shape",
            message=f"'page.{key}' is not a whole number",
            remedy="Compare the answer with the interface's description; it may have a new version.",
        )
    return value
