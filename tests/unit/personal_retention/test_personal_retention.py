"""Retention: old files and rows that nothing is built from go and are written down; rows in use never do."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from dagster_project.lib import raw_tables
from dagster_project.lib.answers import Answer
from dagster_project.lib.errors import SettingsError
from dagster_project.lib.extract_store import ExtractStore
from dagster_project.lib.personal_retention import prune, read_rules
from dagster_project.lib.raw_tables import Account
from dagster_project.lib.warehouse import open_warehouse
from dagster_project.settings import PROJECT_ROOT

NOW = dt.datetime(2026, 11, 20, 4, 15, tzinfo=dt.UTC)
RULES = {("ss12000", "*"): 90, ("ss12000", "attendance_events"): 60, ("deliveries", "*"): 400}
STAGING = """
create schema if not exists staging;
create or replace table staging.base_ss12000__groups as
select _extract_id as extract_id, _row_number as row_number, id, meta_modified,
    case when group_type = 'broken' then 'unreadable' end as broken_rule
from raw.ss12000_groups;
create or replace view staging.stg_ss12000__groups as
select * from staging.base_ss12000__groups as b
where broken_rule is null
    and not exists (
        select 1 from raw.ss12000_deleted_entities as d where d.entity_type = 'groups' and d.id = b.id
    )
