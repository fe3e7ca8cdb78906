"""Rows of the made-up municipality are marked wherever they stand, and stand in no table without the mark."""

import duckdb
import pytest

from dagster_project.lib.release.sql import identifier
from demo.units import MUNICIPALITY_CODE

# How a row of a mart tells whose it is: by the first of these columns that it has.
_IS_MADE_UP = {
    "unit_key": (
        f"unit_key in (select unit_key from marts.dim_unit where municipality_code = '{MUNICIPALITY_CODE}')"
    ),
    "organiser_number": "organiser_number in (select organiser_number from marts.dim_unit where is_made_up)",
    "municipality_code": f"municipality_code = '{MUNICIPALITY_CODE}'",
}


def wrongly_marked(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Marts with made-up rows that are not marked, or marked rows that are not made up, with their number."""
    tables = connection.execute(
        "select schema_name, table_name, list(column_name) from duckdb_columns()"
        " where schema_name in ('marts', 'restricted') group by all"
    ).fetchall()
    wrong = {}
    for schema, table, columns in tables:
        mark = "coalesce(is_made_up, false)" if "is_made_up" in columns else "false"
        told_by = [test for column, test in _IS_MADE_UP.items() if column in columns]
        # Of a protected person not even the unit is told.
        hidden = (
            "is_protected and unit_key is null" if {"is_protected", "unit_key"} <= {*columns} else "false"
        )
        for is_made_up in told_by[:1]:
            (count,) = connection.execute(
                f"select count(*) from {identifier(schema)}.{identifier(table)}"
                f" where {mark} <> coalesce({is_made_up}, false) and not ({hidden})"
            ).fetchone() or (0,)
            if count:
                wrong[f"{schema}.{table}"] = count
    return wrong


def test_every_made_up_row_is_marked_and_no_other(release):
    with duckdb.connect(release.warehouse, read_only=True) as connection:
        (units,) = connection.execute("select count(*) from marts.dim_unit where is_made_up").fetchone()
        assert units >= 30
        assert wrongly_marked(connection) == {}


@pytest.mark.parametrize(
    ("damage", "table"),
    [
        (
            "update marts.fct_unit_attendance_month set is_made_up = false where rowid = 3",
            "marts.fct_unit_attendance_month",
        ),
        (
            "update marts.fct_unit_results set unit_key = (select min(unit_key) from marts.dim_unit"
            " where is_made_up) where rowid = 5",
            "marts.fct_unit_results",
        ),
    ],
    ids=["mark_lost", "mixed_in"],
)
def test_a_row_that_is_mixed_in_is_found(release, tmp_path, damage, table):
    with duckdb.connect(tmp_path / "warehouse.duckdb") as connection:
        connection.execute(f"attach '{release.warehouse}' as built (read_only)")
        for schema, name in [("marts", "dim_unit"), ("marts", "dim_organiser"), tuple(table.split("."))]:
            connection.execute(f"create schema if not exists {schema}")
            connection.execute(f"create or replace table {schema}.{name} as from built.{schema}.{name}")
        connection.execute("detach built")
        connection.execute(damage)
        assert wrongly_marked(connection) == {table: 1}
