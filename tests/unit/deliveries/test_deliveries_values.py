"""One cell: what it may look like, what becomes of it, and by which rule it is set aside."""

import pytest
from delivered_files import PSEUDONYMS, made_up_number

from dagster_project.lib.deliveries.catalogue import KINDS
from dagster_project.lib.deliveries.kinds import Column, ColumnType
from dagster_project.lib.deliveries.rules import ROW_RULES
from dagster_project.lib.deliveries.values import Judge, value_class


def column(kind: ColumnType, **more: object) -> Column:
    return Column("c", "C", kind, "", "", **more)  # type: ignore[arg-type]


CIVIC = column(ColumnType.CIVIC_NUMBER)
UNIT = column(ColumnType.UNIT_CODE)
YEAR = column(ColumnType.SCHOOL_YEAR)
DATE = column(ColumnType.DATE)
INTEGER = column(ColumnType.INTEGER, minimum=0, maximum=100_000)
DECIMAL = column(ColumnType.DECIMAL, minimum=0, maximum=1000)
PERCENT = column(ColumnType.PERCENT, minimum=0, maximum=150)
MONEY = column(ColumnType.MONEY, minimum=-10_000_000_000, maximum=10_000_000_000)
YES_NO = column(ColumnType.YES_NO)
CODE = column(ColumnType.CODE, allowed={"Når målen": "nar_malen", "Streck": "-"})
TEXT = column(ColumnType.TEXT, most_letters=20)
PATTERN = column(ColumnType.TEXT, pattern=r"[A-Z]{2}")
OPTIONAL = column(ColumnType.TEXT, required=False)

NUMBER = made_up_number(7)


def judged(column: Column, cell: str | None, *, in_workbook: bool = False):
    return Judge(PSEUDONYMS.of_civic_number, in_workbook).judge(column, cell)


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [
        (UNIT, "99990001", "99990001"),
        (UNIT, " F9999-03 ", "F9999-03"),
        (YEAR, "2025/26", "2025/26"),
        (YEAR, "2025/2026", "2025/26"),
        (YEAR, "2025-26", "2025/26"),
        (YEAR, "1999/00", "1999/00"),
        (YEAR, "2025–2026", "2025/26"),
        (DATE, "2025-08-19", "2025-08-19"),
        (DATE, "20250819", "2025-08-19"),
        (DATE, "2024-02-29", "2024-02-29"),
        (DATE, "2025-08-19T00:00:00", "2025-08-19"),
        (INTEGER, "0", "0"),
        (INTEGER, "1 234", "1234"),
        (INTEGER, "1\u00a0234", "1234"),
        (INTEGER, "1\u202f234", "1234"),
        (INTEGER, "12,0", "12"),
        (DECIMAL, "6,8", "6.8"),
        (DECIMAL, "6.8", "6.8"),
        (DECIMAL, "1,234", "1.234"),
        (PERCENT, "80", "80"),
        (PERCENT, "80 %", "80"),
        (PERCENT, "62,5%", "62.5"),
        (PERCENT, "0", "0"),
        (MONEY, "12 450 000", "12450000"),
        (MONEY, "12 450 000,50 kr", "12450000.50"),
        (MONEY, "-1500", "-1500"),
        (MONEY, "−1 500", "-1500"),
        (MONEY, "1.234.567,50", "1234567.50"),
        (MONEY, "1,234,567.50", "1234567.50"),
        (YES_NO, "Ja", "true"),
        (YES_NO, "nej", "false"),
        (YES_NO, "True", "true"),
        (YES_NO, "0", "false"),
        (CODE, "Når målen", "nar_malen"),
        (CODE, " NÅR  MÅLEN ", "nar_malen"),
        (CODE, "Na\u030ar ma\u030alen", "nar_malen"),
        (CODE, "nar_malen", "nar_malen"),
        (CODE, "-", "-"),
        (TEXT, "  Läslyft\n i  åk 4 ", "Läslyft i åk 4"),
        (PATTERN, "MA", "MA"),
        (OPTIONAL, "", None),
        (OPTIONAL, " \u00a0 ", None),
        (OPTIONAL, None, None),
    ],
)
def test_a_sound_cell_is_normalised(column, cell, value):
    answer = judged(column, cell)
    assert (answer.value, answer.rule) == (value, None)


