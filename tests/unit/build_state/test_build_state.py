"""What has to be built: all after a change of code, else what lies downstream of changed raw tables."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from dagster_project.defs.warehouse.dbt_project import changed_sources, names_of, touched_by
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


def test_what_was_deleted_from_a_list_is_a_change_of_that_list(connection):
    build_state.remember(connection, "code")
    connection.execute(
        "insert into raw.ss12000_deleted_entities (entity_type, id, asked_at)"
        " values ('placements', 'p1', '2026-11-20T04:15:00Z')"
    )
    assert build_state.touched(connection, "code") == [RawTable("ss12000", "ss12000_placements")]


def test_that_what_was_shown_is_now_known_touches_nothing(connection):
    connection.execute(
        "insert into raw.disclosure_pattern_vintage values"
        " ('public', 'a', 'shown', null), ('public', 'b', 'secondary', null)"
    )
    build_state.remember(connection, "code")
    connection.execute("update raw.disclosure_pattern_vintage set state = 'known' where cell_id = 'a'")
    assert build_state.touched(connection, "code") == []
    connection.execute("update raw.disclosure_pattern_vintage set state = 'shown' where cell_id = 'b'")
    assert build_state.touched(connection, "code") == [RawTable("releases", "disclosure_pattern_vintage")]


def test_what_an_unfinished_build_changed_is_known_until_one_succeeds(connection):
    build_state.remember(connection, "code")
    build_state.begin(connection, {"source.costs"})
    connection.execute("insert into raw.build_changes values ('model.costs')")  # as dbt does, and is killed
    build_state.begin(connection, {"source.costs", "source.pupils"})
    assert build_state.unfinished(connection) == {"source.costs", "source.pupils", "model.costs"}
    build_state.remember(connection, "code")
    assert build_state.unfinished(connection) == set()


def node(kind: str, name: str, schema: str = "marts") -> dict[str, str]:
    return {"resource_type": kind, "name": name, "schema": schema}


MANIFEST = {
    "sources": {
        "source.costs": {"source_name": "siris", "name": "siris_costs"},
        "source.pupils": {"source_name": "siris", "name": "siris_pupils"},
        "source.absences": {"source_name": "ss12000", "name": "ss12000_absences"},
        "source.deleted": {"source_name": "ss12000", "name": "ss12000_deleted_entities"},
        "source.extracts": {"source_name": "raw", "name": "extracts"},
    },
    "nodes": {
        "seed.kinds": node("seed", "kinds", "seeds"),
        "model.costs": node("model", "costs"),
        "model.pupils": node("model", "pupils"),
        "model.per_pupil": node("model", "per_pupil"),
        "model.pub": node("model", "pub", "published"),
        "model.deleted": node("model", "stg_ss12000__deleted_entities", "staging"),
        "model.today": node("model", "stg_ss12000__as_of", "staging"),
        "model.absences": node("model", "absences", "staging"),
        "model.dq": node("model", "dq", "quality"),
        "test.pupils": node("test", "pupils_unique", "tests"),
    },
    "child_map": {
        "source.costs": ["model.costs"],
        "source.pupils": ["model.pupils"],
        "source.absences": ["model.absences"],
        "source.deleted": ["model.deleted", "model.today"],
        "source.extracts": ["model.absences", "model.dq"],
        "seed.kinds": ["model.pupils"],
        "model.costs": ["model.per_pupil"],
        "model.pupils": ["model.per_pupil", "test.pupils"],
        "model.per_pupil": ["model.pub"],
        "model.pub": [],
        "model.deleted": ["model.absences", "model.costs"],
        "model.today": ["model.absences"],
        "model.absences": [],
        "model.dq": [],
        "test.pupils": [],
    },
}
TODAY = "stg_ss12000__as_of"


@pytest.mark.parametrize(
    ("changed", "touched"),
    [
        ([COSTS], {"costs", "per_pupil", "pub", "dq"}),
        ([PUPILS], {"pupils", "per_pupil", "pub", "dq"}),
        ([COSTS, PUPILS], {"costs", "pupils", "per_pupil", "pub", "dq"}),
        ([], {"dq"}),
        ([RawTable("siris", "a table no model reads")], {"dq"}),
        ([RawTable("ss12000", "ss12000_absences")], {"absences", TODAY, "dq"}),
        ([RawTable("ss12000", "ss12000_deleted_entities")], {"absences", TODAY, "dq"}),
    ],
)
def test_what_depends_on_a_changed_table_is_built_and_what_reads_the_accounts_always(changed, touched):
    found = touched_by(MANIFEST, changed)
    assert set(names_of(MANIFEST, found)) == touched
    everything = {n["name"] for n in MANIFEST["nodes"].values() if n["resource_type"] != "test"}
    assert set(names_of(MANIFEST, found, but=True)) == everything - touched


def test_the_accounts_are_among_the_sources_that_have_changed():
    assert changed_sources(MANIFEST, [COSTS]) == {"source.costs", "source.extracts"}


def test_what_an_earlier_build_changed_is_followed_as_well():
    found = touched_by(MANIFEST, [], unfinished={"source.costs", "source.extracts", "model.per_pupil"})
    # A source of which no model was built leads nowhere.
    assert names_of(MANIFEST, found) == ["dq", "per_pupil", "pub"]
