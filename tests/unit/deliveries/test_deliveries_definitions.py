"""Every kind is whole: its template can be read back, explains itself and is told apart from the others."""

import pytest
from delivered_files import as_csv, as_xlsx, examined, headers, rows, table

from dagster_project.lib.answers import Answer
from dagster_project.lib.deliveries import documentation, templates
from dagster_project.lib.deliveries.catalogue import KINDS
from dagster_project.lib.deliveries.headers import guess_kind, normal
from dagster_project.lib.deliveries.kinds import Column, ColumnType, Kind
from dagster_project.lib.deliveries.reader import Reading
from dagster_project.lib.deliveries.values import Judge
from dagster_project.lib.deliveries.workbook import open_workbook
from dagster_project.lib.readers import EMPTY_TABLES, READERS

ALL = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


@ALL
@pytest.mark.parametrize("form", [as_csv, as_xlsx])
def test_rows_made_of_the_templates_own_examples_are_sound(kind, form):
    outcome = examined(form(table(kind, rows(kind)))).outcome
    assert isinstance(outcome, Reading), outcome
    assert outcome.kind == kind
    assert (outcome.delivered, outcome.table.num_rows, list(outcome.findings)) == (3, 3, [])


@ALL
def test_the_kind_is_told_by_its_header_row_alone_in_any_order(kind):
    assert guess_kind("fil", headers(kind)) == kind
    assert guess_kind("fil", [f" {header.upper()} * " for header in reversed(headers(kind))]) == kind


@ALL
def test_every_kind_has_a_raw_table_and_a_reader(kind):
    assert tuple(EMPTY_TABLES[kind.raw_table].names) == (*kind.raw_columns, "_source_file", "_row_number")
    assert kind.raw_table in READERS


@ALL
def test_headers_of_a_template_differ_when_compared_as_delivered_headers_are(kind):
    assert len({normal(header) for header in headers(kind)}) == len(kind.columns)


@ALL
def test_a_kind_about_persons_never_names_one_in_its_key_but_by_pseudonym(kind):
    assert kind.is_personal == ("person_key" in kind.raw_columns)


@ALL
def test_key_columns_are_required_where_an_empty_one_would_say_nothing(kind):
    optional = {name for name in kind.key if not kind.by_name[name].required}
    assert optional <= {"year_group"}


@pytest.mark.parametrize(
    "column",
    [
        pytest.param(column, id=f"{name}-{column.name}")
        for name, kind in KINDS.items()
        for column in kind.columns
        if column.type in {ColumnType.INTEGER, ColumnType.DECIMAL, ColumnType.PERCENT, ColumnType.MONEY}
    ],
)
def test_every_number_has_bounds_and_what_lies_beyond_is_set_aside(column):
    judge = Judge(lambda _: None, in_workbook=False)
    assert column.minimum is not None
    assert column.maximum is not None
    for value, rule in (
        (column.minimum, None),
        (column.maximum, None),
        (column.minimum - 1, "out_of_range"),
        (column.maximum + 1, "out_of_range"),
    ):
        assert judge.judge(column, str(value)).rule == rule, value


@ALL
def test_the_workbook_template_is_read_as_its_own_kind_and_holds_no_rows(kind):
    answer = Answer("mall.xlsx", templates.workbook(kind))
    sheet = open_workbook(answer)
    assert guess_kind("mall", sheet.header.cells or []) == kind
    assert list(sheet.rows) == []
    assert examined(answer.body).outcome.rule == "no_rows"


@ALL
def test_the_csv_template_holds_the_header_row_for_swedish_excel(kind):
    body = templates.text(kind)
    assert body.startswith(b"\xef\xbb\xbf")
    assert body.decode("utf-8-sig").splitlines() == [";".join(headers(kind))]


@ALL
def test_templates_are_the_same_whenever_they_are_made(kind):
    assert templates.workbook(kind) == templates.workbook(kind)


def test_there_is_a_workbook_and_a_csv_file_per_kind():
    names = [name for name, _ in templates.files()]
    assert sorted(names) == sorted(f"{kind}.{ending}" for kind in KINDS for ending in ("csv", "xlsx"))


def test_the_instruction_sheet_explains_every_column():
    import python_calamine

    kind = KINDS["staff"]
    import io

    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(templates.workbook(kind)))
    assert book.sheet_names == ["Data", "Instruktion"]
    explained = {str(line[0]): line for line in book.get_sheet_by_name("Instruktion").to_python()}
    for column in kind.columns:
        assert explained[column.header_sv][4] == column.description_sv
        assert explained[column.header_sv][5] == column.example
    assert "Rektor" in explained["Befattning"][3]


def test_the_page_for_senders_says_what_the_definitions_say():
    page = documentation.PAGE.read_text(encoding="utf-8")
    assert documentation.with_tables(page) == page, (
        "docs/leveranser.md is behind: run `python -m dagster_project.lib.deliveries.documentation`"
    )


def test_a_page_without_the_marker_is_not_overwritten():
    with pytest.raises(ValueError, match="has lost the line"):
        documentation.with_tables("# Leveranser\n")


def test_a_column_that_is_no_code_has_no_list_and_a_key_names_columns():
    with pytest.raises(ValueError, match="a code has allowed values"):
        Column("a", "A", ColumnType.TEXT, "", "", allowed={"B": "b"})
    with pytest.raises(ValueError, match="not among the columns"):
        Kind("x", "", "", "", "", (Column("a", "A", ColumnType.TEXT, "", ""),), key=("b",))
