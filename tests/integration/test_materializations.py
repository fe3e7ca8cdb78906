"""Tables and views are replaced in one statement: what cannot be built leaves what was there."""

import os
import subprocess

import duckdb
import pytest

from dagster_project.defs.warehouse.dbt_project import DBT_PROJECT_DIR, dbt_executable

PROJECT = f"""
name: small
version: "1.0"
profile: small
macro-paths: ["{DBT_PROJECT_DIR / "macros" / "materializations"}"]
models:
  small:
    +materialized: table
"""
PROFILE = """
small:
  target: build
  outputs:
    build: {type: duckdb, path: warehouse.duckdb, threads: 1}
"""
CONTRACT = """
models:
  - name: agreed
    config: {contract: {enforced: true}}
    columns:
      - {name: n, data_type: integer}
"""
DAY_ONE = {
    "computed": "select 1 as n",
    "agreed": "select 1 as n",
    "from_view_to_table": "{{ config(materialized='view') }} select 1 as n",
    "from_table_to_view": "select 1 as n",
    "read_by_a_view": "select 1 as n",
    "reader": "{{ config(materialized='view') }} select n from {{ ref('read_by_a_view') }}",
}
DAY_TWO = {
    "computed": "select cast(word as integer) as n from (values ('2'), ('two')) as told (word)",
    "agreed": "select 'two' as n",
    "from_view_to_table": "select 2 as n",
    "from_table_to_view": "{{ config(materialized='view') }} select 2 as n",
    "read_by_a_view": "select 2 as n",
    "reader": DAY_ONE["reader"],
}


@pytest.fixture(scope="module")
def two_days(tmp_path_factory):
    """A small project built twice, and what dbt said the second time."""
    folder = tmp_path_factory.mktemp("small")
    (folder / "models").mkdir()
    (folder / "dbt_project.yml").write_text(PROJECT)
    (folder / "profiles.yml").write_text(PROFILE)
    (folder / "models" / "agreed.yml").write_text(CONTRACT)

    def run(models: dict[str, str]) -> subprocess.CompletedProcess[str]:
        for name, sql in models.items():
            (folder / "models" / f"{name}.sql").write_text(sql)
        return subprocess.run(
            [dbt_executable(), "run"],
            cwd=folder,
            env={**os.environ, "DBT_PROFILES_DIR": str(folder), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
            capture_output=True,
            text=True,
            check=False,
        )

    first = run(DAY_ONE)
    assert first.returncode == 0, first.stdout
    return folder / "warehouse.duckdb", run(DAY_TWO)


@pytest.mark.parametrize(
    ("model", "kind", "rows"),
    [
        pytest.param("computed", "BASE TABLE", [(1,)], id="a query that fails while it runs"),
        pytest.param("agreed", "BASE TABLE", [(1,)], id="a column that is not what the contract says"),
        pytest.param("from_view_to_table", "BASE TABLE", [(2,)], id="a view that becomes a table"),
        pytest.param("from_table_to_view", "VIEW", [(2,)], id="a table that becomes a view"),
        pytest.param("reader", "VIEW", [(2,)], id="a view of a table that was replaced"),
    ],
)
def test_what_is_built_replaces_and_what_fails_leaves_what_was_there(two_days, model, kind, rows):
    warehouse, _ = two_days
    with duckdb.connect(warehouse, read_only=True) as connection:
        found = connection.execute(
            "select table_type from information_schema.tables where table_name = ?", [model]
        ).fetchall()
        assert found == [(kind,)]
        assert connection.execute(f"select n from {model}").fetchall() == rows


def test_dbt_names_what_failed(two_days):
    _, second = two_days
    assert second.returncode == 1
    assert "Could not convert string 'two' to INT32" in second.stdout
    assert "contract" in second.stdout
    assert "PASS=4 WARN=0 ERROR=2" in second.stdout
