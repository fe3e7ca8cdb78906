"""The repository itself: nothing of one machine in it; locked, layered and described."""

import copy
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from repository_rules import (
    frameworks_loaded_by,
    layering,
    loose_sql,
    machine_paths,
    marts_the_gate_does_not_see,
    models,
    registry_hosts,
    source_names_in_columns,
    suites_that_promise_otherwise,
    texts,
    undescribed_seeds,
    undocumented,
    unkeyed_python_models,
    unlocked_requirements,
)

from dagster_project.defs.extracts.catalogue import DATASETS
from dagster_project.defs.quality.suites import all_suites
from dagster_project.defs.warehouse.dbt_project import manifest as read_manifest
from dagster_project.settings import Settings

PROJECT = Path(__file__).parents[3]
Manifest = dict[str, Any]


@pytest.fixture(scope="module")
def files() -> list[tuple[str, str]]:
    """Every text file that is or would be tracked."""
    if not (PROJECT / ".git").exists():
        pytest.skip("not a git clone: nothing says which files belong to the project")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    return list(texts(PROJECT, [name for name in listed if (PROJECT / name).is_file()]))


@pytest.fixture(scope="module")
def manifest() -> Mapping[str, Any]:
    return read_manifest()


@pytest.fixture
def damaged(manifest: Mapping[str, Any]) -> Manifest:
    """A copy of the manifest, this test's own to damage."""
    return {key: copy.deepcopy(manifest[key]) for key in ("nodes", "sources")}


def model(manifest: Manifest, name: str) -> dict[str, Any]:
    (found,) = (node for node in models(manifest) if node["name"] == name)
    return found  # type: ignore[return-value]


def test_what_the_project_is_made_of_stands_at_its_top_level():
    expected = ["dagster_project", "dbt_project", "models", "seeds", "expectations", "tests"]
    expected += ["pyproject.toml", "README.md"]
    assert [name for name in expected if not (PROJECT / name).exists()] == []


def test_no_file_names_a_path_of_one_machine(files: list[tuple[str, str]]):
    assert len(files) > 100
    assert machine_paths(files) == []


@pytest.mark.parametrize(
    "line", ["data = '/" + "home/anna/data'", "cd /" + "work/main", "(/" + "opt/wheels)"]
)
def test_a_path_of_one_machine_is_found(line: str):
    assert machine_paths([("a.py", f"first\n{line}\n")]) == ["a.py:2"]


def test_an_address_below_a_host_is_no_path_of_a_machine():
    assert machine_paths([("a.py", "https://www.skolverket.se/home/statistik ./opt/x {root}/work/x")]) == []


def test_no_file_names_a_package_registry(files: list[tuple[str, str]]):
    assert registry_hosts(files) == []


@pytest.mark.parametrize(
    "line", ["https://py" + "pi.org/simple", "--index-" + "url https://x/simple", "find-" + "links=/wheels"]
)
def test_a_package_registry_is_found(line: str):
    assert registry_hosts([("a.txt", line)]) == ["a.txt:1"]


def test_every_requirement_is_locked_with_a_hash_and_without_an_address():
    lock = (PROJECT / "requirements.lock").read_text(encoding="utf-8")
    assert lock.count("--hash=sha256:") > 150
    assert unlocked_requirements(lock) == []


@pytest.mark.parametrize(
    ("addition", "found"),
    [
        ("loose==1.0", ["loose==1.0"]),
        ("ranged>=1.0 \\\n    --hash=sha256:ab", ["ranged>=1.0"]),
        (
            "elsewhere @ https://host/x.whl \\\n    --hash=sha256:ab",
            ["elsewhere", "address: elsewhere @ https://host/x.whl \\"],
        ),
    ],
)
def test_a_requirement_that_is_not_locked_is_found(addition: str, found: list[str]):
    assert unlocked_requirements(f"good==1.0 \\\n    --hash=sha256:ab\n    # via x\n{addition}\n") == found


def test_the_library_loads_neither_dagster_nor_dbt_nor_great_expectations():
    modules = [
        ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")
        for path in sorted((PROJECT / "dagster_project" / "lib").rglob("*.py"))
    ]
    assert len(modules) > 40
    assert frameworks_loaded_by(modules) == set()


def test_a_module_that_loads_dagster_is_found():
    assert frameworks_loaded_by(["dagster_project.lib.errors", "dagster_project.defs.constants"]) == set()
    assert "dagster" in frameworks_loaded_by(["dagster_project.defs.automation.freshness"])


def test_each_layer_selects_only_from_the_layers_below_it(manifest: Mapping[str, Any]):
    assert len(models(manifest)) > 50
    assert layering(manifest) == []


@pytest.mark.parametrize(
    ("child", "parent"),
    [
        ("dim_unit", "stg_kolada__units"),
        ("ind_levels", "int_units__versioned"),
        ("pub_units", "fct_unit_results"),
        ("stg_kolada__units", "dim_unit"),
        ("dq_source_agreement", "pub_units"),
    ],
)
def test_a_model_that_selects_from_a_layer_it_may_not_see_is_found(
    damaged: Manifest, child: str, parent: str
):
    model(damaged, child)["depends_on"]["nodes"].append(model(damaged, parent)["unique_id"])
    (problem,) = layering(damaged)
    assert problem.startswith(f"{child} (") and parent in problem


def test_facts_indicators_and_published_tables_are_described_in_full(manifest: Mapping[str, Any]):
    assert undocumented(manifest) == []


