"""`equity doctor`: every fault it knows is found, with a remedy."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from release_kit import lose
from typer.testing import Result

from dagster_project import settings
from dagster_project.commands import doctor, installation, reachability
from dagster_project.lib.release.store import ReleaseStore
from dagster_project.settings import SOURCE_NAMES

Equity = Callable[..., Result]


def test_a_sound_installation_has_nothing_to_mend(equity: Equity, two_releases: ReleaseStore):
    installation.prepare_dagster_home(settings.load())

    result = equity("doctor")

    assert result.exit_code == 0
    assert "fail" not in result.stdout
    for sentence in (
        "Python 3.",
        "great-expectations 1.24",
        "Mode recorded, municipality 0380",
        "can be written to",
        "GB free",
        "Release R000002 is current and every file of it is as published.",
        "its dagster.yaml is ours, telemetry is off",
        "No run is at work.",
        "dbt's usage statistics are off.",
    ):
        assert sentence in result.stdout


def test_before_the_first_run_there_is_nothing_to_mend(equity: Equity, data_dir: Path):
    assert equity("doctor").exit_code == 0
    assert not data_dir.exists()


def test_a_current_that_leads_nowhere_fails_the_doctor(equity: Equity, two_releases: ReleaseStore):
    lose(two_releases, "R000002")

    result = equity("doctor")

    assert result.exit_code == 1
    assert "fail current leads to R000002" in result.stdout
    assert "`equity releases rollback`" in result.stdout


def test_a_release_changed_on_disk_fails(two_releases: ReleaseStore):
    file = two_releases.get("R000002").folder / "csv" / "pub_unit_results.csv"
    file.chmod(0o600)
    file.write_text("changed")

    finding = doctor.current_release(two_releases)

    assert finding.grade == "fail"
    assert "pub_unit_results.csv" in finding.sentence


def test_the_holder_of_the_build_file_is_named(data_dir: Path, holder: Callable[[Path], int]):
    pid = holder(data_dir / "warehouse.duckdb")

    finding = doctor.build_file(data_dir / "warehouse.duckdb")

    assert finding.grade == "warn"
    assert f"process {pid} (" in finding.sentence


def test_telemetry_left_on_fails(tmp_path: Path, data_dir: Path):
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: true}\n")
    (tmp_path / "dbt_project.yml").write_text("name: x\n")

    assert doctor.dagster_home(tmp_path).grade == "fail"
    assert doctor.dbt_telemetry(tmp_path / "dbt_project.yml").grade == "fail"


def test_a_data_folder_that_is_a_file_fails(tmp_path: Path):
    (tmp_path / "data").write_text("")

    assert doctor.data_folder(tmp_path / "data").grade == "fail"


def test_a_full_disk_is_told_from_a_filling_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    assert doctor.disk(tmp_path / "data").grade in {"ok", "warn", "fail"}

    monkeypatch.setattr(doctor, "_GIGABYTES_WANTED", 10**9)
    monkeypatch.setattr(doctor, "_GIGABYTES_NEEDED", 0)
    assert doctor.disk(tmp_path).grade == "warn"

    monkeypatch.setattr(doctor, "_GIGABYTES_NEEDED", 10**9)
    assert doctor.disk(tmp_path).grade == "fail"


def test_an_unknown_municipality_fails(equity: Equity, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("EQUITY_MUNICIPALITY", "9999")

    result = equity("doctor")

    assert result.exit_code == 1
    assert "No municipality has the code 9999." in result.stdout


@pytest.fixture
def answering() -> Iterator[Callable[[int], str]]:
    """Start a server on the loopback that answers with one status; returns its address."""
    servers: list[HTTPServer] = []

    def start(status: int) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(("status", "failure"), [(200, None), (404, None), (503, "HTTP status 503")])
def test_a_source_is_reached_when_it_answers_at_all(
    answering: Callable[[int], str], status: int, failure: str | None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    assert reachability.why_unreachable(answering(status)) == failure


def test_a_source_behind_a_closed_port_is_not_reached(
    answering: Callable[[int], str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    # A port that is bound but not listening: nobody else can take it meanwhile.
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler, bind_and_activate=False) as silent:
        silent.server_bind()

        failure = reachability.why_unreachable(f"http://127.0.0.1:{silent.socket.getsockname()[1]}")

    assert failure is not None
    assert "refused" in failure


def test_a_gateway_is_looked_for_in_the_place_of_the_agencies(
    equity: Equity, answering: Callable[[int], str], monkeypatch: pytest.MonkeyPatch
):
    gateway = answering(404)
    monkeypatch.setenv("EQUITY_MODE", "live")
    monkeypatch.setenv("EQUITY_SOURCE_ADDRESSES", json.dumps(dict.fromkeys(SOURCE_NAMES, gateway)))

    result = equity("doctor")

    assert result.exit_code == 0
    assert result.stdout.count(f"answers ({gateway})") == len(SOURCE_NAMES)
    assert "Set EQUITY_CONTACT" in result.stdout
