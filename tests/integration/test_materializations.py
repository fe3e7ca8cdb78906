"""How tables and views are replaced: what cannot be built, or need not be, leaves what was there."""

from pathlib import Path

import duckdb
import pytest

from tests.small_dbt_project import dbt, project

# What the tests share takes several dbt commands: made once, by one worker.
pytestmark = pytest.mark.xdist_group("small_dbt_project")

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
    folder = project(tmp_path_factory.mktemp("small"), CONTRACT)
    first = dbt(folder, "run", DAY_ONE)
    assert first.succeeded, first.said
    return folder / "warehouse.duckdb", dbt(folder, "run", DAY_TWO)


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
    assert not second.succeeded
    assert "Could not convert string 'two' to INT32" in second.said
    assert "contract" in second.said
    assert "PASS=4 WARN=0 ERROR=2" in second.said


def first_delivery(folder: Path, pupils: object = 1) -> None:
    """The raw tables, one row each, in a new warehouse; nothing is noted as changed."""
    with duckdb.connect(folder / "warehouse.duckdb") as connection:
        connection.execute("create schema raw")
        connection.execute("create table raw.build_changes (node varchar not null)")
        connection.execute("create table raw.pupils as select ? as n", [pupils])
        connection.execute("create table raw.staff as select 1 as n")


SOURCES = """
sources:
  - {name: told, schema: raw, tables: [{name: pupils}, {name: staff}]}
"""
# `drawn` is another number each time a table is built.
MODELS = {
    "pupils": "select n, random() as drawn from {{ source('told', 'pupils') }}",
    "parity": "select n % 2 as p from {{ ref('pupils') }}",
    "below_parity": "select p, random() as drawn from {{ ref('parity') }}",
    "seen": "{{ config(materialized='view') }} select n from {{ ref('pupils') }}",
    "below_view": "select n, random() as drawn from {{ ref('seen') }}",
    "computed": "def model(dbt, session):\n    return dbt.ref('parity').df()",
    "below_computed": "select p, random() as drawn from {{ ref('computed') }}",
    "staff": "select n, random() as drawn from {{ source('told', 'staff') }}",
}


@pytest.fixture(scope="module")
def daily(tmp_path_factory):
    """`n` and `drawn` of each table before and after a build of what has changed, and what it noted."""
    folder = project(tmp_path_factory.mktemp("daily"), SOURCES)
    warehouse = folder / "warehouse.duckdb"

    def drawn() -> dict[str, list[tuple[object, ...]]]:
        with duckdb.connect(warehouse, read_only=True) as connection:
            tables = [name for name in MODELS if name not in {"seen", "parity", "computed"}]
            return {name: connection.execute(f"from {name}").fetchall() for name in tables}

    first_delivery(folder)
    first = dbt(folder, "run", MODELS)
    assert first.succeeded, first.said
    before = drawn()
    with duckdb.connect(warehouse) as connection:
        connection.execute("update raw.pupils set n = 3")
        # A change nobody told of shows that the table is left alone.
        connection.execute("update raw.staff set n = 3")
        connection.execute("insert into raw.build_changes values ('source.small.told.pupils')")
    second = dbt(folder, "run", {}, EQUITY_BUILD="changes")
    assert second.succeeded, second.said
    with duckdb.connect(warehouse, read_only=True) as connection:
        noted = connection.execute("select split_part(node, '.', -1) from raw.build_changes").fetchall()
    return before, drawn(), {name for (name,) in noted}


@pytest.mark.parametrize(
    ("model", "is_built"),
    [
        pytest.param("pupils", True, id="a changed source"),
        pytest.param("below_view", True, id="a view of a table that came out changed"),
        pytest.param("below_parity", False, id="a table that came out as it was"),
        pytest.param("below_computed", False, id="a Python model that came out as it was"),
        pytest.param("staff", False, id="nothing that has changed"),
    ],
)
def test_a_build_of_changes_goes_as_far_as_they_do(daily, model, is_built):
    before, after, _ = daily
    assert (after[model] != before[model]) is is_built


def test_what_came_out_changed_is_noted_and_nothing_else(daily):
    _, _, noted = daily
    assert noted == {"pupils", "seen", "below_view"}


