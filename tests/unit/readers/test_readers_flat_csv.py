"""Plain CSV tables: SALSA and Skolenkäten as tabulated, and the school unit register's dump of 2020."""

import json
from typing import NamedTuple

import pytest

from dagster_project.lib.answers import Answer
from dagster_project.lib.errors import (
    HeaderChangedError,
    NotThisFileError,
    TruncatedError,
    WrongEncodingError,
)
from dagster_project.lib.readers import EMPTY_TABLES, READERS, ReadResult

SALSA = """\
schoolUnitCode;timePeriod;salsaAverageGradesIn9thGradeActual;salsaAverageCalculated;\
salsaAverageGradesIn9thGradeDeviation;salsaRequirementsReachedDeviation;salsaParentsEducation
44673074;2024/25;264;247;17;5;2.6
99648792;2024/25;299;270;29;1;2.9
"""
SURVEY = """\
schoolUnitCode;respondent;semester;grade;trygghet;nojdhet;studiero;stod;stimulans;n_answers
44673074;vardnadshavare_gr;VT26;;7.8;7.6;6.8;7.1;6.9;292
44673074;elever_gr;VT26;ak8;7.8;6.7;6.2;6.9;4.8;84
"""
REGISTER = """\
HUVUDMANNATYP;ORGANISATIONSNR;LÄN;LÄNSNAMN;KOMMUN;KOMMUNNAMN;SKOLENHETSKOD;NAMN;BESÖKSADRESS;FKLASS;ÅR1;\
HUVUDMANS NAMN;ELEVER FKLASS;ELEVER ÅR1;INRIKTNING;JURIDISK FORM
Kommunal;2120003005;03;Uppsala län;0380;Uppsala;13431400;Almtunaskolan;HEMLIG GATA;J;N;\
UPPSALA KOMMUN;84;;;Kommuner
Enskild;5568097405;03;Uppsala län;0380;Uppsala;28145722;Friskolan;HEMLIG GATA;N;J;\
Friskolan AB;0;12;;Aktiebolag
"""


class Case(NamedTuple):
    """A table, a file of it, the header of one column and how many rows a line gives."""

    table: str
    name: str
    text: str
    column: str
    rows_per_line: int

    def read(self, text: str | bytes | None = None) -> ReadResult:
        text = self.text if text is None else text
        return READERS[self.table]([Answer(self.name, text.encode() if isinstance(text, str) else text)])


CASES = [
    Case("pe_salsa", "salsa_2024_25.csv", SALSA, "timePeriod", 1),
    Case("pe_survey", "skolenkaten_elever_2026.csv", SURVEY, "semester", 5),
    Case("register_2020", "skolenhetsregistret_2020-06-01_grundskola.csv", REGISTER, "NAMN", 1),
]
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.table)


@each_case
def test_a_file_is_read_under_the_agreed_columns(case: Case) -> None:
    result = case.read()
    assert result.table.schema == EMPTY_TABLES[case.table]
    assert result.table.num_rows == result.delivered == 2 * case.rows_per_line
    assert set(result.table["_row_number"].to_pylist()) == {2, 3}
    assert "HEMLIG" not in str(result.table.to_pylist())


@each_case
def test_line_ends_and_byte_order_mark_change_nothing(case: Case) -> None:
    other = "\ufeff" + case.text.replace("\n", "\r\n") + "\r\n"
    assert case.read(other).table.equals(case.read().table)


@each_case
def test_a_cut_inside_a_line_is_refused(case: Case) -> None:
    body = case.text.encode()
    ends_of_lines = {at + 1 for at, byte in enumerate(body) if byte == ord("\n")}
    header = body.index(b"\n") + 1
    for cut in set(range(header + 1, len(body))) - ends_of_lines:
        with pytest.raises(TruncatedError):
            case.read(body[:cut])


@each_case
def test_a_missing_column_is_named(case: Case) -> None:
    with pytest.raises(HeaderChangedError) as caught:
        case.read(case.text.replace(f";{case.column};", ";annat;", 1))
    assert (caught.value.column, caught.value.row) == (case.column, 1)


@each_case
def test_a_doubled_column_is_refused_by_name(case: Case) -> None:
    doubled = "\n".join(f"{line};{line.split(';')[0]}" if line else "" for line in case.text.split("\n"))
    with pytest.raises(HeaderChangedError, match="twice") as caught:
        case.read(doubled)
    assert caught.value.column == case.text.split(";")[0]


