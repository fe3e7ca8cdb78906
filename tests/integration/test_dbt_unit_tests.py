"""dbt's own unit tests, run on a built warehouse; a daily run need not repeat them."""

import json
import os
import shutil
import subprocess

from dagster_project.defs.warehouse.dbt_project import DBT_PROJECT_DIR, dbt_environment, dbt_executable
from dagster_project.settings import load


def test_every_dbt_unit_test_passes(release, tmp_path, using):
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    # Views name the database they were made in, so the copy keeps the file's name.
    shutil.copyfile(release.warehouse, data_dir / "warehouse.duckdb")
    with using(data_dir):
        environment = {**os.environ, **dbt_environment(load())}
    done = subprocess.run(
        [
            dbt_executable(),
            "test",
            "--select",
            "test_type:unit",
            "--profiles-dir",
            str(DBT_PROJECT_DIR),
            "--target-path",
            str(tmp_path / "target"),
            "--log-path",
            str(tmp_path / "logs"),
        ],
        cwd=DBT_PROJECT_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    results = json.loads((tmp_path / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
    assert {result["status"] for result in results} == {"pass"}
    assert len(results) >= 9
