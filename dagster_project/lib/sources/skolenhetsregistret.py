"""Skolenhetsregistret v2: the register of school units; and its recorded dump of June 2020.

The register names heads of school with their e-mail and telephone. This client drops those fields before
anything is stored: the bodies handed out are re-serialised JSON, not the bytes received.
"""

from collections.abc import Iterable

from dagster_project.lib.answers import Answer
from dagster_project.lib.errors import PageLedgerError
from dagster_project.lib.http.client import ApiClient
from dagster_project.lib.sources.json_answers import at, json_object, list_at
from dagster_project.lib.sources.personal_fields import without_personal_fields
from dagster_project.lib.sources.source import Collected, Source, collect

SOURCE = Source(
    name="skolenhetsregistret",
    agency="Skolverket",
    base_url="https://api.skolverket.se/skolenhetsregistret",
    # No figure is published: five per second, as for the sister interface.
    calls=5,
    per_seconds=1.0,
    max_total=30_000,
    headers={"Accept": "application/json"},
    terms="Open data of Skolverket, free to reuse; cite Skolverket.",
)

#: raw table of each dataset
DATASETS: dict[str, str] = {"details": "register_v2", "dump_2020": "register_2020"}

DUMP_2020_FILES: tuple[str, ...] = (
    "skolenhetsregistret_2020-06-01_grundskola.csv",
    "skolenhetsregistret_2020-06-01_grundsarskola.csv",
    "skolenhetsregistret_2020-06-01_gymnasieskola.csv",
    "skolenhetsregistret_2020-06-01_gymnasiesarskola.csv",
)


class SkolenhetsregistretClient:
    """Fetches the register, without what it says about persons."""

    def __init__(self, api: ApiClient) -> None:
        self._api = api

    def school_units(
        self,
        *,
        municipality_code: str | None = None,
        status: str | None = None,
        school_type: str | None = None,
    ) -> list[Answer]:
        """The list of school units (code, name, status); one answer, the interface does not page.

        Args:
            municipality_code: four digits, or None for the whole country.
            status: ``AKTIV``, ``VILANDE``, ``UPPHORT`` or ``PLANERAD``.
            school_type: ``GR``, ``GRAN``, ``FKLASS``, ``GY``, …

        Raises:
            PageLedgerError: a unit is listed twice.
            NotThisFileError: the answer is not such a list.
            SourceUnavailableError: the source did not answer.
        """
        asked = {
            "municipality_code": municipality_code,
            "status": status,
            "school_type": school_type,
        }
        answer = self._api.get("/v2/school-units", {key: value for key, value in asked.items() if value})
        codes = codes_in(answer)
        if len(codes) != len(set(codes)):
            raise PageLedgerError(
                source=answer.address,
                rule="page_overlaps",
                message="the register lists a school unit twice",
                remedy="Fetch the list again; if it comes back, report it to Skolverket.",
            )
        return [without_personal_fields(answer)]

    def details(
        self, codes: Iterable[str], *, on: str | None = None, max_absent_share: float = 0.1
    ) -> Collected:
        """One answer per school unit code; ``on`` (``2021-03-01``) asks for the state at that day.

        Raises:
            NotThisFileError: an answer is not JSON.
            SourceUnavailableError: no answer, or more than ``max_absent_share`` of the units unknown.
        """
        params = {} if on is None else {"search_date": on}
        return collect(
            lambda code: without_personal_fields(self._api.get(f"/v2/school-units/{code}", params)),
            codes,
            source=f"{SOURCE.name} school-units/…",
            max_absent_share=max_absent_share,
        )

    def dump_2020(self) -> list[Answer]:
        """Recorded mode only: the dump of 1 June 2020 with pupils per year group, one CSV per school form.

        Raises:
            NotPublishedError: asked of the agency, which has no such address.
            SourceUnavailableError: the source did not answer.
        """
        return [self._api.get(f"/tabulated/{name}") for name in DUMP_2020_FILES]


def codes_in(list_answer: Answer) -> list[str]:
    """School unit codes of a list answer, in its order.

    Raises:
        NotThisFileError: the answer is not such a list.
    """
    units = list_at(json_object(list_answer), list_answer, "data", "attributes")
    return [str(at(unit, list_answer, "schoolUnitCode")) for unit in units]
