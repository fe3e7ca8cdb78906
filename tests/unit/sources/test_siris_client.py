"""SIRIS reports are asked for by export id and year; a year that is not there is absent, not an error."""

import re

import pytest

from dagster_project.lib.http.errors import NotPublishedError
from dagster_project.lib.sources import siris

RECORDED_YEARS = {
    "final_grades_y9": [2025],
    "grades_y6": [2020, 2021, 2022, 2023, 2024, 2025],
    "pupils": [2020, 2021, 2022, 2023, 2024],
    "teachers": [2020, 2021, 2022, 2023, 2024],
    "national_tests_y9": [2018, 2019, 2022, 2023, 2024],
    "eligibility_y9": [2025],
    "costs_gr": [2024],
    "costs_gy": [2023],
}


@pytest.fixture
def client(recorded):
    return siris.SirisClient(recorded(siris.SOURCE))


@pytest.mark.parametrize(("dataset", "years"), RECORDED_YEARS.items(), ids=RECORDED_YEARS)
def test_the_recorded_years_come_and_the_others_are_listed_as_absent(client, dataset, years):
    found = client.available(dataset, range(2016, 2027))
    assert [int(re.search(r"pAr=(\d+)", answer.address)[1]) for answer in found.answers] == years
    assert sorted(found.absent + [str(year) for year in years]) == [str(y) for y in range(2016, 2027)]


@pytest.mark.parametrize(("dataset", "years"), RECORDED_YEARS.items(), ids=RECORDED_YEARS)
def test_what_comes_bears_the_title_and_year_of_the_report_asked_for(client, dataset, years):
    report = siris.REPORTS[dataset]
    for year in years:
        banner = [
            line.strip(";") for line in client.fetch(dataset, year).body.decode("utf-8-sig").splitlines()[:5]
        ]
        assert report.title in banner
        chosen = next(line for line in banner if line.startswith("Valt"))
        wanted = {
            "spring": f"Valt läsår: {year - 1}/{year % 100:02d}",
            "autumn": f"Valt läsår: {year}/{(year + 1) % 100:02d}",
            "calendar": f"Valt år: {year}",
        }[report.year_is]
        assert chosen == wanted


def test_the_answer_carries_the_agencys_own_address(client):
    assert client.fetch("costs_gr", 2024).address == (
        "https://siris.skolverket.se/siris/reports/export_api/runexport/"
        "?pFormat=csv&pExportID=32&pAr=2024&pKommun=&pFlikar=0"
    )


def test_a_single_year_that_is_not_published_is_told(client):
    with pytest.raises(NotPublishedError):
        client.fetch("national_tests_y9", 2020)


def test_a_service_that_has_none_of_the_years_is_not_taken_for_an_empty_report(client):
    with pytest.raises(NotPublishedError, match="2030, 2031"):
        client.available("pupils", [2030, 2031])


def test_each_report_has_its_own_id():
    ids = [report.export_id for report in siris.REPORTS.values()]
    assert len(ids) == len(set(ids))
