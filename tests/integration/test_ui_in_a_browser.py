"""The Dagster UI in a real browser: the asset graph shows every layer, without a sign-up window in front."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("ui")]

LAYERS = (
    "extracts",
    "own_data",
    "restricted",
    "seeds",
    "staging",
    "intermediate",
    "marts",
    "indicators",
    "published",
    "quality",
)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def ui(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of `equity ui` on an empty data directory."""
    port = _free_port()
    log = tmp_path_factory.mktemp("ui") / "ui.log"
    environment = {**os.environ, "EQUITY_DATA_DIR": str(tmp_path_factory.mktemp("data"))}
    environment.pop("DAGSTER_HOME", None)
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", "from dagster_project.cli import main; main()", "ui", "--port", str(port)],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(180):
            assert process.poll() is None, log.read_text()
            try:
                with urllib.request.urlopen(f"{address}/server_info", timeout=5):
                    break
            except (urllib.error.URLError, TimeoutError):
                time.sleep(1)
        else:
            pytest.fail(f"the UI did not answer:\n{log.read_text()}")
        yield address
    finally:
        # The UI is a family of processes in a session of their own, all started here.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _rendered(address: str, profile: Path) -> str:
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert browser is not None
    result = subprocess.run(
        [
            browser,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            f"--user-data-dir={profile}",
            # Of a long list only what fits the window is in the page.
            "--window-size=1600,8000",
            "--virtual-time-budget=60000",
            "--dump-dom",
            address,
        ],
        capture_output=True,
        text=True,
        timeout=180,
        check=True,
    )
    return result.stdout


def test_the_asset_graph_shows_every_layer(ui: str, tmp_path: Path) -> None:
    page = _rendered(f"{ui}/asset-groups/", tmp_path)
    missing = [layer for layer in (*LAYERS, "publication") if layer not in page]
    assert not missing, f"not on the page: {missing}"
    assert "Join the Dagster community" not in page


def test_the_candidate_shows_one_check_per_suite(ui: str, tmp_path: Path) -> None:
    page = _rendered(f"{ui}/assets/candidate?view=checks", tmp_path)
    assert "expectations_pub_indicators" in page
    assert "expectations_dq_extract_accounting" in page
    assert "expectations_fct_unit_results" in page