def test_a_table_that_could_not_be_built_is_not_noted_and_is_built_by_the_next(tmp_path):
    folder = project(tmp_path, SOURCES)
    models = {
        "pupils": "select cast(n as integer) as n from {{ source('told', 'pupils') }}",
        "below": "select n from {{ ref('pupils') }}",
    }

    def noted_and_below() -> tuple[set[str], list[tuple[int]]]:
        with duckdb.connect(folder / "warehouse.duckdb", read_only=True) as connection:
            noted = connection.execute("from raw.build_changes").fetchall()
            return {node for (node,) in noted}, connection.execute("from below").fetchall()

    def deliver(word: str) -> None:
        with duckdb.connect(folder / "warehouse.duckdb") as connection:
            connection.execute("update raw.pupils set n = ?", [word])

    first_delivery(folder, "1")
    assert dbt(folder, "run", models).succeeded
    with duckdb.connect(folder / "warehouse.duckdb") as connection:
        connection.execute("insert into raw.build_changes values ('source.small.told.pupils')")
    deliver("two")
    assert not dbt(folder, "run", {}, EQUITY_BUILD="changes").succeeded
    assert noted_and_below() == ({"source.small.told.pupils"}, [(1,)])
    deliver("2")
    assert dbt(folder, "run", {}, EQUITY_BUILD="changes").succeeded
    assert noted_and_below()[1] == [(2,)]


def test_what_an_unfinished_build_left_undone_is_built_by_the_next(tmp_path):
    folder = project(tmp_path, SOURCES)
    models = {
        "pupils": "select n from {{ source('told', 'pupils') }}",
        "below": "select n from {{ ref('pupils') }}",
    }
    first_delivery(folder)
    assert dbt(folder, "run", models).succeeded
    with duckdb.connect(folder / "warehouse.duckdb") as connection:
        connection.execute("update raw.pupils set n = 2")
        connection.execute("insert into raw.build_changes values ('source.small.told.pupils')")
    # A build that is killed after its first table; for the next one that table comes out as it was.
    assert dbt(folder, "run", {}, "--select", "pupils", EQUITY_BUILD="changes").succeeded
    assert dbt(folder, "run", {}, EQUITY_BUILD="changes").succeeded
    with duckdb.connect(folder / "warehouse.duckdb", read_only=True) as connection:
        assert connection.execute("from below").fetchall() == [(2,)]


PROMISED = """
sources:
  - {name: told, schema: raw, tables: [{name: pupils}, {name: staff}]}
models:
  - name: pupils
    data_tests: [keys_and_rules: {name: pupils_are_positive, arguments: {rules: [n > 0]}}]
  - name: staff
    data_tests:
      - keys_and_rules: {name: staff_are_positive, arguments: {rules: [n > 0]}}
      - keys_and_rules: {name: staff_better_be, arguments: {rules: [n > 0]}, config: {severity: warn}}
  - name: seen
    config: {materialized: view}
    data_tests: [keys_and_rules: {name: seen_are_positive, arguments: {rules: [n > 0]}}]
"""


@pytest.fixture(scope="module")
def promises(tmp_path_factory):
    """What dbt said of the tests of tables that were made wrong, of which it was told of `pupils` alone."""
    folder = project(tmp_path_factory.mktemp("promises"), PROMISED)
    models = {
        "pupils": "select n from {{ source('told', 'pupils') }}",
        "staff": "select n from {{ source('told', 'staff') }}",
        "seen": "select n from {{ ref('pupils') }}",
    }
    first_delivery(folder)
    first = dbt(folder, "build", models)
    assert first.succeeded, first.said
    with duckdb.connect(folder / "warehouse.duckdb") as connection:
        connection.execute("update raw.pupils set n = -1")
        connection.execute("update staff set n = -1")
        connection.execute("insert into raw.build_changes values ('source.small.told.pupils')")
    of_changes = dbt(folder, "test", {}, EQUITY_BUILD="changes")
    assert dbt(folder, "run", {}, EQUITY_BUILD="changes").succeeded
    return (
        of_changes.said,
        dbt(folder, "test", {}, EQUITY_BUILD="changes").said,
        dbt(folder, "test", {}).said,
    )


@pytest.mark.parametrize(
    ("asked", "failed"),
    [
        pytest.param(0, set(), id="nothing has changed yet"),
        pytest.param(1, {"pupils_are_positive", "seen_are_positive"}, id="what changed and the view of it"),
        pytest.param(
            2, {"pupils_are_positive", "seen_are_positive", "staff_are_positive"}, id="a build of everything"
        ),
    ],
)
def test_a_build_of_changes_asks_the_tests_of_what_has_changed(promises, asked, failed):
    said = promises[asked]
    assert {
        name for name in ("pupils", "staff", "seen") if f"Failure in test {name}_are_positive" in said
    } == {name.removesuffix("_are_positive") for name in failed}


def test_a_test_that_warns_is_asked_whether_or_not_anything_has_changed(promises):
    of_what_stands, *_ = promises
    assert "Warning in test staff_better_be" in of_what_stands