def test_a_table_that_is_not_described_in_full_is_found(damaged: Manifest):
    gaps = model(damaged, "ind_gaps")
    gaps["description"] = gaps["description"].replace("##### Example query", "")
    gaps["config"]["contract"]["enforced"] = False
    gaps["config"]["meta"] = {"primary_key": ["no_such_column"]}
    gaps["columns"]["value"]["description"] = " "
    assert undocumented(damaged) == [
        "ind_gaps: no Example query",
        "ind_gaps: contract not enforced",
        "ind_gaps: primary_key missing or not among the columns",
        "ind_gaps.value: no description",
    ]


def test_every_python_model_has_its_key_held_by_a_test(manifest: Mapping[str, Any], damaged: Manifest):
    assert len([node for node in models(manifest) if node["language"] == "python"]) >= 8
    assert unkeyed_python_models(manifest) == []
    slopes = model(damaged, "ind_need_slopes")["unique_id"]
    for node in damaged["nodes"].values():
        if node["resource_type"] == "test" and node.get("attached_node") == slopes:
            node["attached_node"] = "another"
    assert unkeyed_python_models(damaged) == ["ind_need_slopes"]


def test_the_gate_sees_every_mart(manifest: Mapping[str, Any], damaged: Manifest):
    assert marts_the_gate_does_not_see(manifest) == []
    model(damaged, "dq_marts")["depends_on"]["nodes"].remove("model.education_equity.dim_area")
    model(damaged, "dq_mart_figures")["depends_on"]["nodes"].remove("model.education_equity.fct_grade")
    assert marts_the_gate_does_not_see(damaged) == ["dq_marts: dim_area", "dq_mart_figures: fct_grade"]


def test_suites_promise_what_the_tables_do(manifest: Mapping[str, Any], damaged: Manifest):
    assert len([suite for suite in all_suites() if suite.key]) >= 70
    assert suites_that_promise_otherwise(manifest, all_suites()) == []
    model(damaged, "fct_grade")["columns"]["teacher"] = {}
    model(damaged, "pub_units")["config"]["meta"]["primary_key"] = ["unit_key", "school_year"]
    assert suites_that_promise_otherwise(damaged, all_suites()) == ["pub_units: key", "fct_grade: columns"]


def test_suites_need_data_sets_that_are_fetched():
    fetched = {f"{dataset.source}/{dataset.name}" for dataset in DATASETS}
    needed = {
        need
        for suite in all_suites()
        for need in (*suite.needs, *(need for each in suite.expectations for need in each.needs))
    }
    assert "siris/pupils" in needed
    assert needed <= fetched


def test_every_seed_is_described(manifest: Mapping[str, Any], damaged: Manifest):
    assert undescribed_seeds(manifest) == []
    damaged["nodes"]["seed.education_equity.ref_measures"]["description"] = ""
    assert undescribed_seeds(damaged) == ["ref_measures"]


def test_no_column_of_a_mart_is_named_after_a_source(manifest: Mapping[str, Any], damaged: Manifest):
    assert source_names_in_columns(manifest) == []
    columns = model(damaged, "dim_unit")["columns"]
    columns["kolada_unit_id"] = columns["pe_unit_name"] = columns["unit_key"]
    assert source_names_in_columns(damaged) == ["dim_unit.kolada_unit_id", "dim_unit.pe_unit_name"]


def test_sql_names_its_columns_and_its_groups(manifest: Mapping[str, Any]):
    assert loose_sql(manifest) == []


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("select distinct unit_key from {{ ref('dim_unit') }}", "select distinct hides why rows repeat"),
        ("select a, count(*) from x\ngroup  by\nall", "group by all"),
        ("select * from {{ ref('dim_unit') }}", "select * from another model"),
        ("with a as (select 1)\nselect\n    *\nfrom {{ ref('dim_unit') }}", "select * from another model"),
    ],
)
def test_sql_that_leaves_columns_or_groups_open_is_found(damaged: Manifest, sql: str, problem: str):
    model(damaged, "pub_units")["raw_code"] = sql
    assert loose_sql(damaged) == [f"pub_units: {problem}"]


def test_a_star_over_a_models_own_intermediate_result_is_fine(damaged: Manifest):
    sql = "with a as (\n\n    select * from {{ ref('dim_unit') }}\n\n)\n\nselect * from a -- distinct"
    model(damaged, "pub_units")["raw_code"] = sql
    assert loose_sql(damaged) == []


def test_the_example_environment_names_every_setting_with_its_default(monkeypatch: pytest.MonkeyPatch):
    for name in [name for name in os.environ if name.upper().startswith("EQUITY_")]:
        monkeypatch.delenv(name)
    example = PROJECT / ".env.example"
    names = re.findall(r"^#?EQUITY_([A-Z0-9_]+)=", example.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert sorted(name.lower() for name in names) == sorted(Settings.model_fields)
    assert Settings(_env_file=example) == Settings(_env_file=None)


def test_continuous_integration_runs_lint_and_the_test_command_of_the_readme():
    commands = (PROJECT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert {"set -euo pipefail", "make lint", "make test"} <= set(commands)
    assert os.access(PROJECT / ".ci" / "run", os.X_OK)


def test_make_says_what_is_missing_when_python_is_too_old(tmp_path: Path):
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(PROJECT / name, tmp_path)
    old_python = tmp_path / "old python"
    old_python.write_text("#!/bin/sh\nexit 1\n")
    old_python.chmod(0o755)
    result = subprocess.run(
        ["make", f"PYTHON={old_python}", "run"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert result.returncode != 0
    assert "This project needs Python 3.11 or newer" in result.stderr
    assert not (tmp_path / ".venv").exists()
