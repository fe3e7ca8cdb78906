"""What a release was made from is kept beside it, and is what the next build is held against."""

import datetime as dt
import stat
from pathlib import Path

import duckdb
import pytest

from dagster_project.lib import vintages
from dagster_project.lib.errors import SettingsError


@pytest.fixture
def connection(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    """A build file whose own figures in force are one row."""
    connection = duckdb.connect(tmp_path / "warehouse.duckdb")
    connection.execute("create schema raw")
    connection.execute("create schema indicators")
    vintages.create_tables(connection)
    connection.execute(
        "create table indicators.ind_own_statistics_in_force as from raw.own_statistics_vintage"
    )
    connection.execute(
        "create table indicators.ind_disclosure_pattern as from raw.disclosure_pattern_vintage"
    )
    connection.execute("create table indicators.ind_own_levels_in_force as from raw.own_levels_vintage")
    connection.execute(
        "insert into indicators.ind_own_levels_in_force by name"
        " select 'unit' as entity_type, 'u1' as entity_key, '9901' as municipality_code,"
        " '2024/25' as school_year, 'own_a__level' as indicator_id, 'all' as group_id,"
        " 41 as persons, 'ok' as status"
    )
    connection.execute("create schema quality")
    connection.execute("create table quality.dq_marts as select 'fct_grade' as mart, 40 as n_rows")
    connection.execute(
        "create table quality.dq_mart_figures as select 'fct_grade' as mart, 12.5 as mean_value"
    )
    return connection


def loaded(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, int]]:
    return connection.execute("select entity_key, persons from raw.own_levels_vintage").fetchall()


def test_a_vintage_is_loaded_as_it_was_kept_and_only_this_user_can_read_it(connection, tmp_path) -> None:
    path = vintages.keep(connection, tmp_path / "vintages", "R000007")
    assert path.name == "R000007"
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.iterdir()} == {0o600}
    assert vintages.is_whole(path)
    connection.execute("update indicators.ind_own_levels_in_force set persons = 42")
    vintages.load(connection, path)
    assert loaded(connection) == [("u1", 41)]


def test_what_the_marts_held_is_shown_as_it_was_for_each_release(connection, tmp_path) -> None:
    before = vintages.keep(connection, tmp_path / "vintages", "R000006")
    connection.execute("update quality.dq_marts set n_rows = 30")
    last = vintages.keep(connection, tmp_path / "vintages", "R000007")
    connection.execute("update quality.dq_marts set n_rows = 20")
    assert vintages.show_marts(connection, [last, before]) == {"dq_marts", "dq_mart_figures"}
    assert connection.sql("select n_rows from last.dq_marts").fetchall() == [(30,)]
    assert connection.sql("select releases_ago, n_rows from recent.dq_marts order by 1").fetchall() == [
        (1, 30),
        (2, 40),
    ]


def test_before_it_was_kept_nothing_is_shown(connection, tmp_path) -> None:
    before = vintages.keep(connection, tmp_path / "vintages", "R000006")
    last = vintages.keep(connection, tmp_path / "vintages", "R000007")
    (last / "dq_mart_figures.parquet").unlink()
    assert vintages.show_marts(connection, [last, before]) == {"dq_marts"}
    (last / "dq_marts.parquet").unlink()
    assert vintages.show_marts(connection, [last, before]) == frozenset()
    assert vintages.is_whole(last)


def test_a_release_whose_marts_were_not_kept_is_left_out(connection, tmp_path) -> None:
    before = vintages.keep(connection, tmp_path / "vintages", "R000006")
    last = vintages.keep(connection, tmp_path / "vintages", "R000007")
    (before / "dq_marts.parquet").unlink()
    assert vintages.show_marts(connection, [last, before]) == {"dq_marts", "dq_mart_figures"}
    assert connection.sql("select releases_ago from recent.dq_marts").fetchall() == [(1,)]


def test_a_column_that_an_older_version_did_not_keep_is_missing(connection, tmp_path) -> None:
    last = vintages.keep(connection, tmp_path / "vintages", "R000007")
    connection.execute("alter table quality.dq_marts add column n_values bigint")
    vintages.show_marts(connection, [last])
    assert connection.sql("select n_rows, n_values from last.dq_marts").fetchall() == [(40, None)]


def test_without_a_release_nothing_is_shown(connection) -> None:
    assert vintages.show_marts(connection, []) == frozenset()


def test_loading_replaces_what_was_there_and_nothing_empties_it(connection, tmp_path) -> None:
    path = vintages.keep(connection, tmp_path / "vintages", "R000007")
    vintages.load(connection, path)
    vintages.load(connection, path)
    assert loaded(connection) == [("u1", 41)]
    vintages.load(connection, None)
    assert loaded(connection) == []


def test_a_vintage_of_an_older_version_is_read_by_the_names_of_its_columns(connection, tmp_path) -> None:
    connection.execute("alter table indicators.ind_own_levels_in_force drop column interval_low")
    connection.execute("alter table indicators.ind_own_levels_in_force add column retired integer")
    vintages.load(connection, vintages.keep(connection, tmp_path / "vintages", "R000007"))
    assert loaded(connection) == [("u1", 41)]


def test_a_vintage_without_one_of_its_files_is_not_whole(connection, tmp_path) -> None:
    path = vintages.keep(connection, tmp_path / "vintages", "R000007")
    (path / "own_statistics_vintage.parquet").unlink()
    assert not vintages.is_whole(path)


def test_vintages_of_releases_that_are_gone_are_removed(connection, tmp_path) -> None:
    for release_id in ("R000001", "R000002", "R000003"):
        vintages.keep(connection, tmp_path / "vintages", release_id)
    vintages.retire(tmp_path / "vintages", {"R000002", "R000003"})
    assert sorted(path.name for path in (tmp_path / "vintages").iterdir()) == [
        "R000002",
        "R000003",
    ]


CALENDAR = [dt.date(2027, 2, 15), dt.date(2027, 6, 30)]


@pytest.mark.parametrize(
    ("published_on", "today", "is_due"),
    [
        (dt.date(2026, 11, 24), dt.date(2027, 2, 14), False),
        (dt.date(2026, 11, 24), dt.date(2027, 2, 15), True),
        (dt.date(2027, 2, 15), dt.date(2027, 2, 15), False),
        (dt.date(2027, 2, 16), dt.date(2027, 6, 29), False),
        (dt.date(2027, 2, 16), dt.date(2027, 7, 1), True),
    ],
)
def test_a_revision_is_due_when_a_date_has_come_since_the_release(published_on, today, is_due) -> None:
    assert vintages.is_revision_due(CALENDAR, published_on, today) is is_due


def test_the_calendar_is_read_in_order_and_a_line_without_a_date_is_refused(tmp_path) -> None:
    seed = tmp_path / "thr_revision_calendar.csv"
    seed.write_text("revised_on;name_sv\n2027-06-30;Sommar\n2027-02-15;Vinter\n")
    assert vintages.read_calendar(seed) == CALENDAR
    seed.write_text("revised_on;name_sv\nsommaren;Sommar\n")
    with pytest.raises(SettingsError, match=r"thr_revision_calendar\.csv"):
        vintages.read_calendar(seed)
