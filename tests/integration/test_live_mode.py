"""Live mode without the internet: the same clients and assets, with the agencies on this machine."""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import replace

import agencies
import pytest
from hostile_server import HostileServer, Reply
from recording import BUNDLED

from dagster_project.defs.extracts import kolada as kolada_datasets
from dagster_project.defs.extracts import planned_educations as planned_educations_datasets
from dagster_project.defs.extracts.catalogue import DATASETS
from dagster_project.defs.extracts.load import fetch_and_load
from dagster_project.defs.extracts.session import open_session
from dagster_project.lib.raw_tables import LoadReport
from dagster_project.lib.sources import (
    kolada,
    planned_educations,
    scb,
    siris,
    skolenhetsregistret,
    underlag_for_analys,
)
from dagster_project.lib.warehouse import open_warehouse
from dagster_project.settings import load

SOURCES = (siris, underlag_for_analys, planned_educations, skolenhetsregistret, kolada, scb)
CONTACT = "data@kommunen.example"


@pytest.fixture(autouse=True)
def _one_municipality_one_year_at_full_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planned_educations_datasets, "_all_municipalities", lambda: [agencies.MUNICIPALITY])
    monkeypatch.setattr(planned_educations_datasets, "STATISTICS_FORMS", ("gr",))
    monkeypatch.setattr(planned_educations_datasets, "SURVEYED", ("pupilsgr",))
    monkeypatch.setattr(kolada_datasets, "YEARS_BACK", 0)
    for module in SOURCES:
        monkeypatch.setattr(module, "SOURCE", replace(module.SOURCE, calls=1_000_000))


@pytest.fixture
def live() -> Iterator[agencies.Agencies]:
    with agencies.running() as running:
        yield running


@pytest.fixture
def installation(tmp_path, using, monkeypatch) -> Iterator[Callable[[dict[str, str]], None]]:
    """Sets up a live installation whose sources lie at the addresses given, by the environment alone."""
    with using(tmp_path / "data"):

        def set_up(addresses: dict[str, str]) -> None:
            monkeypatch.setenv("EQUITY_MODE", "live")
            monkeypatch.setenv("EQUITY_CONTACT", CONTACT)
            monkeypatch.setenv("EQUITY_SOURCE_ADDRESSES", json.dumps(addresses))
            load.cache_clear()

        yield set_up


def fetch(source: str, name: str) -> tuple[list[LoadReport], list[tuple[str, ...]]]:
    """Fetch and load one dataset as the settings say; the reports, and what stands in its raw table."""
    (dataset,) = [dataset for dataset in DATASETS if (dataset.source, dataset.name) == (source, name)]
    settings = load()
    with (
        open_session(settings) as session,
        open_warehouse(settings.warehouse_path, memory_limit="500MB", threads=1) as connection,
    ):
        reports = list(fetch_and_load(dataset, session, connection))
        rows = connection.execute(f'from raw."{dataset.raw_table}" order by all').fetchall()
    return reports, rows


LIVE_DATASETS = [
    (dataset.source, dataset.name)
    for dataset in DATASETS
    if dataset.source in agencies.INTERFACES and dataset.name != "units_2020"
]


@pytest.mark.parametrize(("source", "name"), LIVE_DATASETS)
def test_every_source_is_asked_where_the_settings_say_and_told_who_asks(installation, live, source, name):
    installation(live.addresses())
    reports, rows = fetch(source, name)
    assert [report.problem for report in reports] == [None]
    assert len(rows) == reports[0].loaded > 0
    (module,) = [module for module in SOURCES if source == module.SOURCE.name]
    # What is kept and shown is the agency's address, whoever stood in for it.
    assert reports[0].extract is not None
    assert reports[0].extract.address.startswith(module.SOURCE.base_url)
    assert {headers["User-Agent"] for headers in live.headers_seen} == {
        f"education-equity-warehouse/0.1 ({CONTACT})"
    }
    for header, value in module.SOURCE.headers.items():
        assert all(headers[header] == value for headers in live.headers_seen)


def address_of(year: int) -> str:
    return f"/siris/runexport/?pFormat=csv&pExportID=87&pAr={year}&pKommun=&pFlikar=0"


