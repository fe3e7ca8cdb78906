"""A candidate file: the published tables and nothing else, in a format that older clients read."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from release_kit import TABLES, build, write_warehouse

from dagster_project.lib.errors import (
    ReleaseNotFoundError,
    ReleaseRefusedError,
    SettingsError,
    StorageFailedError,
    WarehouseBusyError,
)
from dagster_project.lib.release.candidate import Candidate, build_candidate, load_candidate
from dagster_project.lib.release.durable import sha256
from dagster_project.lib.release.reader import connect


def build_from(warehouse: Path, *tables: str, build_id: str = "b1", folder: str = "candidates") -> Candidate:
    return build_candidate(
        warehouse=warehouse,
        schema="published",
        tables=tables or TABLES,
        candidates_dir=warehouse.parent / folder,
        build_id=build_id,
        release_id="R000001",
    )


def add_table(warehouse: Path, statement: str) -> Path:
    with duckdb.connect(warehouse) as connection:
        connection.execute(statement)
    return warehouse


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    return write_warehouse(tmp_path / "warehouse.duckdb")


def test_types_not_nulls_and_comments_are_those_of_the_warehouse(warehouse: Path) -> None:
    candidate = build_from(warehouse)
    with connect(candidate.file) as connection:
        columns = connection.execute(
            "select column_name, data_type, is_nullable, comment from duckdb_columns() "
            "where table_name = 'pub_unit_results' order by column_index"
        ).fetchall()
        comments = connection.execute("select comment from duckdb_tables() order by table_name").fetchall()
    assert columns == [
        ("release_id", "VARCHAR", False, "Release that the row was published in"),
        ("unit_code", "VARCHAR", False, None),
        ("school_year", "VARCHAR", False, None),
        ("pupils", "INTEGER", True, None),
        ("merit_value", "DECIMAL(6,2)", True, "Mean merit value, 0-340"),
        ("share_eligible", "DOUBLE", True, None),
        ("remark", "VARCHAR", True, None),
        ("version", "INTEGER", False, None),
    ]
    assert comments == [
        ("Results of year 9 in the municipality",),
        ("Results of year 9 by school unit; it's åk 9",),
    ]


def test_the_rows_are_those_of_the_warehouse_in_the_order_of_all_columns(warehouse: Path) -> None:
    candidate = build_from(warehouse)
    with duckdb.connect(warehouse, read_only=True) as source, connect(candidate.file) as copy:
        expected = source.execute(
            "select 'R000001', * from published.pub_unit_results order by all"
        ).fetchall()
        assert copy.execute("select * from pub_unit_results").fetchall() == expected
    assert candidate.tables == {"pub_unit_results": 30, "pub_municipality_results": 1}


def test_only_the_named_tables_leave_the_warehouse(warehouse: Path) -> None:
    add_table(warehouse, "create table published.pupil_register as select 'secret' as name")
    with connect(build_from(warehouse).file) as connection:
        tables = connection.execute("select table_name from duckdb_tables() order by 1").fetchall()
    assert tables == [("pub_municipality_results",), ("pub_unit_results",)]


def test_the_file_is_finished_read_only_and_in_the_format_of_duckdb_1_4(warehouse: Path) -> None:
    candidate = build_from(warehouse)
    assert sorted(path.name for path in candidate.folder.iterdir()) == ["candidate.json", "equity.duckdb"]
    assert stat.S_IMODE(candidate.file.stat().st_mode) & 0o222 == 0
    assert candidate.sha256 == sha256(candidate.file)
    # Bytes 12 to 19 of a DuckDB file are its storage version: 67 is that of 1.4.
    assert int.from_bytes(candidate.file.read_bytes()[12:20], "little") == 67


def test_the_warehouse_is_not_touched(warehouse: Path) -> None:
    before = sha256(warehouse)
    build_from(warehouse)
    assert sha256(warehouse) == before
    assert sorted(path.name for path in warehouse.parent.iterdir()) == ["candidates", "warehouse.duckdb"]


def test_a_candidate_is_found_again_after_the_data_directory_moved(warehouse: Path) -> None:
    candidate = build_from(warehouse)
    moved = warehouse.parent / "elsewhere"
    (warehouse.parent / "candidates").rename(moved)
    again = load_candidate(moved, "b1")
    assert again == candidate.model_copy(update={"folder": moved / "b1"})
    assert str(warehouse.parent) not in (moved / "b1" / "candidate.json").read_text()


def test_a_build_that_was_not_finished_has_no_candidate(tmp_path: Path) -> None:
    (tmp_path / ".new-b1").mkdir()
    with pytest.raises(ReleaseRefusedError, match="no finished candidate"):
        load_candidate(tmp_path, "b1")


@pytest.mark.parametrize("data_type", ["hugeint", "uhugeint", "hugeint[]", "struct(total hugeint)"])
def test_a_column_that_parquet_would_round_is_refused_by_name(warehouse: Path, data_type: str) -> None:
    add_table(warehouse, f"create table published.pub_sums (code varchar, total {data_type})")
    with pytest.raises(ReleaseRefusedError, match=r"Table pub_sums, column total: .*Cast it to bigint"):
        build_from(warehouse, "pub_sums")
    assert list((warehouse.parent / "candidates").iterdir()) == []


def test_a_table_that_is_not_there_is_named(warehouse: Path) -> None:
    with pytest.raises(ReleaseRefusedError, match="Table pub_absent"):
        build_from(warehouse, "pub_unit_results", "pub_absent")
    assert list((warehouse.parent / "candidates").iterdir()) == []


def test_a_release_id_column_of_the_model_is_refused(warehouse: Path) -> None:
    add_table(warehouse, "create table published.pub_own (release_id varchar)")
    with pytest.raises(ReleaseRefusedError, match="Table pub_own"):
        build_from(warehouse, "pub_own")


@pytest.mark.parametrize("table", ['x"; drop table published.pub_unit_results; --', "PUB", "å"])
def test_a_hostile_table_name_is_refused_before_any_sql(warehouse: Path, table: str) -> None:
    with pytest.raises(SettingsError):
        build_from(warehouse, table)
    with duckdb.connect(warehouse, read_only=True) as connection:
        assert connection.execute("select count(*) from published.pub_unit_results").fetchall() == [(30,)]


def test_a_hostile_column_name_is_refused(warehouse: Path) -> None:
    add_table(warehouse, 'create table published.pub_odd ("a"" from x; --" integer)')
    with pytest.raises(SettingsError):
        build_from(warehouse, "pub_odd")


@pytest.mark.parametrize("build_id", ["", "../b1", "a/b", ".new-b1", "a'b", "x" * 101, "å"])
def test_a_build_id_that_is_no_plain_name_is_refused(warehouse: Path, build_id: str) -> None:
    with pytest.raises(SettingsError, match="build id"):
        build_from(warehouse, build_id=build_id)


def test_a_release_id_that_the_store_did_not_give_out_is_refused(warehouse: Path) -> None:
    with pytest.raises(ReleaseNotFoundError):
        build_candidate(
            warehouse=warehouse,
            schema="published",
            tables=TABLES,
            candidates_dir=warehouse.parent / "candidates",
            build_id="b1",
            release_id="2026-11-22",
        )


def test_no_table_at_all_is_refused(warehouse: Path) -> None:
    with pytest.raises(SettingsError, match="No table"):
        build_candidate(
            warehouse=warehouse,
            schema="published",
            tables=[],
            candidates_dir=warehouse.parent / "candidates",
            build_id="b1",
            release_id="R000001",
        )


def test_a_second_candidate_of_the_same_build_is_refused(warehouse: Path) -> None:
    candidate = build_from(warehouse)
    with pytest.raises(ReleaseRefusedError, match="exists already"):
        build_from(warehouse)
    assert sha256(candidate.file) == candidate.sha256


def test_what_a_killed_build_left_is_in_nobodys_way(warehouse: Path) -> None:
    left = warehouse.parent / "candidates" / ".new-b1"
    left.mkdir(parents=True)
    (left / "equity.duckdb").write_bytes(b"half a file")
    assert build_from(warehouse).tables["pub_unit_results"] == 30
    assert not left.exists()


def test_hostile_folder_names_are_only_names(tmp_path: Path) -> None:
    folder = tmp_path / "it's; drop table x; -- [*]"
    assert build(folder, "b1").tables["pub_unit_results"] == 30


def test_a_warehouse_that_was_never_built_is_not_created(tmp_path: Path) -> None:
    with pytest.raises(ReleaseRefusedError, match="has not been built"):
        build_from(tmp_path / "warehouse.duckdb")
    assert list(tmp_path.iterdir()) == []


def test_a_warehouse_that_another_process_writes_to_is_busy(warehouse: Path) -> None:
    program = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    )
    writer = subprocess.Popen(
        [sys.executable, "-c", program, warehouse], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"open\n"
        with pytest.raises(WarehouseBusyError, match=r"warehouse\.duckdb"):
            build_from(warehouse)
    finally:
        writer.communicate()
    assert build_from(warehouse).tables["pub_unit_results"] == 30


def test_a_file_that_is_no_database_is_reported_as_such(tmp_path: Path) -> None:
    broken = tmp_path / "warehouse.duckdb"
    broken.write_bytes(os.urandom(20_000))
    with pytest.raises(StorageFailedError, match="b1"):
        build_from(broken)
    assert list((tmp_path / "candidates").iterdir()) == []