@each_case
@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", NotThisFileError),
        (b"<html></html>", NotThisFileError),
        ("annan;tabell\n1;2\n".encode("cp1252"), HeaderChangedError),
        ("ä;ö\n".encode("cp1252"), WrongEncodingError),
        ("a;b\n".encode("utf-16"), WrongEncodingError),
    ],
)
def test_something_else_in_its_place_is_refused(case: Case, body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        case.read(body)


@each_case
def test_a_header_without_rows_is_refused(case: Case) -> None:
    with pytest.raises(NotThisFileError, match="no usable row"):
        case.read(case.text.split("\n", maxsplit=1)[0] + "\n")


@each_case
def test_bad_rows_are_set_aside_and_counted(case: Case) -> None:
    header, first, second, _ = case.text.split("\n")
    shortened = second.rsplit(";", 1)[0]
    result = case.read(
        "\n".join([header, first, header, shortened, second.replace(";", ';"', 1), second, ""])
    )
    rejected = result.rejected.to_pylist()
    assert [(row["_row_number"], row["rule"]) for row in rejected] == [
        (3, "repeated_header"),
        (4, "cell_count"),
        (5, "quoting"),
    ]
    assert result.delivered == 2 * case.rows_per_line + 3
    assert result.table.num_rows == 2 * case.rows_per_line


@each_case
def test_rows_without_unit_code_are_set_aside(case: Case) -> None:
    header, first, second, _ = case.text.split("\n")
    cells = second.split(";")
    cells[header.split(";").index("SKOLENHETSKOD" if case.table == "register_2020" else "schoolUnitCode")] = (
        ""
    )
    result = case.read("\n".join([header, first, ";".join(cells), ""]))
    assert set(result.rejected["rule"].to_pylist()) == {"no_unit_code"}
    assert result.table.num_rows == result.rejected.num_rows == case.rows_per_line


@each_case
def test_duplicate_rows_are_counted_and_dropped(case: Case) -> None:
    result = case.read(case.text + case.text.split("\n")[1] + "\n")
    assert result.duplicates == case.rows_per_line
    assert result.table.equals(case.read().table)


def test_salsa_leaves_columns_that_were_not_tabulated_null() -> None:
    result = CASES[0].read()
    row = result.table.to_pylist()[0]
    assert (row["merit_actual"], row["merit_expected"], row["merit_deviation"]) == ("264", "247", "17")
    assert (row["passed_deviation"], row["passed_actual"], row["boys_share"]) == ("5", None, None)
    assert row["parents_education_score"] == "2.6"
    assert "passed_actual" in result.notes[0]


def test_salsa_is_told_apart_by_its_content_where_the_address_does_not() -> None:
    address = "https://example.org/planned-educations/v4/statistics/all-schools/salsa"
    result = READERS["pe_salsa"]([Answer(address, SALSA.encode())])
    assert result.table.num_rows == 2


def test_a_survey_line_gives_a_row_per_index() -> None:
    rows = [tuple(row.values())[:-2] for row in CASES[1].read().table.to_pylist()]
    assert rows[0] == ("44673074", "vardnadshavare_gr", "VT26", None, "trygghet", "7.8", "292")
    assert rows[9] == ("44673074", "elever_gr", "VT26", "ak8", "stimulans", "4.8", "84")


def test_the_register_lists_what_a_unit_offers_and_its_pupils() -> None:
    first, second = CASES[2].read().table.to_pylist()
    assert (first["school_form"], json.loads(first["offers"])) == ("gr", ["FKLASS"])
    assert json.loads(second["offers"]) == ["ÅR1"]
    assert json.loads(first["pupils_by_group"]) == {"ELEVER FKLASS": "84"}
    assert json.loads(second["pupils_by_group"]) == {"ELEVER FKLASS": "0", "ELEVER ÅR1": "12"}
    assert (first["unit_code"], first["organiser_name"], first["legal_form"]) == (
        "13431400",
        "UPPSALA KOMMUN",
        "Kommuner",
    )


def test_a_register_row_whose_cells_are_shifted_is_set_aside() -> None:
    shifted = REGISTER.replace(";J;N;UPPSALA KOMMUN;84;;;", ";EFTERNAMN;J;N;UPPSALA KOMMUN;84;;")
    result = CASES[2].read(shifted)
    (rejected,) = result.rejected.to_pylist()
    assert (rejected["rule"], rejected["_row_number"]) == ("offer_mark", 2)
    assert "EFTERNAMN" not in rejected["reason"]


def test_a_register_without_year_groups_is_refused() -> None:
    text = "\n".join(";".join(line.split(";")[:9] + line.split(";")[11:]) for line in REGISTER.split("\n"))
    with pytest.raises(HeaderChangedError, match="J or N"):
        CASES[2].read(text)


def test_a_register_file_without_school_form_in_its_name_is_refused() -> None:
    with pytest.raises(NotThisFileError) as caught:
        READERS["register_2020"]([Answer("register.csv", REGISTER.encode())])
    assert caught.value.rule == "unknown_school_form"
