"""SIRIS exports ("Statistik per skolenhet"): one CSV per report and year.

Export ids belong to one level (school unit, municipality, organiser, county) of a report; a title has
several ids. Which are the school-unit ones is known from the public datasetmaker package; how far each id
is confirmed stands in :attr:`Report.confirmed_by`. A wrong id is refused when the file is read, by its banner
and header, and never mistaken for another report.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from dagster_project.lib.answers import Answer
from dagster_project.lib.http.client import ApiClient
from dagster_project.lib.http.errors import NotPublishedError
from dagster_project.lib.sources.source import Collected, Source, collect

SOURCE = Source(
    name="siris",
    agency="Skolverket",
    base_url="https://siris.skolverket.se/siris/reports/export_api",
    # No figure is published: one request per second, as the other Skolverket database asks for.
    calls=1,
    per_seconds=1.0,
    max_total=1_000,
    terms="Official statistics of Sweden, free to reuse; cite Skolverket.",
)


@dataclass(frozen=True)
class Report:
    """One SIRIS report at one level.

    Attributes:
        table: raw table that the report loads into.
        export_id: ``pExportID``.
        title: the report's title as published in 2020 or later.
        level: what a row is.
        year_is: what ``pAr`` means: the spring or autumn of the school year, or the calendar year.
        first_year: first ``pAr`` this project asks for (the layout its reader knows).
        confirmed_by: public material that connects id, title and level.
        level_confirmed: False when that material gives id and title but not the level.
    """

    table: str
    export_id: int
    title: str
    level: Literal["school_unit", "municipality"]
    year_is: Literal["spring", "autumn", "calendar"]
    first_year: int
    confirmed_by: str
    level_confirmed: bool


_TITLES_LIST = "option list recorded in the unit tests of the public siris scraper: id and title"

REPORTS: dict[str, Report] = {
    "final_grades_y9": Report(
        table="siris_final_grades_y9",
        export_id=139,
        title="Grundskola - Slutbetyg årskurs 9, samtliga elever",
        level="school_unit",
        year_is="spring",
        first_year=2017,
        confirmed_by="moggleif/politik scripts/hamta_grundskolor.py: id, title, level, year",
        level_confirmed=True,
    ),
    "grades_y6": Report(
        table="siris_grades_y6",
        export_id=87,
        title="Grundskola - Betyg årskurs 6, andel som fått godkänt betyg (A-E), samtliga elever",
        level="municipality",
        year_is="spring",
        first_year=2020,
        confirmed_by=f"{_TITLES_LIST} (87, 143, 174; 143 is the school-unit level)",
        level_confirmed=False,
    ),
    "pupils": Report(
        table="siris_pupils",
        export_id=23,
        title="Grundskola - Antal elever per årskurs",
        level="municipality",
        year_is="autumn",
        first_year=2020,
        confirmed_by=f"{_TITLES_LIST} (6, 23, 146; 6 is the school-unit level)",
        level_confirmed=False,
    ),
    "teachers": Report(
        table="siris_teachers",
        export_id=99,
        title="Grundskola - Personalstatistik med lärarlegitimation och behörighet",
        level="municipality",
        year_is="autumn",
        first_year=2020,
        confirmed_by=f"{_TITLES_LIST}, title then ended 'i minst ett ämne' (99, 101, 177, 254; 101 is the "
        "school-unit level)",
        level_confirmed=False,
    ),
    "national_tests_y9": Report(
        table="siris_national_tests_y9",
        export_id=197,
        title="Grundskola - Resultat nationella prov årskurs 9, provbetyg per kön - Engelska, Matematik och "
        "Svenska/svenska som andraspråk",
        level="municipality",
        year_is="spring",
        first_year=2018,
        confirmed_by=f"{_TITLES_LIST} (196, 197, 198; 196 is the school-unit level)",
        level_confirmed=False,
    ),
    "eligibility_y9": Report(
        table="siris_eligibility_y9",
        export_id=155,
        title="Grundskola - Behörighet till gymnasieskolan, fr.o.m. 2011",
        level="municipality",
        year_is="spring",
        first_year=2020,
        confirmed_by=f"{_TITLES_LIST} (5, 53, 155; 5 is the school-unit level; 53 is to be tried if 155 is "
        "refused)",
        level_confirmed=False,
    ),
    "costs_gr": Report(
        table="siris_costs",
        export_id=32,
        title="Grundskola - Kostnader per kommun",
        level="municipality",
        year_is="calendar",
        first_year=2013,
        confirmed_by="moggleif/politik scripts/hamta_kostnader.py: id, title, level, year",
        level_confirmed=True,
    ),
    "costs_gy": Report(
        table="siris_costs",
        export_id=34,
        title="Gymnasieskola - Kostnader per kommun",
        level="municipality",
        year_is="calendar",
        first_year=2013,
        confirmed_by="nothing public for upper secondary school; 'Kostnader per kommun' exists as 32 "
        "(compulsory school), 38 (fritidshem: jplusplus/skolstatistik datasets.csv), 40, 34, 37 and 45",
        level_confirmed=False,
    ),
}


class SirisClient:
    """Fetches SIRIS reports; one answer is one CSV file of one report and year, for the whole country."""

    def __init__(self, api: ApiClient) -> None:
        self._api = api

    def fetch(self, dataset: str, year: int) -> Answer:
        """The CSV of ``dataset`` (a key of :data:`REPORTS`) for ``year`` (see :attr:`Report.year_is`).

        An HTML page sent with status 200 is passed on; the reader refuses it.

        Raises:
            KeyError: no such dataset.
            NotPublishedError: that year is not published.
            SourceUnavailableError: the source did not answer.
        """
        return self._api.get_or_kept(
            "/runexport/",
            {
                "pFormat": "csv",
                "pExportID": REPORTS[dataset].export_id,
                "pAr": year,
                "pKommun": "",
                "pFlikar": 0,
            },
        )

    def available(self, dataset: str, years: Iterable[int]) -> Collected:
        """The CSV of each of ``years`` that is published; the others are listed as absent.

        Raises:
            KeyError: no such dataset.
            NotPublishedError: none of the years is published; when several were asked for, the export service
                has probably moved.
            SourceUnavailableError: the source did not answer.
        """
        found = collect(
            lambda year: self.fetch(dataset, int(year)),
            [str(year) for year in years],
            source=f"{SOURCE.name} {dataset}",
            max_absent_share=1.0,
        )
        if not found.answers:
            raise NotPublishedError(
                source=f"{SOURCE.name} {dataset}",
                rule="not_published",
                message=f"none of the years asked for is published ({', '.join(found.absent)})",
                remedy="If they were published before, open the export in a browser: it may have moved.",
            )
        return found
