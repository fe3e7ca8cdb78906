"""Underlag för analys: the workbook and the PxWeb answer; and SCB's population, of the same format."""

import io
import json
import zipfile
from typing import Any

import pytest
from small_workbook import packed, workbook

from dagster_project.lib.answers import Answer
from dagster_project.lib.errors import (
    DeliveryProblem,
    HeaderChangedError,
    NotThisFileError,
    TooManyRowsError,
    TruncatedError,
)
from dagster_project.lib.readers import EMPTY_TABLES, READERS, ReadResult, xlsx
from dagster_project.lib.readers.ufa_measures import MEASURES

LEVELS = ["RIKET: TOTALT", "UPPSALA KOMMUN (2120003005): ALMTUNASKOLAN (13431400)"]
Rows = list[list[str | float | None]]


def sheet() -> Rows:
    """A small table: all measures, two levels, one explanation below."""
    head: Rows = [["Underlag för analys för grundskola"], [""], ["", *LEVELS], ["", "2024/25", "2024/25"]]
    body: Rows = [[measure, float(at), at + 0.5] for at, measure in enumerate(MEASURES)]
    return [*head, *body, [""], ["(.) Uppgiften saknas"]]


def read(body: bytes, name: str = "ufa.xlsx") -> ReadResult:
    return READERS["ufa_measures"]([Answer(name, body)])


def test_the_workbook_gives_a_row_per_measure_and_level() -> None:
    rows = sheet()
    rows[4][2] = ".."
    rows[5][2] = None
    result = read(workbook(rows))
    assert result.table.schema == EMPTY_TABLES["ufa_measures"]
    assert result.table.num_rows == result.delivered == 2 * len(MEASURES)
    found = [tuple(row.values()) for row in result.table.slice(0, 4).to_pylist()]
    assert found == [
        ("2024/25", LEVELS[0], MEASURES[0], "0", "ufa.xlsx", 5),
        ("2024/25", LEVELS[1], MEASURES[0], "..", "ufa.xlsx", 5),
        ("2024/25", LEVELS[0], MEASURES[1], "1", "ufa.xlsx", 6),
        ("2024/25", LEVELS[1], MEASURES[1], None, "ufa.xlsx", 6),
    ]


def test_numbers_keep_their_digits() -> None:
    rows = sheet()
    rows[4][1:] = [155278813.0, 0.1 + 0.2]
    assert read(workbook(rows)).table["value"].to_pylist()[:2] == ["155278813", "0.30000000000000004"]


@pytest.mark.parametrize("measure", MEASURES)
def test_each_measure_is_missed_by_name(measure: str) -> None:
    rows = [row for row in sheet() if row[0] != measure]
    with pytest.raises(HeaderChangedError) as caught:
        read(workbook(rows))
    assert caught.value.column == measure


def test_a_new_measure_is_kept_and_noted() -> None:
    rows = sheet()
    rows.insert(10, ["Delmål 7: Nytt", 1.0, 2.0])
    result = read(workbook(rows))
    assert result.notes == ["ufa.xlsx: unknown measure 'Delmål 7: Nytt' kept"]
    assert result.table.num_rows == 2 * len(MEASURES) + 2


@pytest.mark.parametrize(
    ("row", "cells", "found"),
    [
        (2, ["", LEVELS[0], LEVELS[0]], "2 times"),
        (2, ["", LEVELS[0], ""], "no label"),
        (3, ["", "2024/25", "alla"], "school year"),
        (5, [MEASURES[0], 1.0, 2.0], "2 times"),
    ],
)
def test_a_changed_head_is_refused(row: int, cells: list[str | float | None], found: str) -> None:
    rows = sheet()
    rows[row] = cells
    with pytest.raises(HeaderChangedError, match=found):
        read(workbook(rows))


def test_another_workbook_is_refused() -> None:
    with pytest.raises(NotThisFileError) as caught:
        read(workbook([["Elevlista"], ["Namn"]]))
    assert caught.value.rule == "another_report"