qualify row_number() over (partition by id order by meta_modified desc) = 1;
"""


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_warehouse(tmp_path / "w.duckdb", memory_limit="300MB", threads=1) as connection:
        raw_tables.create_tables(connection)
        yield connection


@pytest.fixture
def store(tmp_path: Path) -> ExtractStore:
    return ExtractStore(tmp_path / "raw")


@pytest.fixture
def deliver(connection, store):
    """Stores one extract of a list, as old as told, with these rows (id, modified, name)."""

    def deliver(period: str, days_old: int, *rows: tuple[str, str, str], dataset: str = "groups") -> str:
        with store.staging() as folder:
            (folder / "rows").write_bytes(period.encode())
            extract = store.keep(
                folder / "rows",
                source="ss12000",
                dataset=dataset,
                period=period,
                address="https://x",
                answers=1,
                fetched_at=NOW - dt.timedelta(days=days_old),
                sha256=f"{period}{dataset}".encode().hex().ljust(64, "0")[-64:],
                size_bytes=1,
            )
        table = f"ss12000_{dataset}"
        account = Account(len(rows), len(rows), 0, 0, [], "s", "r")
        raw_tables.record(connection, extract, table, account)
        for number, (identity, modified, name) in enumerate(rows, start=1):
            if dataset == "groups":
                connection.execute(
                    "insert into raw.ss12000_groups"
                    " (id, meta_modified, group_type, _row_number, _extract_id) values (?, ?, ?, ?, ?)",
                    [identity, modified, name, number, extract.extract_id],
                )
            elif dataset == "deleted_entities":
                connection.execute(
                    "insert into raw.ss12000_deleted_entities (entity_type, id, asked_at, _row_number,"
                    " _extract_id) values ('groups', ?, ?, ?, ?)",
                    [identity, modified, number, extract.extract_id],
                )
        return extract.path

    return deliver


def left(connection: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    return connection.execute(
        "select id, meta_modified, group_type from raw.ss12000_groups order by all"
    ).fetchall()


def test_an_old_version_goes_when_a_sound_later_one_has_taken_its_place(connection, store, deliver):
    deliver("full", 100, ("g1", "2026-01", "old"), ("g2", "2026-01", "alone"))
    deliver("later", 1, ("g1", "2026-11", "new"))
    connection.execute(STAGING)
    used = connection.execute("select * from staging.stg_ss12000__groups order by all").fetchall()
    (one,) = prune(connection, store, RULES, now=NOW)
    assert (one.period, one.rows_pruned, one.is_file_pruned, one.keep_days) == ("full", 1, True, 90)
    assert left(connection) == [("g1", "2026-11", "new"), ("g2", "2026-01", "alone")]
    # Built anew from what is left, staging says the same.
    connection.execute(STAGING)
    assert connection.execute("select * from staging.stg_ss12000__groups order by all").fetchall() == used


def test_a_version_stays_while_the_later_one_is_broken(connection, store, deliver):
    deliver("full", 100, ("g1", "2026-01", "old"))
    deliver("later", 95, ("g1", "2026-11", "broken"))
    connection.execute(STAGING)
    prune(connection, store, RULES, now=NOW)
    assert left(connection) == [("g1", "2026-01", "old"), ("g1", "2026-11", "broken")]


def test_nothing_young_goes_whatever_has_taken_its_place(connection, store, deliver):
    path = deliver("full", 89, ("g1", "2026-01", "old"))
    deliver("later", 1, ("g1", "2026-11", "new"))
    connection.execute(STAGING)
    assert prune(connection, store, RULES, now=NOW) == []
    assert len(left(connection)) == 2
    assert (store.root / path).is_file()


def test_rows_that_staging_has_not_looked_at_stay(connection, store, deliver):
    deliver("full", 100, ("g1", "2026-01", "old"))
    connection.execute(STAGING)
    deliver("other", 100, ("g1", "2025-01", "older"), ("g3", "2026-01", "unseen"))
    prune(connection, store, RULES, now=NOW)
    assert len(left(connection)) == 3


def test_without_a_build_no_row_goes(connection, store, deliver):
    deliver("full", 100, ("g1", "2026-01", "old"))
    deliver("later", 95, ("g1", "2026-11", "new"))
    assert {one.rows_pruned for one in prune(connection, store, RULES, now=NOW)} == {0}
    assert len(left(connection)) == 2


def test_what_was_deleted_goes_and_then_the_deletion_itself(connection, store, deliver):
    deliver("full", 100, ("g1", "2026-01", "gone"), ("g2", "2026-01", "stays"))
    deliver("gone", 95, ("g1", "2026-02", ""), dataset="deleted_entities")
    deliver("gone2", 10, ("g9", "2026-11", ""), dataset="deleted_entities")
    connection.execute(STAGING)
    prune(connection, store, RULES, now=NOW)
    assert left(connection) == [("g2", "2026-01", "stays")]
    prune(connection, store, RULES, now=NOW)
    assert connection.execute("select id from raw.ss12000_deleted_entities").fetchall() == [("g9",)]


def test_a_deletion_stays_as_long_as_what_it_deletes(connection, store, deliver):
    deliver("full", 5, ("g1", "2026-01", "gone"))
    deliver("gone", 95, ("g1", "2026-02", ""), dataset="deleted_entities")
    connection.execute(STAGING)
    prune(connection, store, RULES, now=NOW)
    assert connection.execute("select id from raw.ss12000_deleted_entities").fetchall() == [("g1",)]


def test_what_went_is_written_down_twice_over_and_a_second_time_there_is_nothing(connection, store, deliver):
    path = deliver("full", 100, ("g1", "2026-01", "alone"))
    connection.execute(STAGING)
    prune(connection, store, RULES, now=NOW)
    assert not (store.root / path).exists()
    logged = connection.execute(
        "select source, dataset, period, keep_days, rows_pruned, is_file_pruned from raw.pruned_extracts"
    ).fetchall()
    assert logged == [("ss12000", "groups", "full", 90, 0, True)]
    (line,) = (store.root / "pruned.jsonl").read_text().splitlines()
    assert json.loads(line)["extract_id"].startswith("ss12000/groups/full/")
    assert prune(connection, store, RULES, now=NOW) == []


def test_a_list_of_its_own_may_have_a_rule_of_its_own(connection, store, deliver):
    deliver("full", 70, dataset="attendance_events")
    deliver("full", 70)
    assert [one.dataset for one in prune(connection, store, RULES, now=NOW)] == ["attendance_events"]


def test_open_data_is_never_pruned(connection, store):
    extract = store.put(source="siris", dataset="x", period="2020", answers=[Answer("x.csv", b"a")])
    assert prune(connection, store, RULES, now=NOW + dt.timedelta(days=9999)) == []
    assert (store.root / extract.path).is_file()


def test_a_pruned_extract_that_comes_again_is_stored_again(connection, store, deliver):
    path = deliver("full", 100)
    prune(connection, store, RULES, now=NOW)
    connection.execute("delete from raw.extracts")
    assert deliver("full", 0) == path
    assert (store.root / path).is_file()


def test_the_rules_of_the_project_cover_every_source_of_personal_data():
    rules = read_rules(PROJECT_ROOT / "seeds" / "thresholds" / "thr_retention.csv")
    assert rules["ss12000", "*"] > rules["ss12000", "attendance_events"] > 30


@pytest.mark.parametrize(
    "text",
    ["ss12000;*;90", "ss12000;*;90\ndeliveries;*;x", "ss12000;*;90\ndeliveries;*;0", "deliveries;*;9"],
)
def test_rules_that_say_nothing_about_a_source_are_refused(tmp_path: Path, text: str):
    path = tmp_path / "thr_retention.csv"
    path.write_text(f"source_name;dataset;keep_days\n{text}\n")
    with pytest.raises(SettingsError, match="thr_retention"):
        read_rules(path)
