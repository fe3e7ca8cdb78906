"""What has to be built: all after a change of code, else what lies downstream of changed raw tables."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from dagster_project.defs.warehouse.dbt_project import untouched_by
from dagster_project.lib import build_state, raw_tables
from dagster_project.lib.build_state import RawTable
from dagster_project.lib.warehouse import open_warehouse

COSTS, PUPILS = RawTable("siris", "siris_costs"), RawTable("siris", "siris_pupils")


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_warehouse(tmp_path / "warehouse.duckdb", memory_limit="200MB", threads=1) as connection:
        raw_tables.create_tables(connection)
        load(connection, "costs", "2024", "a")
        load(connection, "pupils", "2024", "b")
        yield connection


def load(connection: duckdb.DuckDBPyConnection, dataset: str, period: str, content: str) -> None:
    connection.execute("delete from raw.extracts where dataset = ? and period = ?", [dataset, period])
    connection.execute(
        "insert into raw.extracts values"
        " ($1, 'siris', $2, $3, $4, 'x', 1, now(), now(), $5, 1, [], 1, 1, 0, 0, null, 'reader')",
        [f"siris/{dataset}/{period}/{content}", dataset, period, f"siris_{dataset}", content],
    )


def test_everything_before_the_first_build_and_after_a_change_of_code(connection):
    assert build_state.touched(connection, "code 1") is None
    build_state.remember(connection, "code 1")
    assert build_state.touched(connection, "code 1") == []
    assert build_state.touched(connection, "code 2") is None


def test_a_new_period_and_a_new_delivery_of_a_period_touch_their_table(connection):
    build_state.remember(connection, "code")
    load(connection, "costs", "2025", "c")
    assert build_state.touched(connection, "code") == [COSTS]
    load(connection, "pupils", "2024", "other bytes")
    assert build_state.touched(connection, "code") == [COSTS, PUPILS]
    build_state.remember(connection, "code")
    assert build_state.touched(connection, "code") == []


def test_a_problem_and_its_end_and_a_table_that_lost_all_its_extracts_are_changes(connection):
    build_state.remember(connection, "code")
    connection.execute(
        "insert into raw.delivery_problems values"
        " ('siris', 'costs', '2025', 'siris_costs', 'x', null, now(), 'truncated', 'cut')"
    )
    assert build_state.touched(connection, "code") == [COSTS]
    connection.execute("delete from raw.delivery_problems")
    assert build_state.touched(connection, "code") == []
    connection.execute("delete from raw.extracts where dataset = 'pupils'")
    assert build_state.touched(connection, "code") == [PUPILS]


def test_what_a_failed_build_did_not_do_is_still_to_be_done(connection):
    build_state.remember(connection, "code")
    load(connection, "costs", "2025", "c")
    build_state.touched(connection, "code")  # a run looks, and is killed before it remembers
    assert build_state.touched(connection, "code") == [COSTS]
    build_state.forget(connection)
    assert build_state.touched(connection, "code") is None


MANIFEST = {
    "sources": {
        "source.costs": {"source_name": "siris", "name": "siris_costs"},
        "source.pupils": {"source_name": "siris", "name": "siris_pupils"},
    },
    "nodes": {
        "seed.kinds": {"resource_type": "seed", "name": "kinds", "schema": "seeds"},
        "model.costs": {"resource_type": "model", "name": "costs", "schema": "marts"},
        "model.pupils": {"resource_type": "model", "name": "pupils", "schema": "marts"},
        "model.per_pupil": {"resource_type": "model", "name": "per_pupil", "schema": "marts"},
        "model.pub": {"resource_type": "model", "name": "pub", "schema": "published"},
        "test.pupils": {"resource_type": "test", "name": "pupils_unique", "schema": "tests"},
    },
    "child_map": {
        "source.costs": ["model.costs"],
        "source.pupils": ["model.pupils"],
        "seed.kinds": ["model.pupils"],
        "model.costs": ["model.per_pupil"],
        "model.pupils": ["model.per_pupil", "test.pupils"],
        "model.per_pupil": ["model.pub"],
        "model.pub": [],
        "test.pupils": [],
    },
}


@pytest.mark.parametrize(
    ("changed", "untouched"),
    [
        ([COSTS], {"kinds", "pupils"}),
        ([PUPILS], {"kinds", "costs"}),
        ([COSTS, PUPILS], {"kinds"}),
        ([], {"kinds", "costs", "pupils", "per_pupil"}),
        ([RawTable("siris", "a table no model reads")], {"kinds", "costs", "pupils", "per_pupil"}),
    ],
)
def test_only_what_depends_on_a_changed_table_is_built_and_published_tables_always(changed, untouched):
    assert untouched_by(MANIFEST, changed) == untouched