@pytest.mark.parametrize(
    "body", [b"", b"PK", b"<html></html>", b"PK\x03\x04 no archive", b"\xd0\xcf\x11\xe0"]
)
def test_something_else_in_its_place_is_refused(body: bytes) -> None:
    with pytest.raises((NotThisFileError, TruncatedError)):
        read(body)


def test_a_workbook_cut_short_is_refused() -> None:
    body = workbook(sheet())
    for cut in range(4, len(body) - 1, len(body) // 12):
        with pytest.raises(TruncatedError):
            read(body[:cut])


def test_a_workbook_with_damaged_parts_is_refused() -> None:
    body = bytearray(workbook(sheet()))
    place = body.index(b"xl/worksheets/sheet1.xml") + 200
    body[place : place + 50] = b"\x00" * 50
    with pytest.raises(DeliveryProblem):
        read(bytes(body))


def test_a_workbook_that_claims_to_unpack_to_gigabytes_is_not_opened() -> None:
    stream = io.BytesIO(workbook(sheet()))
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/bomb", b"\x00" * 20_000_000)
    with pytest.raises(TooManyRowsError) as caught:
        read(stream.getvalue())
    assert caught.value.rule == "too_large"


def test_a_workbook_that_needs_more_memory_than_allowed_ends_only_its_own_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A gigabyte of cells would do as well; a low limit shows the same without filling the machine.
    monkeypatch.setattr(xlsx, "_MEMORY", 120 * 1024**2)
    cells = "".join(f'<c r="A{at}" t="inlineStr"><is><t>{at:0200d}</t></is></c>' for at in range(1, 300_001))
    body = packed(
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f'<sheetData><row r="1">{cells}</row></sheetData></worksheet>'
    )
    monkeypatch.setattr(xlsx, "_MOST_RATIO", 10_000)
    with pytest.raises(TooManyRowsError, match="memory"):
        read(body)


# json-stat2


def cube(**changes: Any) -> dict[str, Any]:
    """All measures for two levels and one year; the last cell is a symbol."""
    values: list[Any] = [float(at) + 0.5 for at in range(2 * len(MEASURES))]
    values[-1] = None
    return {
        "id": ["variable", "level", "time"],
        "size": [len(MEASURES), 2, 1],
        "dimension": {
            "variable": category({str(at): label for at, label in enumerate(MEASURES)}),
            "level": category({"00": LEVELS[0], "2120003005-13431400": LEVELS[1]}),
            "time": category({"2024": "2024/25"}),
            "ContentsCode": category({"X": "beside the cube"}),
        },
        "value": values,
        "status": {str(len(values) - 1): ".."},
    } | changes


def category(labels: dict[str, str]) -> dict[str, Any]:
    return {"category": {"index": {code: at for at, code in enumerate(labels)}, "label": labels}}


def read_cube(content: Any, table: str = "ufa_measures") -> ReadResult:
    return READERS[table]([Answer("https://example.org/px", json.dumps(content).encode())])


def test_pxweb_gives_the_same_columns_with_labels_and_symbols() -> None:
    result = read_cube(cube())
    assert result.table.schema == EMPTY_TABLES["ufa_measures"]
    rows = [tuple(row.values())[:4] for row in result.table.to_pylist()]
    assert rows[0] == ("2024/25", LEVELS[0], MEASURES[0], "0.5")
    assert rows[1] == ("2024/25", LEVELS[1], MEASURES[0], "1.5")
    assert rows[2] == ("2024/25", LEVELS[0], MEASURES[1], "2.5")
    assert rows[-1] == ("2024/25", LEVELS[1], MEASURES[-1], "..")
    assert result.delivered == len(rows) == 2 * len(MEASURES)


def test_the_order_of_dimensions_does_not_matter() -> None:
    plain = cube()
    turned = cube(id=["time", "level", "variable"], size=[1, 2, len(MEASURES)])
    values = dict(enumerate(plain["value"]))
    turned["value"] = [values[measure * 2 + level] for level in range(2) for measure in range(len(MEASURES))]
    columns = ["school_year", "level_label", "measure", "value"]

    def found(content: Any) -> list[dict[str, Any]]:
        return sorted(read_cube(content).table.select(columns).to_pylist(), key=str)

    assert found(turned) == found(plain)


@pytest.mark.parametrize(
    "changes",
    [
        {"value": {str(at): float(at) + 0.5 for at in range(2 * len(MEASURES) - 1)}},
        {"status": [None] * (2 * len(MEASURES) - 1) + [".."]},
    ],
)
def test_sparse_values_and_listed_symbols_mean_the_same(changes: dict[str, Any]) -> None:
    assert read_cube(cube(**changes)).table.equals(read_cube(cube()).table)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"value": [1.0]}, TruncatedError),
        ({"status": ["."]}, TruncatedError),
        ({"value": {"9999": 1}}, HeaderChangedError),
        ({"value": "x"}, HeaderChangedError),
        ({"size": [49, 2]}, HeaderChangedError),
        ({"size": [49, 2, 2]}, HeaderChangedError),
        ({"size": [49, 2, 10**9]}, TooManyRowsError),
        ({"id": ["variable", "level", "year"]}, HeaderChangedError),
        ({"dimension": {}}, HeaderChangedError),
    ],
)
def test_a_cube_that_does_not_fit_its_size_is_refused(
    changes: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        read_cube(cube(**changes))


def test_pxweb_without_a_measure_is_refused_by_its_name() -> None:
    content = cube()
    content["dimension"]["variable"] = category(
        {str(at): label if at != 7 else "Annat" for at, label in enumerate(MEASURES)}
    )
    with pytest.raises(HeaderChangedError) as caught:
        read_cube(content)
    assert caught.value.column == MEASURES[7]


def population(**changes: Any) -> dict[str, Any]:
    return {
        "id": ["Region", "Kon", "Alder", "ContentsCode", "Tid"],
        "size": [1, 2, 1, 1, 2],
        "dimension": {
            "Region": category({"0380": "Uppsala"}),
            "Kon": category({"1": "män", "2": "kvinnor"}),
            "Alder": category({"100+": "100+ år"}),
            "ContentsCode": category({"BE0101N1": "Folkmängd"}),
            "Tid": category({"2023": "2023", "2024": "2024"}),
        },
        "value": [1, 2, 3, 4],
    } | changes


def test_population_comes_with_the_codes_of_its_splits() -> None:
    result = read_cube(population(), "scb_population")
    rows = [tuple(row.values())[:-2] for row in result.table.to_pylist()]
    assert rows == [
        ("0380", "Uppsala", "1", "100+", "2023", "BE0101N1", "1"),
        ("0380", "Uppsala", "1", "100+", "2024", "BE0101N1", "2"),
        ("0380", "Uppsala", "2", "100+", "2023", "BE0101N1", "3"),
        ("0380", "Uppsala", "2", "100+", "2024", "BE0101N1", "4"),
    ]


def test_population_delivered_twice_is_taken_once() -> None:
    answer = Answer("https://example.org/px", json.dumps(population()).encode())
    result = READERS["scb_population"]([answer, answer])
    assert (result.delivered, result.table.num_rows, result.duplicates) == (8, 4, 4)


def test_population_split_by_something_else_is_refused() -> None:
    content = population()
    content["id"][1] = "Civilstand"
    content["dimension"]["Civilstand"] = content["dimension"].pop("Kon")
    with pytest.raises(HeaderChangedError) as caught:
        read_cube(content, "scb_population")
    assert caught.value.column == "Civilstand"


def test_broken_text_in_a_cube_is_set_aside() -> None:
    content = population()
    content["dimension"]["Tid"] = category({"2023": "2023", "20\x0024": "2024"})
    result = read_cube(content, "scb_population")
    assert (result.delivered, result.table.num_rows) == (4, 2)
    assert result.rejected["rule"].to_pylist() == ["unprintable"] * 2
    assert result.rejected["_row_number"].to_pylist() == [2, 4]
