"""The exports hold the release's values, and no spreadsheet runs one of them."""

import csv
import datetime as dt
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dagster_project.lib.release.exports import write_exports


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "equity.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute(
            """
            create table pub_mixed as
            select * from (values
                ('R000001', 'Åsö', 1::integer, 1.50::decimal(6, 2), 0.1::double, date '2025-10-15', true),
                ('R000001', 'a;b "c"', -2, -3.25, -0.5, null, false),
                ('R000001', null, null, null, null, null, null)
            ) t(release_id, name, pupils, merit_value, share, day, is_independent)
            """
        )
    return path


def exported(database: Path, folder: Path, **options: bool) -> Path:
    folder.mkdir()
    write_exports(database, folder, **options)
    return folder


def lines(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.reader(opened, delimiter=";"))


def test_csv_is_as_a_swedish_excel_expects_it(database: Path, tmp_path: Path) -> None:
    file = exported(database, tmp_path / "out") / "csv" / "pub_mixed.csv"
    assert file.read_bytes().startswith(b"\xef\xbb\xbfrelease_id;name;")
    assert lines(file) == [
        ["release_id", "name", "pupils", "merit_value", "share", "day", "is_independent"],
        ["R000001", "Åsö", "1", "1,50", "0,1", "2025-10-15", "true"],
        ["R000001", 'a;b "c"', "-2", "-3,25", "-0,5", "", "false"],
        ["R000001", "", "", "", "", "", ""],
    ]


def test_csv_can_have_decimal_points(database: Path, tmp_path: Path) -> None:
    file = exported(database, tmp_path / "out", decimal_comma=False) / "csv" / "pub_mixed.csv"
    assert lines(file)[2][3:5] == ["-3.25", "-0.5"]


def test_parquet_has_the_types_and_rows_of_the_table(database: Path, tmp_path: Path) -> None:
    file = exported(database, tmp_path / "out") / "parquet" / "pub_mixed.parquet"
    table = pq.read_table(file)
    assert [str(field.type) for field in table.schema] == [
        "string",
        "string",
        "int32",
        "decimal128(6, 2)",
        "double",
        "date32[day]",
        "bool",
    ]
    assert table.column("day").to_pylist() == [dt.date(2025, 10, 15), None, None]
    assert pq.ParquetFile(file).metadata.row_group(0).column(0).compression == "ZSTD"


def test_nothing_but_the_exports_is_left_in_the_folder(database: Path, tmp_path: Path) -> None:
    folder = exported(database, tmp_path / "out")
    assert sorted(path.name for path in folder.iterdir()) == ["csv", "parquet"]


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+46",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1",
        "＋1",
        "－1",
        "＠a",
        '=cmd|"/c calc"!A1',
    ],
)
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(tmp_path: Path, text: str) -> None:
    assert cell_of(tmp_path, text) == f"'{text}"


@pytest.mark.parametrize("text", ["a=1", "Skola", "'quoted", " =1", "4–9", ".", "1480"])
def test_any_other_text_is_left_as_it_is(tmp_path: Path, text: str) -> None:
    assert cell_of(tmp_path, text) == text


@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_text_comes_back_out_of_the_csv(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    cell = cell_of(tmp_path_factory.mktemp("csv"), text)
    assert cell in {text, f"'{text}"}
    assert cell[0] not in "=+-@\t\r\n＝＋－＠"


@pytest.mark.parametrize(
    "expression",
    ["['=1']", "{'a': '=1'}", "'=1'::enum_formula", "map {'=1': 1}"],
    ids=["list", "struct", "enum", "map"],
)
def test_a_formula_inside_another_type_does_not_start_its_cell(tmp_path: Path, expression: str) -> None:
    path = tmp_path / "equity.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute("create type enum_formula as enum ('=1')")
        connection.execute(f"create table t as select 'R000001' as release_id, {expression} as value")
    cell = lines(exported(path, tmp_path / "out") / "csv" / "t.csv")[1][1]
    assert "=1" in cell
    assert cell[0] in "'[{"


def cell_of(folder: Path, text: str) -> str:
    path = folder / "equity.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute("create table t as select 'R000001' as release_id, ?::varchar as value", [text])
    (_, row) = lines(exported(path, folder / "out") / "csv" / "t.csv")
    return row[1]
