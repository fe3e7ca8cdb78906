"""The code location: it loads anywhere, opens nothing, and says of each step what it is and who owns it."""

import datetime as dt
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import dagster as dg
import pytest

from dagster_project.defs.constants import WAREHOUSE_POOL
from dagster_project.defs.publication.audience import PUBLIC
from dagster_project.defs.publication.candidate import required_suites
from dagster_project.defs.quality import suites
from dagster_project.defs.warehouse.assets import dbt_resource

PROJECT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def steps(definitions: dg.Definitions) -> list[dg.AssetsDefinition]:
    """Everything that runs: assets and the gate."""
    found = [step for step in definitions.resolve_asset_graph().assets_defs if step.is_executable]
    assert len(found) > 10
    return found


def specs_of(steps: list[dg.AssetsDefinition]) -> list[dg.AssetSpec]:
    return [spec for step in steps for spec in step.specs]


def test_definitions_load_in_a_fresh_process_without_a_warehouse_and_write_nothing(tmp_path: Path):
    data_dir = tmp_path / "data"
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("EQUITY_", "DAGSTER_"))
    }
    result = subprocess.run(
        [
            Path(sys.executable).parent / "dagster",
            "definitions",
            "validate",
            "-m",
            "dagster_project.definitions",
        ],
        cwd=PROJECT,
        env=environment
        | {"EQUITY_DATA_DIR": str(data_dir), "DAGSTER_HOME": str(tmp_path), "DAGSTER_DISABLE_TELEMETRY": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "Validation successful" in result.stdout + result.stderr
    assert not data_dir.exists()


def silent(specs: list[dg.AssetSpec]) -> dict[str, list[str]]:
    """What assets do not say about themselves."""
    parts = ("description", "owners", "group_name", "kinds")
    missing = {
        spec.key.to_user_string(): [part for part in parts if not getattr(spec, part)] for spec in specs
    }
    return {key: lacks for key, lacks in missing.items() if lacks}


def without_slot(steps: list[dg.AssetsDefinition]) -> list[str]:
    """Steps that could write beside another."""
    return [step.op.name for step in steps if step.op.pool != WAREHOUSE_POOL]


def test_every_asset_says_what_it_is_who_owns_it_and_what_it_is_made_with(steps: list[dg.AssetsDefinition]):
    specs = specs_of(steps)
    assert len(specs) > 80
    assert silent(specs) == {}


def test_assets_are_grouped_by_layer(steps: list[dg.AssetsDefinition]):
    layers = {"staging", "intermediate", "marts", "indicators", "published", "quality", "seeds"}
    groups = {spec.group_name for spec in specs_of(steps)}
    assert layers | {"publication", "own_data", "restricted"} <= groups
    assert "default" not in groups


def test_marts_about_persons_stand_apart(steps: list[dg.AssetsDefinition]):
    apart = {spec.key.path[-1] for spec in specs_of(steps) if spec.group_name == "restricted"}
    assert {"dim_pupil", "fct_grade", "fct_absence_signal"} <= apart
    assert apart == {spec.key.path[-1] for spec in specs_of(steps) if spec.key.path[0] == "restricted"}


def test_own_data_says_which_columns_it_has_and_who_sends_it(steps: list[dg.AssetsDefinition]):
    own = {spec.key.path[-1]: spec for spec in specs_of(steps) if spec.group_name == "own_data"}
    described = {name for name, spec in own.items() if "dagster/column_schema" in spec.metadata}
    assert described == set(own) - {"delivery_files", "pruned_extracts"}
    assert "HR-avdelningen" in (own["delivery_staff"].description or "")
    columns = own["ss12000_grades"].metadata["dagster/column_schema"].columns
    assert next(c for c in columns if c.name == "student_key").description == "`student.id`, as a pseudonym"


def test_publication_demands_a_suite_of_every_mart_written_or_not(monkeypatch: pytest.MonkeyPatch):
    demanded = required_suites(PUBLIC)
    assert {
        "marts/fct_unit_results",
        "restricted/fct_grade",
        "quality/dq_marts",
        "published/pub_units",
    } <= set(demanded)
    of_marts = {name for name in demanded if name.startswith(("marts/", "restricted/"))}
    assert of_marts == {
        suites.suite_name(suite.stage, suite.table) for suite in suites.of_stages(("marts", "restricted"))
    }
    monkeypatch.setattr(suites, "all_suites", tuple)
    assert of_marts <= set(required_suites(PUBLIC))


def test_a_check_of_a_table_says_which_rules_it_stands_for(steps: list[dg.AssetsDefinition]):
    (warehouse,) = [step for step in steps if step.op.name == "warehouse"]
    (check,) = [spec for spec in warehouse.check_specs if spec.asset_key.path[-1] == "fct_grade"]
    promises = (check.description or "").splitlines()
    assert promises[0] == "- One row for each `grade_id`; none of them is missing."
    assert "- `person_key` is found in `ref('dim_pupil')`." in promises
    assert promises[-1] == "- `semester in ('HT', 'VT')`"


def test_every_step_takes_the_one_slot_of_the_build_file(steps: list[dg.AssetsDefinition]):
    assert without_slot(steps) == []


def test_a_silent_step_without_the_slot_is_found():
    @dg.asset(description="A table.", group_name="marts")
    def loner() -> None: ...

    assert silent([*loner.specs]) == {"loner": ["owners", "kinds"]}
    assert without_slot([loner]) == ["loner"]


def test_the_gate_is_one_of_the_steps(steps: list[dg.AssetsDefinition]):
    assert {"warehouse", "candidate", "gate", "release"} <= {step.op.name for step in steps}


def test_schedules_follow_swedish_clocks_and_start_jobs_that_exist(definitions: dg.Definitions):
    schedules = {schedule.name: schedule for schedule in definitions.schedules or []}
    assert set(schedules) == {"daily_at_0515", "open_data_on_saturdays"}
    assert {schedule.execution_timezone for schedule in schedules.values()} == {"Europe/Stockholm"}  # type: ignore[union-attr]
    for schedule in schedules.values():
        assert definitions.resolve_job_def(schedule.job_name).name == schedule.job_name


def test_the_daily_job_runs_every_step(definitions: dg.Definitions, steps: list[dg.AssetsDefinition]):
    executed = {node.name for node in definitions.resolve_job_def("daily").nodes}
    assert {step.op.name for step in steps} <= executed


def test_a_run_that_hangs_frees_the_queue(definitions: dg.Definitions):
    for name in ("daily", "open_data_refresh"):
        assert int(definitions.resolve_job_def(name).tags["dagster/max_runtime"]) <= 4 * 60 * 60


def test_the_version_of_dbt_is_known_without_asking_it_and_so_without_the_internet(tmp_path: Path):
    silent = tmp_path / "dbt"
    silent.write_text("#!/bin/sh\nexit 1\n")
    silent.chmod(0o700)
    dbt = dbt_resource().model_copy(update={"dbt_executable": str(silent)})
    assert str(dbt._cli_version) == metadata.version("dbt-core")


def test_every_source_must_have_been_looked_at_within_two_days_and_nothing_else(
    steps: list[dg.AssetsDefinition],
):
    specs = specs_of(steps)
    assert all(spec.freshness_policy is not None for spec in specs if spec.group_name == "extracts")
    watched = [spec for spec in specs if spec.freshness_policy is not None]
    assert {spec.group_name for spec in watched} == {"extracts", "own_data"}
    for spec in watched:
        # A daily run a little late is no news; one that was left out is.
        assert dt.timedelta(days=1) < spec.freshness_policy.warn_window.to_timedelta() < dt.timedelta(days=2)
        assert dt.timedelta(days=2) < spec.freshness_policy.fail_window.to_timedelta() < dt.timedelta(days=3)
