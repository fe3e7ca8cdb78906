"""What the sender reads: plain Swedish, every problem by place, never more lines than anyone would read."""

import pytest
from delivered_files import as_csv, examined, rows, table

from dagster_project.lib.deliveries.catalogue import KINDS
from dagster_project.lib.deliveries.rules import FILE_RULES, ROW_RULES

STAFF = KINDS["staff"]


def staff(count: int, **changes: str) -> bytes:
    lines = [row | changes for row in rows(STAFF, count - 1)] + rows(STAFF, count)[-1:]
    return as_csv(table(STAFF, lines))


def test_a_flawless_delivery_gets_a_short_report():
    assert examined(staff(1), "personal.csv").report() == (
        "Leveransrapport: personal.csv\nUtfall: Godtagen.\nMall: Pedagogisk personal (staff)\n"
        "Rader i filen: 1\nInlästa: 1\nI karantän: 0\nDubbletter: 0\n"
    )


def test_a_broken_cell_is_named_by_row_column_class_and_remedy():
    report = examined(staff(3, Legitimerad="kanske")).report()
    assert "Utfall: Godtagen, men rader står i karantän." in report
    assert (
        "- rad 2, kolumnen Legitimerad: Cellen innehåller varken ja eller nej (innehåll: text)."
        " Skriv ja eller nej.\n" in report
    )
    assert "kanske" not in report


def test_rows_that_contradict_each_other_name_each_other():
    lines = [*rows(STAFF, 2), rows(STAFF, 1)[0] | {"Yrkesår": "1"}]
    assert (
        "- rad 2: En annan rad i filen har samma nyckel men andra uppgifter (rad 4)."
        in examined(as_csv(table(STAFF, lines))).report()
    )


def test_problems_beyond_the_first_two_hundred_are_summed_up():
    report = examined(staff(301, Legitimerad="kanske")).report()
    assert report.count("- rad ") == 200
    assert "- och 100 till, kolumnen Legitimerad: Cellen innehåller varken ja eller nej.\n" in report


def test_a_refusal_without_a_sound_row_lists_the_rows():
    report = examined(as_csv(table(STAFF, [row | {"Läsår": "?"} for row in rows(STAFF, 2)]))).report()
    assert "Utfall: Avvisad i sin helhet. Det som lästs in tidigare gäller." in report
    assert report.count("kolumnen Läsår") == 2


@pytest.mark.parametrize("rule", [*ROW_RULES.values(), *FILE_RULES.values()])
def test_every_rule_says_what_was_found_and_what_to_do(rule):
    assert rule.found_sv
    assert rule.remedy_sv.endswith(".")
