"""Workbooks: the right sheet, dates and numbers as Excel keeps them, and what only looks like a value."""

import datetime as dt
import io
import zipfile

import pytest
import xlsxwriter
from delivered_files import as_xlsx, examined, headers, made_up_number, rows, table

from dagster_project.lib.deliveries.catalogue import KINDS
from dagster_project.lib.deliveries.reader import Reading

STAFF = KINDS["staff"]
LEDGER = KINDS["ledger"]


def staff(count: int = 3):
    return table(STAFF, rows(STAFF, count))


def changed(lines, row: int, header: str, value):
    lines[row][lines[0].index(header)] = value
    return lines


def reading(body: bytes) -> Reading:
    outcome = examined(body, "leverans.xlsx").outcome
    assert isinstance(outcome, Reading), outcome
    return outcome


def found(read: Reading) -> list[tuple[int, str, str]]:
    return [(finding.row, finding.column, finding.rule) for finding in read.findings]


def rule(body: bytes) -> str:
    return examined(body, "leverans.xlsx").outcome.rule


def with_staff(write) -> bytes:
    """A workbook with three rows of staff, in which ``write(book, sheet)`` has its way."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Data")
        for number, line in enumerate(staff()):
            sheet.write_row(number, 0, line)
        write(book, sheet)
    return stream.getvalue()


def place(header: str) -> int:
    return headers(STAFF).index(header)


def test_the_data_sheet_is_read_wherever_it_stands():
    assert reading(as_xlsx(staff(), "Data", ["Instruktion"])).table.num_rows == 3


def test_the_only_sheet_may_have_any_name():
    assert reading(as_xlsx(staff(), "Blad1")).table.num_rows == 3


def test_several_sheets_without_a_data_sheet_are_refused():
    assert rule(as_xlsx(staff(), "Blad1", ["Blad2"])) == "wrong_sheet"


def test_dates_numbers_and_booleans_are_read_as_excel_keeps_them():
    lines = staff()
    changed(lines, 1, "Anställd från", dt.date(2019, 8, 12))
    changed(lines, 2, "Anställd från", 43689)
    changed(lines, 1, "Legitimerad", True)
    changed(lines, 1, "Yrkesår", 12.5)
    changed(lines, 1, "Skolenhetskod", 99990001)
    changed(lines, 1, "Personnummer", int(made_up_number(0)))
    first, second, _ = reading(as_xlsx(lines)).table.to_pylist()
    assert first == {**second, "_row_number": 2, "person_key": first["person_key"]}
    assert first["employed_from"] == "2019-08-12"
    assert first["person_key"] == reading(as_xlsx(staff())).table["person_key"][0].as_py()


def test_a_calculated_value_is_read_as_excel_last_showed_it():
    def write(book, sheet):
        sheet.write_formula(1, place("Yrkesår"), "=6+6", None, 12)

    assert reading(with_staff(write)).table["experience_years"][0].as_py() == "12"


@pytest.mark.parametrize("value", ["#DIV/0!", "#N/A", "#REF!"])
def test_an_error_in_an_optional_cell_is_an_error_and_not_an_empty_cell(value):
    def write(book, sheet):
        sheet.write_formula(1, place("Yrkesår"), "=1/0", None, value)

    assert found(reading(with_staff(write))) == [(2, "Yrkesår", "spreadsheet_error")]


def test_a_formula_that_was_never_calculated_is_an_error_and_not_an_empty_cell():
    def write(book, sheet):
        sheet.write_formula(1, place("Yrkesår"), "=6+6", None, 12)

    body = with_part(with_staff(write), "xl/worksheets/sheet1.xml", b"</f><v>12</v></c>", b"</f></c>")
    assert found(reading(body)) == [(2, "Yrkesår", "spreadsheet_error")]


def with_part(body: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """The workbook with something replaced in one of its parts."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as before, zipfile.ZipFile(stream, "w") as after:
        for part in before.namelist():
            content = before.read(part)
            if part == name:
                assert old in content
                content = content.replace(old, new, 1)
            after.writestr(part, content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def test_rows_with_merged_cells_are_set_aside():
    def write(book, sheet):
        sheet.merge_range(1, place("Skolenhetskod"), 2, place("Skolenhetskod"), "99990001")

    read = reading(with_staff(write))
    assert found(read) == [(2, "", "merged_cells"), (3, "", "merged_cells")]
    assert read.table.num_rows == 1


def test_a_text_that_a_spreadsheet_runs_as_a_formula_is_set_aside():
    measures = KINDS["measures"]
    lines = table(measures, rows(measures, 3))
    changed(lines, 2, "Åtgärd", "=HYPERLINK(A1)")
    assert found(reading(as_xlsx(lines))) == [(3, "Åtgärd", "formula")]


def test_excels_own_percent_is_not_taken_for_percent():
    lines = changed(staff(), 1, "Tjänstgöringsgrad (%)", 0.8)
    assert found(reading(as_xlsx(lines))) == [(2, "Tjänstgöringsgrad (%)", "share_not_percent")]


def test_empty_rows_and_columns_around_and_between_are_no_rows():
    lines = [[], ["", ""], *([*line, "", ""] for line in staff()), [], ["", " "]]
    lines.insert(4, [])
    read = reading(as_xlsx(lines))
    assert (read.delivered, read.table["_row_number"].to_pylist()) == (3, [4, 6, 7])


def test_a_second_header_row_and_cells_beyond_the_header_are_set_aside():
    lines = staff(4)
    lines[2] = lines[0]
    lines[3] = [*lines[3], "", "vid sidan om"]
    assert found(reading(as_xlsx(lines))) == [(3, "", "repeated_header"), (4, "", "cell_count")]


def test_a_missing_column_is_named():
    lines = [line[1:] for line in staff()]
    outcome = examined(as_xlsx(lines)).outcome
    assert (outcome.rule, outcome.column) == ("missing_column", "Personnummer")


def test_a_workbook_without_rows_or_without_anything_is_refused():
    assert rule(as_xlsx(staff(0))) == "no_rows"
    assert rule(as_xlsx([])) == "empty_file"


def test_a_cut_workbook_is_refused():
    body = as_xlsx(staff())
    assert rule(body[: len(body) // 2]) == "truncated"


def test_a_packed_file_that_is_no_workbook_is_refused():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("brev.txt", "hej")
    assert rule(stream.getvalue()) == "not_this_file"


def test_a_workbook_that_unpacks_to_gigabytes_is_refused_unread():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 300 * 1024**2)
    assert len(stream.getvalue()) < 1024**2
    assert rule(stream.getvalue()) == "too_large"


def test_amounts_in_a_workbook_are_read_to_the_ore():
    lines = table(LEDGER, rows(LEDGER, 3))
    for row, amount in enumerate((12450000, 1234.5, -0.25), start=1):
        changed(lines, row, "Belopp (kr)", amount)
    assert reading(as_xlsx(lines)).table["amount_kronor"].to_pylist() == ["12450000", "1234.5", "-0.25"]
