"""One real run of the whole job, shared by every test that looks at a release, and copies of it to damage."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from dagster_project import settings as settings_module
from dagster_project.defs.publication.audience import PUBLIC
from dagster_project.lib.release.candidate import Candidate, build_candidate
from dagster_project.lib.release.store import ReleaseStore


@dataclass(frozen=True)
class BuiltData:
    """A data directory after a run: warehouse, extracts, candidate and release ``R000001``.

    Attributes:
        data_dir: the directory.
        words: what the run said; empty for a directory that a test has made.
    """

    data_dir: Path
    words: str = ""

    @property
    def store(self) -> ReleaseStore:
        return ReleaseStore(self.data_dir)

    @property
    def warehouse(self) -> Path:
        return self.data_dir / "warehouse.duckdb"

    @property
    def folder(self) -> Path:
        """The release readers see."""
        return (self.data_dir / "current").resolve(strict=True)

    @property
    def database(self) -> Path:
        return self.folder / "equity.duckdb"

    @property
    def internal_database(self) -> Path:
        """The release for the administration."""
        return (self.data_dir / "internal" / "current").resolve(strict=True) / "equity.duckdb"

    def compiled(self, model: str) -> str:
        """The SQL that dbt ran for a model."""
        (path,) = (self.data_dir / "dbt_target" / "compiled").rglob(f"{model}.sql")
        return path.read_text(encoding="utf-8")

    def unaudited(self) -> Candidate:
        """A candidate of what the build file holds that no gate has looked at."""
        return build_candidate(
            warehouse=self.warehouse,
            schema=PUBLIC.schema,
            tables=PUBLIC.tables(),
            candidates_dir=self.store.candidates_dir,
            build_id="unaudited",
            release_id=self.store.reserve_id(),
        )

    @property
    def schemas(self) -> Mapping[str, str]:
        """Schema of every model and seed."""
        from dagster_project.defs.warehouse.dbt_project import manifest

        return {node["name"]: node["schema"] for node in manifest()["nodes"].values()}


def failure_texts(result: dg.ExecuteInProcessResult) -> str:
    """Everything a failed run says."""
    texts: Sequence[str] = [
        error.to_string()
        for event in result.all_events
        if event.is_step_failure and (error := event.step_failure_data.error) is not None
    ]
    described = [
        event.step_failure_data.user_failure_data.description or ""
        for event in result.all_events
        if event.is_step_failure and event.step_failure_data.user_failure_data is not None
    ]
    return "\n".join([*texts, *described])


Using = Callable[[Path], AbstractContextManager[BuiltData]]


@contextmanager
def _using(data_dir: Path) -> Iterator[BuiltData]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name in [name for name in os.environ if name.upper().startswith("EQUITY_")]:
            monkeypatch.delenv(name)
        monkeypatch.setitem(settings_module.Settings.model_config, "env_file", None)
        monkeypatch.setenv("EQUITY_DATA_DIR", str(data_dir))
        settings_module.load.cache_clear()
        yield BuiltData(data_dir)
    settings_module.load.cache_clear()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker makes the release, which takes minutes, and goes on with what follows on it; the others do
    what needs none until it is there.
    """

    def place(item: pytest.Item) -> int:
        group = item.get_closest_marker("xdist_group")
        if group is not None and group.args == ("equity_command",):
            return 0
        return 2 if "release" in getattr(item, "fixturenames", ()) else 1

    items.sort(key=place)


@pytest.fixture(scope="session")
def using() -> Using:
    """Makes a folder the data directory for a while, whatever the machine's own settings are."""
    return _using


@pytest.fixture(scope="session")
def definitions() -> dg.Definitions:
    """The code location, as Dagster loads it; settings are read anew by every step."""
    from dagster_project.definitions import build_defs

    return build_defs()


RunSteps = Callable[..., dg.ExecuteInProcessResult]


@pytest.fixture(scope="session")
def words_of() -> Callable[[dg.ExecuteInProcessResult], str]:
    """What a failed run says, as one text."""
    return failure_texts


@pytest.fixture(scope="session")
def run_steps(definitions: dg.Definitions) -> RunSteps:
    """Runs the daily job, or some of its assets, in this process; a failed run is returned, not raised."""

    def run(*assets: str, config: Mapping[str, Any] | None = None) -> dg.ExecuteInProcessResult:
        with dg.DagsterInstance.ephemeral() as instance:
            return definitions.resolve_job_def("daily").execute_in_process(
                instance=instance,
                raise_on_error=False,
                run_config=config,
                asset_selection=[dg.AssetKey.from_user_string(asset) for asset in assets] or None,
            )

    return run


def _without_dagster_home() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "DAGSTER_HOME"}


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory, using: Using) -> BuiltData:
    """What one `equity run` leaves behind; made once, also when several workers ask. Never change it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    data_dir, words = shared / "release_data", shared / "release_data.txt"
    with (shared / "release_data.lock").open("w") as lock, using(data_dir):
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not words.exists():
            # A process of its own, so that its logs and Dagster's storage are those of an installation.
            result = subprocess.run(
                [sys.executable, "-c", "from dagster_project.cli import main; main()", "run"],
                env={**_without_dagster_home(), "COLUMNS": "100"},
                capture_output=True,
                text=True,
                check=False,
            )
            assert result.returncode == 0, result.stdout + result.stderr
            words.write_text(result.stdout, encoding="utf-8")
    return BuiltData(data_dir, words.read_text(encoding="utf-8"))


@pytest.fixture
def release_copy(release: BuiltData, tmp_path: Path, using: Using) -> Iterator[BuiltData]:
    """A copy of everything the run left behind, this test's own to damage."""
    shutil.copytree(release.data_dir, tmp_path / "data", symlinks=True)
    with using(tmp_path / "data") as copy:
        yield copy
