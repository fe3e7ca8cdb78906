"""A daily run loads and builds what one day changed, and arrives where a build of everything would."""

import datetime as dt
import json
import shutil
from functools import partial

import duckdb
import pytest
from built_rows import rows_that_differ

import demo
from demo.calendar import TODAY

EVERYTHING = {"ops": {"warehouse": {"config": {"even_if_unchanged": True}}}}
# What nothing of own data reaches as long as the units are the same.
OPEN_DATA_ONLY = {
    "base_siris__teachers",
    "base_underlag_for_analys__measures",
    "int_measures__units_resolved",
}


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


# Two more whole runs.
@pytest.mark.scale
def test_only_what_the_day_touched_is_built_and_the_result_is_that_of_a_full_build(
    next_day, run_steps, words_of, tmp_path
):
    built = built_nodes(next_day.data_dir)
    assert {"fct_pupil_attendance_month", "fct_grade", "dq_delivery_log"} <= built
    assert not built & OPEN_DATA_ONLY

    daily = shutil.copyfile(next_day.warehouse, tmp_path / "daily.duckdb")
    result = run_steps(config=EVERYTHING)
    assert result.success, words_of(result)
    assert built_nodes(next_day.data_dir) >= OPEN_DATA_ONLY
    assert [release.id for release in next_day.store.releases()] == ["R000001", "R000002", "R000003"]
    differing = rows_that_differ(daily, next_day.warehouse)
    # What the second release told, the third reckons with.
    differing.pop("indicators.ind_disclosure_pattern", None)
    assert differing == {}


INCREMENTAL = ("fct_grade", "fct_pupil_attendance_month")
# What lies between the raw tables that are corrected and the two facts.
CORRECTED = (
    "staging/base_ss12000__aggregated_attendance",
    "staging/stg_ss12000__aggregated_attendance",
    "staging/base_ss12000__grades",
    "staging/stg_ss12000__deleted_entities",
    "staging/stg_ss12000__grades",
    "intermediate/int_own__attendance",
    "intermediate/int_own__grades",
    "restricted/fct_pupil_attendance_month",
    "restricted/fct_grade",
)
# A month of last winter is delivered anew with one sum changed, and one without a pupil; a grade of last June
# is corrected, and one is taken back. Raw rows are what the SS 12000 step would have left.
LATE_CORRECTIONS = """
update raw.ss12000_aggregated_attendance
set valid_absence_sum = (valid_absence_sum::integer + 10)::varchar,
    attendance_sum = (attendance_sum::integer - 10)::varchar
where rowid = (
    select min(rowid) from raw.ss12000_aggregated_attendance
    where start_date = '2025-12-01' and attendance_sum::integer >= 10
);
delete from raw.ss12000_aggregated_attendance
where start_date = '2026-02-01' and student_key = (
    select min(student_key) from raw.ss12000_aggregated_attendance where start_date = '2026-02-01'
);
insert into raw.ss12000_grades
select g.* replace (
    case g.grade_value when 'E' then 'C' else 'E' end as grade_value,
    'Ändring' as correction_type,
    '2026-11-19T10:00:00Z' as meta_modified,
    1000000 as _row_number
)
from raw.ss12000_grades as g
where g.id = (
    select min(id) from raw.ss12000_grades where registered_date between '2026-06-01' and '2026-06-30'
);
insert into raw.ss12000_deleted_entities
select d.* replace (
    (
        select max(id) from raw.ss12000_grades where registered_date between '2025-12-01' and '2025-12-31'
    ) as id,
    'grades' as entity_type,
    '2026-11-19T10:00:00Z' as deleted_at
)
from raw.ss12000_deleted_entities as d
limit 1;
update raw.extracts set reader_fingerprint = 'read anew'
where raw_table = 'ss12000_grades' or (raw_table = 'ss12000_aggregated_attendance' and period = '2025-12');
"""


@pytest.fixture(scope="module")
def whole_warehouse(definitions) -> list[str]:
    """Names of all assets of the warehouse step: picked together they are no selection."""
    steps = [one for one in definitions.resolve_asset_graph().assets_defs if one.is_executable]
    (step,) = [one for one in steps if one.op.name == "warehouse"]
    return [key.to_user_string() for key in step.keys]


def facts(connection: duckdb.DuckDBPyConnection, wanted: str) -> set[tuple[object, ...]]:
    return set(connection.execute(wanted).fetchall())


@pytest.mark.scale
def test_late_corrections_rebuild_their_months_and_pupils_and_nothing_else(
    release_copy, run_steps, words_of, whole_warehouse, tmp_path
):
    fingerprints = {
        "month": "select month, min(built_from) from restricted.fct_pupil_attendance_month group by month",
        "person": "select person_key, min(built_from) from restricted.fct_grade group by person_key",
    }
    with duckdb.connect(release_copy.warehouse) as connection:
        before = {name: facts(connection, wanted) for name, wanted in fingerprints.items()}
        connection.execute(LATE_CORRECTIONS)
    result = run_steps(*whole_warehouse)
    assert result.success, words_of(result)
    built = built_nodes(release_copy.data_dir)
    assert {"fct_pupil_attendance_month", "fct_grade", "dq_delivery_log"} <= built
    assert not built & OPEN_DATA_ONLY
    daily = shutil.copyfile(release_copy.warehouse, tmp_path / "daily.duckdb")
    with duckdb.connect(daily, read_only=True) as connection:
        changed = {name: facts(connection, sql) - before[name] for name, sql in fingerprints.items()}
    assert {month for month, _ in changed["month"]} == {dt.date(2025, 12, 1), dt.date(2026, 2, 1)}
    assert 1 <= len(changed["person"]) <= 2

    result = run_steps(*CORRECTED, config=EVERYTHING)
    assert result.success, words_of(result)
    assert rows_that_differ(daily, release_copy.warehouse, only=INCREMENTAL) == {}


def test_the_comparison_sees_a_single_row(release, tmp_path):
    damaged = shutil.copyfile(release.warehouse, tmp_path / "damaged.duckdb")
    with duckdb.connect(damaged) as connection:
        connection.execute("update restricted.fct_grade set grade_value = 'X' where rowid = 7")
    differing = rows_that_differ(release.warehouse, damaged, only=["fct_grade", "fct_transition"])
    assert differing == {"restricted.fct_grade": 2}
