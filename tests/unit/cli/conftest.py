"""The command on a data directory of its own; releases are the small ones of the release store's tests."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from dagster_project import settings
from dagster_project.cli import app
from dagster_project.lib.release.publish import PublishOptions, publish
from dagster_project.lib.release.store import ReleaseStore

sys.path.append(str(Path(__file__).parent.parent / "release"))

from release_kit import KEYS, PARTS, audited

Equity = Callable[..., Result]


@pytest.fixture(scope="session")
def _published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("published")
    for number in (1, 2):
        candidate = audited(folder, f"b{number}", version=number)
        publish(ReleaseStore(folder), candidate, PARTS, PublishOptions(key_columns=KEYS))
    return folder


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty data directory that the settings point to."""
    folder = tmp_path / "data"
    monkeypatch.setenv("EQUITY_DATA_DIR", str(folder))
    # Set and removed again, so that what the command itself puts there is taken back after the test.
    for name in ("DAGSTER_HOME", "DAGSTER_DISABLE_TELEMETRY", "EQUITY_MODE", "EQUITY_MUNICIPALITY"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    yield folder
    settings.load.cache_clear()


@pytest.fixture
def two_releases(data_dir: Path, _published: Path) -> ReleaseStore:
    """R000001 and R000002, the second one current."""
    shutil.copytree(_published, data_dir, symlinks=True)
    return ReleaseStore(data_dir)


@pytest.fixture
def equity(data_dir: Path) -> Equity:
    """Call the command in this process; an exception that it raises is raised here."""

    def call(*arguments: str) -> Result:
        return CliRunner().invoke(app, list(arguments), catch_exceptions=False)

    return call


@pytest.fixture
def equity_process(data_dir: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Call the command in a process of its own, as a person does."""

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        program = "from dagster_project.cli import main; main()"
        return subprocess.run(
            [sys.executable, "-c", program, *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return call


@pytest.fixture
def holder(data_dir: Path) -> Iterator[Callable[[Path], int]]:
    """Let another process hold a DuckDB file open for writing; returns its pid."""
    program = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    )
    held: list[subprocess.Popen[str]] = []

    def hold(path: Path) -> int:
        path.parent.mkdir(parents=True, exist_ok=True)
        process = subprocess.Popen(
            [sys.executable, "-c", program, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        held.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        return process.pid

    yield hold
    for process in held:
        process.communicate(timeout=30)