@pytest.mark.parametrize(
    ("column", "cell", "rule"),
    [
        (UNIT, "", "empty"),
        (UNIT, "9,999E+07", "unit_code"),
        (UNIT, "Skolan; den stora", "unit_code"),
        (YEAR, "2025", "school_year"),
        (YEAR, "2025/27", "school_year"),
        (YEAR, "HT 2025", "school_year"),
        (DATE, "19/8 2025", "date"),
        (DATE, "08/19/2025", "date"),
        (DATE, "2025-02-30", "date"),
        (DATE, "2025-08-19T14:30:00", "date"),
        (DATE, "45888", "date"),
        (DATE, "0001-01-01", "date"),
        (INTEGER, "1.234", "ambiguous_number"),
        (INTEGER, "1,234", "ambiguous_number"),
        (INTEGER, "12,5", "integer"),
        (INTEGER, "tolv", "integer"),
        (INTEGER, "1 23", "integer"),
        (INTEGER, "-1", "out_of_range"),
        (INTEGER, "1E3", "integer"),
        (INTEGER, "٣", "integer"),
        (DECIMAL, "..", "number"),
        (DECIMAL, "NaN", "number"),
        (DECIMAL, "Infinity", "number"),
        (DECIMAL, "1000,1", "out_of_range"),
        (PERCENT, "0,8", "share_not_percent"),
        (PERCENT, "1", "share_not_percent"),
        (PERCENT, "151", "out_of_range"),
        (MONEY, "1.234", "ambiguous_number"),
        (MONEY, "12 45 000", "number"),
        (MONEY, "99999999999", "out_of_range"),
        (YES_NO, "kanske", "yes_no"),
        (CODE, "Nästan", "not_allowed"),
        (TEXT, "a" * 21, "too_long"),
        (PATTERN, "ma", "pattern"),
        (TEXT, "=1+1", "formula"),
        (TEXT, "=cmd|' /C calc'!A0", "formula"),
        (TEXT, "+46", "formula"),
        (TEXT, "-2", "formula"),
        (TEXT, "@SUM", "formula"),
        (TEXT, "|x", "formula"),
        (TEXT, "\t=1", "formula"),
        (TEXT, "a\x07b", "unprintable"),
        (TEXT, "a\ufffdb", "unprintable"),
        (TEXT, "#DIV/0!", "spreadsheet_error"),
        (OPTIONAL, "#SAKNAS!", "spreadsheet_error"),
    ],
)
def test_a_broken_cell_is_set_aside_by_name(column, cell, rule):
    answer = judged(column, cell)
    assert (answer.value, answer.rule) == (None, rule)
    assert rule in ROW_RULES


@pytest.mark.parametrize(
    "spelling",
    [
        NUMBER,
        f"{NUMBER[:8]}-{NUMBER[8:]}",
        f"{NUMBER[:8]} {NUMBER[8:]}",
        f"{NUMBER[2:8]}+{NUMBER[8:]}",
        f" {NUMBER[:8]}–{NUMBER[8:]} ",
        f"\ufeff{NUMBER}",
    ],
)
def test_one_person_has_one_pseudonym_however_the_number_is_written(spelling):
    answer = judged(CIVIC, spelling)
    assert answer.value == PSEUDONYMS.of_civic_number(NUMBER)
    assert len(answer.value) == 32


def test_coordination_and_temporary_numbers_are_numbers():
    assert judged(CIVIC, made_up_number(1, day="18900161")).rule is None
    assert judged(CIVIC, "18900101TF01").rule is None


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        (NUMBER[:-1] + str((int(NUMBER[-1]) + 1) % 10), "civic_number"),
        ("18901301" + NUMBER[8:], "civic_number"),
        ("Exempelina", "civic_number"),
        ("", "empty"),
        ("1,8900101E+11", "shortened_number"),
        ("503152384", "shortened_number"),
    ],
)
def test_what_is_no_identity_number_is_told_apart_from_what_excel_damaged(cell, rule):
    assert judged(CIVIC, cell).rule == rule


@pytest.mark.parametrize("column", [UNIT, YEAR, DATE, INTEGER, DECIMAL, PERCENT, MONEY, CODE, TEXT, PATTERN])
@pytest.mark.parametrize(
    "text",
    [
        NUMBER,
        NUMBER[2:],
        f"{NUMBER[2:8]}-{NUMBER[8:]}",
        f"{NUMBER[:8]} - {NUMBER[8:]}",
        f"{NUMBER[:8]}–{NUMBER[8:]}",
        f"{NUMBER[:8]}\u00a0{NUMBER[8:]}",
    ],
)
def test_an_identity_number_in_any_other_column_is_caught(column, text):
    assert judged(column, text).rule == "personal_number"


@pytest.mark.parametrize("text", [f"Samtal med {NUMBER}", f"({NUMBER[2:8]}-{NUMBER[8:]})", "nr:" + NUMBER])
def test_an_identity_number_inside_free_text_is_caught(text):
    assert judged(column(ColumnType.TEXT), text).rule == "personal_number"


def test_an_organisation_number_is_no_identity_number():
    assert judged(KINDS["private_units"].by_name["organiser_number"], "999999-1234").rule is None


def test_serial_days_are_dates_in_a_workbook_only():
    assert judged(DATE, "45888", in_workbook=True).value == "2025-08-19"
    assert judged(DATE, "99999", in_workbook=True).rule == "date"


@pytest.mark.parametrize(
    ("cell", "described"),
    [
        ("", "tom"),
        (NUMBER, "siffror"),
        ("12,5", "tal"),
        ("2025-08-19", "datum"),
        ("Exempelina", "text"),
        ("åk 4", "text med siffror"),
    ],
)
def test_a_cell_is_described_by_class_and_not_by_content(cell, described):
    assert value_class(cell) == described