def grades_of(year: int) -> bytes:
    return (BUNDLED / f"skolverket/siris/betyg_ak6_{year}_kommun.csv").read_bytes()


def test_live_and_recorded_read_the_same_rows(installation, tmp_path, monkeypatch):
    script = {address_of(year): [Reply(body=grades_of(year))] for year in range(2020, 2026)}
    with HostileServer(script) as agency:
        installation({"siris": f"{agency.url}/siris"})
        live_reports, live_rows = fetch("siris", "grades_y6")
    monkeypatch.setenv("EQUITY_MODE", "recorded")
    monkeypatch.setenv("EQUITY_DATA_DIR", str(tmp_path / "recorded"))
    load.cache_clear()
    recorded_reports, recorded_rows = fetch("siris", "grades_y6")
    assert live_rows == recorded_rows
    assert [replace(report, extract=None) for report in live_reports] == [
        replace(report, extract=None) for report in recorded_reports
    ]


def test_a_file_that_has_not_changed_is_not_transferred_again(installation):
    whole = Reply(body=grades_of(2025), headers={"ETag": '"1"'})
    corrected = Reply(body=grades_of(2025).replace(b";445;", b";446;", 1), headers={"ETag": '"2"'})
    script = {address_of(2025): [whole, Reply(304, body=b""), corrected]}
    with HostileServer(script) as agency:
        installation({"siris": f"{agency.url}/siris"})
        (first,), rows = fetch("siris", "grades_y6")
        (second,), rows_after = fetch("siris", "grades_y6")
        assert (first.unchanged, second.unchanged) == (False, True)
        assert rows == rows_after
        (third,), corrected_rows = fetch("siris", "grades_y6")
        assert not third.unchanged
        assert len(corrected_rows) == len(rows)
        assert corrected_rows != rows
        named = [h["If-None-Match"] for h in agency.headers_seen if "If-None-Match" in h]
    assert named == ['"1"', '"1"']


def test_kolada_is_asked_for_all_values_again_only_when_some_have_changed(installation, live):
    installation(live.addresses())
    _, rows = fetch("kolada", "municipality_data")
    asked = len(live.questions)
    assert asked > 10

    live.has_changed = False
    (second,), same_rows = fetch("kolada", "municipality_data")
    assert (second.unchanged, same_rows) == (True, rows)
    questions = live.questions[asked:]
    assert len(questions) == 2
    yesterday = (dt.datetime.now(dt.UTC) - dt.timedelta(days=1)).date().isoformat()
    assert all(f"from_date={yesterday}" in question for question in questions)

    live.has_changed = True
    asked = len(live.questions)
    (third,), _ = fetch("kolada", "municipality_data")
    assert third.problem is None
    assert len(live.questions) - asked > 10


def test_a_version_whose_bytes_are_gone_is_asked_for_whole(installation):
    with HostileServer({address_of(2025): [Reply(body=grades_of(2025), headers={"ETag": '"1"'})]}) as agency:
        installation({"siris": f"{agency.url}/siris"})
        (first,), _ = fetch("siris", "grades_y6")
        (load().raw_dir / first.extract.path).unlink()
        (second,), _ = fetch("siris", "grades_y6")
        assert second.problem is None
        assert not any("If-None-Match" in headers for headers in agency.headers_seen)


def test_a_run_that_asks_too_much_of_a_source_stops_and_says_so(installation, live, monkeypatch):
    monkeypatch.setattr(
        planned_educations, "SOURCE", replace(planned_educations.SOURCE, calls=1_000_000, max_total=5)
    )
    installation(live.addresses())
    (report,), rows = fetch("planned_educations", "school_unit_details")
    assert "rule request_budget" in report.problem
    assert "all its 5 requests" in report.problem
    assert rows == []
    assert len(live.headers_seen) == 5


def test_an_extract_asset_runs_live(installation, live, run_steps, words_of):
    installation(live.addresses())
    result = run_steps("kolada/kolada_kpis")
    assert result.success, words_of(result)
    (made,) = result.get_asset_materialization_events()
    metadata = made.materialization.metadata
    assert "left_out" not in metadata
    assert metadata["dagster/row_count"].value > 20
