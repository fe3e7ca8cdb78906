"""Which data sets the gate can do without: those the release says it lacks and nobody had, and no other."""

import duckdb
import pytest

from dagster_project.defs.publication.candidate import lost_data_sets

TABLES = """
create schema quality;
create table quality.dq_extract_accounting (source varchar, dataset varchar, period varchar, loaded bigint);
create table quality.dq_delivery_problems (source varchar, dataset varchar, period varchar);
insert into quality.dq_delivery_problems values
    ('siris', 'pupils', '2024'), ('siris', 'pupils', '2025'), ('siris', 'teachers', '2025'),
    ('siris', 'costs_gr', '2025');
insert into quality.dq_extract_accounting values
    ('siris', 'teachers', '2024', 290), ('siris', 'costs_gr', '2025', 0), ('siris', 'grades_y6', '2025', 0);
"""


@pytest.fixture
def warehouse():
    with duckdb.connect() as connection:
        connection.execute(TABLES)
        yield connection


def test_lost_is_what_failed_and_has_no_row(warehouse):
    assert lost_data_sets(warehouse, None) == {"siris/pupils", "siris/costs_gr"}


def test_a_data_set_with_rows_of_another_year_is_not_lost(warehouse):
    warehouse.execute(
        "insert into quality.dq_extract_accounting values"
        " ('siris', 'pupils', '2023', 1), ('siris', 'costs_gr', '2024', 1)"
    )
    assert lost_data_sets(warehouse, None) == set()


def test_a_data_set_without_rows_of_which_nobody_told_is_not_lost(warehouse):
    warehouse.execute("delete from quality.dq_delivery_problems")
    assert lost_data_sets(warehouse, None) == set()


def test_a_data_set_that_readers_have_is_not_lost(warehouse, tmp_path):
    last = tmp_path / "equity.duckdb"
    with duckdb.connect(last) as release:
        release.execute(
            "create table pub_deliveries as from (values ('siris', 'pupils', 3892), ('siris', 'costs_gr', 0))"
            " as deliveries(source, dataset, loaded)"
        )
    assert lost_data_sets(warehouse, last) == {"siris/costs_gr"}
