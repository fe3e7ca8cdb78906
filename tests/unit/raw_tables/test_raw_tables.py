"""Loading extracts: a period's rows are replaced as a whole or left alone, and every row is counted."""

from pathlib import Path

import duckdb
import pytest

from dagster_project.lib import raw_tables, vintages
from dagster_project.lib.answers import Answer
from dagster_project.lib.errors import SourceUnavailableError
from dagster_project.lib.extract_store import Extract, ExtractStore
from dagster_project.lib.raw_tables import LoadReport
from dagster_project.lib.readers import EMPTY_TABLES
from dagster_project.lib.warehouse import open_warehouse

TABLE = "siris_grades_y6"
PLACE = {"source": "siris", "dataset": "grades_y6", "raw_table": TABLE}
PUBLISHED = Path(__file__).parents[2] / "fixtures" / "readers" / "betyg_ak6_2025_kommun.csv"


def rows_of(body: bytes) -> list[bytes]:
    return [line for line in body.splitlines() if line.count(b";") == 10 and b";14" in line]


@pytest.fixture
def connection(tmp_path):
    with open_warehouse(tmp_path / "warehouse.duckdb", memory_limit="500MB", threads=1) as connection:
        raw_tables.create_tables(connection)
        yield connection


@pytest.fixture
def store(tmp_path) -> ExtractStore:
    return ExtractStore(tmp_path / "raw")


@pytest.fixture
def deliver(connection, store):
    """Stores and loads one body for a period; returns the report."""

    def deliver(body: bytes, period: str = "2025") -> LoadReport:
        answers = [Answer(f"betyg_ak6_{period}.csv", body)]
        extract = store.put(source="siris", dataset="grades_y6", period=period, answers=answers)
        return raw_tables.load(connection, store, extract, TABLE)

    return deliver


@pytest.fixture
def body() -> bytes:
    return PUBLISHED.read_bytes()


