"""A daily run loads and builds what one day changed, and arrives where a build of everything would."""

import datetime as dt
import json
import shutil
from functools import partial

import duckdb
import pytest

import demo
from dagster_project.lib.release.sql import identifier, literal
from demo.calendar import TODAY

# Two more whole runs.
pytestmark = pytest.mark.scale

# When a row was looked at, not what it says.
CLOCK_COLUMNS = {"checked_at"}
OPEN_DATA_ONLY = {
    "base_siris__teachers",
    "base_underlag_for_analys__measures",
    "int_measures__units_resolved",
}


def rows_that_differ(one: str, other: str) -> dict[str, int]:
    """Tables whose rows are not the same in two build files, with the number of rows that only one has."""
    differing: dict[str, int] = {}
    with duckdb.connect() as connection:
        connection.execute(f"attach {literal(one)} as one (read_only)")
        connection.execute(f"attach {literal(other)} as other (read_only)")
        tables = connection.execute(
            """
            select database_name, schema_name, table_name, list(column_name order by column_index)
            from duckdb_columns()
            -- Views are of these tables, and name the catalog they were made in.
            semi join duckdb_tables() using (database_name, schema_name, table_name)
            where database_name in ('one', 'other') and schema_name <> 'raw'
            group by 1, 2, 3
            """
        ).fetchall()
        columns = {
            name: {(s, t): tuple(c) for d, s, t, c in tables if d == name} for name in ("one", "other")
        }
        assert columns["one"] == columns["other"]
        for (schema, table), names in columns["one"].items():
            wanted = ", ".join(identifier(name) for name in names if name not in CLOCK_COLUMNS)
            place = f"{identifier(schema)}.{identifier(table)}"
            ((count,),) = connection.execute(
                f"""
                select count(*) from (
                    (select {wanted} from one.{place} except all select {wanted} from other.{place})
                    union all
                    (select {wanted} from other.{place} except all select {wanted} from one.{place})
                )
                """
            ).fetchall()
            if count:
                differing[f"{schema}.{table}"] = count
    return differing


@pytest.fixture
def next_day(release_copy, monkeypatch, run_steps, words_of):
    """The data directory after a second run, on the demo municipality as it is one day later."""
    later = partial(demo.generate, as_of=TODAY + dt.timedelta(days=1))
    monkeypatch.setattr(demo, "generate", later)
    result = run_steps()
    assert result.success, words_of(result)
    return release_copy


def built_nodes(data_dir) -> set[str]:
    results = json.loads((data_dir / "dbt_target" / "run_results.json").read_text(encoding="utf-8"))
    return {result["unique_id"].split(".")[2] for result in results["results"]}


def test_only_what_the_day_touched_is_built_and_the_result_is_that_of_a_full_build(
    next_day, run_steps, words_of, tmp_path
):
    built = built_nodes(next_day.data_dir)
    assert {"fct_pupil_attendance_month", "fct_grade", "pub_indicators"} <= built
    assert not built & OPEN_DATA_ONLY

    daily = shutil.copyfile(next_day.warehouse, tmp_path / "daily.duckdb")
    everything = {"ops": {"warehouse": {"config": {"even_if_unchanged": True}}}}
    result = run_steps(config=everything)
    assert result.success, words_of(result)
    assert built_nodes(next_day.data_dir) >= OPEN_DATA_ONLY
    assert rows_that_differ(str(daily), str(next_day.warehouse)) == {}


def test_the_comparison_sees_a_single_row(release, tmp_path):
    damaged = shutil.copyfile(release.warehouse, tmp_path / "damaged.duckdb")
    with duckdb.connect(damaged) as connection:
        connection.execute("update restricted.fct_grade set grade_value = 'X' where rowid = 7")
    assert rows_that_differ(str(release.warehouse), str(damaged)) == {"restricted.fct_grade": 2}
