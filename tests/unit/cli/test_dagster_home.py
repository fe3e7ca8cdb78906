"""The Dagster home that command and UI share."""

import shutil
from pathlib import Path

import dagster as dg
import pytest
from dagster._cli.utils import get_possibly_temporary_instance_for_cli

from dagster_project import settings
from dagster_project.commands import installation
from dagster_project.lib.errors import SettingsError


@dg.job
def _nothing():
    """A job without steps."""


def test_dagster_accepts_our_file_one_run_one_writer_and_no_telemetry(data_dir: Path):
    home = installation.prepare_dagster_home(settings.load())

    assert home == data_dir / "dagster_home"
    with dg.DagsterInstance.get() as instance:
        assert instance.root_directory == str(home)
        assert not instance.telemetry_enabled
        assert instance.run_monitoring_enabled
        assert instance.run_monitoring_settings["free_slots_after_run_end_seconds"] == 10
        concurrency = instance.get_concurrency_config()
        assert concurrency.pool_config.default_pool_limit == 1
        assert concurrency.run_queue_config is not None
        assert concurrency.run_queue_config.max_concurrent_runs == 1


def test_our_file_is_renewed_and_the_operator_s_own_is_left_alone(data_dir: Path):
    file = installation.prepare_dagster_home(settings.load()) / "dagster.yaml"
    ours = file.read_text()

    file.write_text(f"{ours.splitlines()[0]}\n")
    installation.prepare_dagster_home(settings.load())
    assert file.read_text() == ours

    file.write_text("telemetry: {enabled: false}\n")
    installation.prepare_dagster_home(settings.load())
    assert file.read_text() == "telemetry: {enabled: false}\n"


def test_a_home_the_operator_has_set_is_used(data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "elsewhere"))

    assert installation.prepare_dagster_home(settings.load()) == tmp_path / "elsewhere"
    assert (tmp_path / "elsewhere" / "dagster.yaml").is_file()
    assert not data_dir.exists()


def test_a_relative_home_is_refused(data_dir: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DAGSTER_HOME", "elsewhere")

    with pytest.raises(SettingsError, match="absolute path"):
        installation.prepare_dagster_home(settings.load())


def test_dagster_dev_without_a_home_keeps_its_runs_where_equity_looks(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    started_in = data_dir.parent
    shutil.copy(settings.PROJECT_ROOT / "dagster.yaml", started_in)
    monkeypatch.chdir(started_in)

    # What `dagster dev` and `dg dev` open in the folder they are started in.
    with get_possibly_temporary_instance_for_cli("dagster dev") as instance:
        assert not instance.telemetry_enabled
        run = instance.create_run_for_job(_nothing)
        instance.report_engine_event("seen by both", run)

    installation.prepare_dagster_home(settings.load())
    with dg.DagsterInstance.get() as instance:
        assert [found.run_id for found in instance.get_runs()] == [run.run_id]
        assert [entry.message for entry in instance.all_logs(run.run_id)] == ["seen by both"]