def content(connection: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    return connection.execute(f'select * from raw."{TABLE}" order by all').fetchall()


def one(connection: duckdb.DuckDBPyConnection, query: str) -> object:
    (value,) = connection.execute(query).fetchone()
    return value


def problems(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    return connection.execute("select period, rule from raw.delivery_problems order by 1").fetchall()


def test_every_table_dbt_reads_is_there_before_anything_is_delivered(connection):
    tables = {
        row[0]
        for row in connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'raw'"
        ).fetchall()
    }
    accounts = {"extracts", "rejected_rows", "delivery_problems", "delivery_files", "pruned_extracts"}
    accounts |= {"person_keys", "ss12000_state", "delivery_origin", "withdrawn_deliveries", "disclosed"}
    accounts |= set(vintages.FIGURES)
    assert tables == {*EMPTY_TABLES, *accounts}
    raw_tables.create_tables(connection)


def test_a_delivery_is_loaded_and_every_row_accounted_for(connection, deliver, body):
    with_odd_rows = body.replace(
        b"\nAle;1440;", b"\nAle;144;", 1
    )  # a spreadsheet lost a digit of the first row's code
    row = rows_of(body)[2]
    report = deliver(with_odd_rows.replace(row, row + b"\n" + row, 1))
    assert report.problem is None
    assert (report.rejected, report.duplicates) == (1, 1)
    assert report.delivered == report.loaded + report.rejected + report.duplicates
    assert report.loaded == len(content(connection))
    account = connection.execute(
        "select delivered, loaded, rejected, duplicates, raw_table from raw.extracts"
    ).fetchall()
    assert account == [(report.delivered, report.loaded, 1, 1, TABLE)]
    rejected = connection.execute("select extract_id, rule from raw.rejected_rows").fetchall()
    assert rejected == [(report.extract.extract_id, "municipality_code")]


def test_a_later_delivery_of_a_period_replaces_its_rows_and_no_others(connection, deliver, body):
    deliver(body, "2024")
    earlier = deliver(body, "2025")
    others = connection.execute(
        f'select * from raw."{TABLE}" where _extract_id <> ? order by all', [earlier.extract.extract_id]
    ).fetchall()
    corrected = deliver(body.replace(b";445;", b";446;", 1), "2025")
    assert corrected.extract.extract_id != earlier.extract.extract_id
    assert one(connection, f"select count(*) from raw.\"{TABLE}\" where pupils = '446'") == 1
    assert (
        others
        == connection.execute(
            f'select * from raw."{TABLE}" where _extract_id <> ? order by all', [corrected.extract.extract_id]
        ).fetchall()
    )
    assert one(connection, "select count(*) from raw.extracts") == 2
    assert earlier.extract.extract_id not in {row[-1] for row in content(connection)}


def test_a_correction_taken_back_brings_the_first_rows_again(connection, deliver, body):
    deliver(body)
    first = content(connection)
    deliver(body.replace(b";445;", b";446;", 1))
    again = deliver(body)
    assert not again.unchanged
    assert content(connection) == first


def test_rejected_rows_of_a_replaced_delivery_are_gone_with_it(connection, deliver, body):
    deliver(body.replace(b"\nAle;1440;", b"\nAle;144;", 1))
    deliver(body)
    assert one(connection, "select count(*) from raw.rejected_rows") == 0


def test_the_same_bytes_are_not_loaded_again(connection, deliver, body):
    first = deliver(body)
    connection.execute(f"update raw.\"{TABLE}\" set pupils = 'tracer'")
    second = deliver(body)
    assert second.unchanged
    assert not first.unchanged
    assert (second.delivered, second.loaded) == (first.delivered, first.loaded)
    assert one(connection, f"select count(*) from raw.\"{TABLE}\" where pupils = 'tracer'") == first.loaded


def test_a_changed_reader_reads_the_same_bytes_again(connection, deliver, body, monkeypatch):
    first = deliver(body)
    connection.execute(f"update raw.\"{TABLE}\" set pupils = 'tracer'")
    monkeypatch.setattr(raw_tables, "reader_fingerprint", lambda: "another reader")
    second = deliver(body)
    assert not second.unchanged
    assert one(connection, f"select count(*) from raw.\"{TABLE}\" where pupils = 'tracer'") == 0
    assert len(content(connection)) == first.loaded
    assert one(connection, "select reader_fingerprint from raw.extracts") == "another reader"


def test_a_refused_delivery_leaves_the_good_rows_and_is_remembered(connection, deliver, body):
    deliver(body)
    good = content(connection)
    report = deliver(b"<!DOCTYPE html><html><body>Sidan kunde inte visas</body></html>")
    assert report.problem is not None
    assert "betyg_ak6_2025.csv" in report.problem
    assert (report.delivered, report.loaded) == (0, 0)
    assert content(connection) == good
    assert problems(connection) == [("2025", "not_this_file")]
    assert one(connection, "select count(*) from raw.extracts") == 1


def test_a_refused_first_delivery_loads_nothing(connection, deliver, body):
    deliver(body[: len(body) // 2])
    assert content(connection) == []
    assert problems(connection) == [("2025", "truncated")]
    assert one(connection, "select count(*) from raw.extracts") == 0


@pytest.mark.parametrize("mended_with", ["the same bytes as before", "new bytes"])
def test_a_problem_is_cleared_by_the_next_good_delivery_of_that_period_only(
    connection, deliver, body, mended_with
):
    deliver(body, "2024")
    deliver(body, "2025")
    deliver(b"", "2024")
    deliver(b"", "2025")
    assert problems(connection) == [("2024", "not_this_file"), ("2025", "not_this_file")]
    deliver(body if mended_with == "the same bytes as before" else body.replace(b";445;", b";446;", 1))
    assert problems(connection) == [("2024", "not_this_file")]


def test_a_failed_fetch_is_remembered_and_the_rows_stand(connection, deliver, body):
    deliver(body)
    good = content(connection)
    problem = SourceUnavailableError(
        source="https://siris.example/export",
        rule="no_answer",
        message="the source did not answer",
        remedy="Try later.",
    )
    report = raw_tables.record_failed_fetch(connection, period="2025", problem=problem, **PLACE)
    assert report.extract is None
    assert report.problem == str(problem)
    assert content(connection) == good
    assert problems(connection) == [("2025", "no_answer")]
    assert one(connection, "select message from raw.delivery_problems") == str(problem)


def test_a_load_that_fails_half_way_changes_nothing(connection, store, deliver, body, monkeypatch):
    deliver(body)
    good = content(connection)
    account = connection.execute("select * from raw.extracts").fetchall()

    def out_of_memory(*_: object) -> None:
        raise duckdb.OutOfMemoryException("no more memory")

    monkeypatch.setattr(raw_tables, "record", out_of_memory)
    with pytest.raises(duckdb.OutOfMemoryException):
        deliver(body.replace(b";445;", b";446;", 1))
    monkeypatch.undo()
    assert content(connection) == good
    assert connection.execute("select * from raw.extracts").fetchall() == account
    assert not deliver(body.replace(b";445;", b";446;", 1)).unchanged


def test_a_message_names_file_row_and_remedy_and_no_cell(connection, deliver, body):
    report = deliver(body.replace(b"Ale;1440", b"Hemlig Elevsson;1440", 1)[:-400])
    assert report.problem is not None
    assert "Elevsson" not in report.problem
    report = deliver(body.replace(b"Ale;1440", b"Hemlig Elevsson;144", 1))
    assert report.rejected == 1
    reasons = connection.execute("select rule || reason from raw.rejected_rows").fetchall()
    assert "Elevsson" not in str(reasons)


def test_a_store_read_by_another_process_gives_the_same_rows(connection, store, deliver, body):
    report = deliver(body)
    (extract,) = ExtractStore(store.root).manifest()
    assert isinstance(extract, Extract)
    assert extract == report.extract
    assert raw_tables.load(connection, ExtractStore(store.root), extract, TABLE).unchanged
