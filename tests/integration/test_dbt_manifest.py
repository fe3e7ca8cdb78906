"""dbt's manifest: there without a warehouse, made anew when a file has changed and not else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dagster_project.cli import app
from dagster_project.defs.warehouse import dbt_project
from dagster_project.defs.warehouse.dbt_project import DbtParseError
from tests import small_dbt_project


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A dbt project of one model, in the place of ours."""
    small_dbt_project.project(tmp_path, "version: 2")
    (tmp_path / "models" / "one.sql").write_text("select 1 as a")
    monkeypatch.setattr(dbt_project, "PROJECT_ROOT", tmp_path)
    monkeypatch.setattr(dbt_project, "DBT_PROJECT_DIR", tmp_path)
    monkeypatch.setattr(dbt_project, "TARGET_DIR", tmp_path / "target")
    monkeypatch.setattr(dbt_project, "MANIFEST_PATH", tmp_path / "target" / "manifest.json")
    monkeypatch.setattr(dbt_project, "_PARSED_FROM", tmp_path / "target" / "parsed_from.txt")
    # What it once was is kept for the length of a process.
    dbt_project.manifest.cache_clear()
    yield tmp_path
    dbt_project.manifest.cache_clear()


def test_the_project_is_parsed_when_a_file_has_changed_and_not_else(folder: Path):
    first = CliRunner().invoke(app, ["parse"])
    made_at = dbt_project.MANIFEST_PATH.stat().st_mtime_ns
    dbt_project.manifest.cache_clear()
    again = CliRunner().invoke(app, ["parse"])
    stood = dbt_project.MANIFEST_PATH.stat().st_mtime_ns == made_at
    (folder / "models" / "two.sql").write_text("select a from {{ ref('one') }}")
    dbt_project.manifest.cache_clear()
    changed = CliRunner().invoke(app, ["parse"])

    assert first.output == again.output == "dbt's project is parsed: 1 models and seeds.\n"
    assert stood
    assert changed.output == "dbt's project is parsed: 2 models and seeds.\n"
    assert not (folder / "warehouse.duckdb").exists()


def test_what_dbt_cannot_parse_is_told_in_its_words(folder: Path):
    (folder / "models" / "two.sql").write_text("select a from {{ ref('nowhere') }}")

    with pytest.raises(DbtParseError, match="nowhere"):
        dbt_project.manifest()
    assert not dbt_project._PARSED_FROM.exists()
