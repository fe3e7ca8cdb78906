"""SIRIS exports: what is read, and what is refused or set aside, for every report."""

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from siris_families import CUT_OUTS, Family, family_of

from dagster_project.lib.answers import Answer
from dagster_project.lib.errors import (
    DeliveryProblem,
    HeaderChangedError,
    NotThisFileError,
    TooManyRowsError,
    TruncatedError,
    WrongEncodingError,
)
from dagster_project.lib.readers import EMPTY_TABLES, READERS, ReadResult
from dagster_project.lib.readers.siris_reports import REPORTS


def read(family: Family, answer: Answer | None = None) -> ReadResult:
    return READERS[family.report.table]([answer or family.answer()])


def content(result: ReadResult) -> pa.Table:
    """The table without the rows' places."""
    return result.table.drop_columns(["_source_file", "_row_number"])


# What is read


def test_a_published_file_gives_every_row_under_the_agreed_columns(family: Family) -> None:
    result = read(family)
    assert result.table.schema == EMPTY_TABLES[family.report.table]
    assert (result.delivered, result.table.num_rows, result.duplicates) == (12, 12, 0)
    assert result.rejected.num_rows == 0
    assert result.notes == []
    first, last = family.header_at + 2, family.header_at + 13
    assert result.table["_row_number"].to_pylist() == list(range(first, last + 1))
    assert set(result.table["_source_file"].to_pylist()) == {family.name}


def test_final_grades_are_read_as_published() -> None:
    family = family_of(next(report for report in REPORTS if report.table == "siris_final_grades_y9"))
    row = read(family).table.to_pylist()[0]
    assert row == {
        "school_year": "2024/25",
        "unit_name": "Oasens skola",
        "unit_code": "48000763",
        "municipality_name": "Aneby",
        "municipality_code": "0604",
        "organiser_kind": "Enskild",
        "organiser_name": "Oasen Utbildningscenter AB",
        "organiser_number": "5566501796",
        "pupils": "..",
        "passed_all_subjects_share": ".",
        "eligible_vocational_share": ".",
        "merit_value_17": "..",
        "_source_file": "slutbetyg_ak9_2025_skolenhet.csv",
        "_row_number": 7,
    }


def test_two_header_rows_are_told_apart_by_their_group() -> None:
    family = family_of(next(report for report in REPORTS if report.table == "siris_teachers"))
    row = read(family).table.to_pylist()[0]
    assert (row["teachers_fte"], row["certified_fte_share"]) == ("280,0", "76,5")
    assert (row["teachers_heads"], row["certified_heads_share"]) == ("313", "85,6")
    assert (row["first_teachers_fte"], row["first_teachers_heads"]) == ("0,0", "38")


@pytest.mark.parametrize(
    ("name", "year", "shares"),
    [
        ("np9_per_kon_2018_kommun.csv", "2017/18", ("52,3", "..", "46,9", "23")),
        ("np9_per_kon_2024_kommun.csv", "2023/24", ("89,2", "87,7", "90,7", "371")),
    ],
)
def test_columns_are_found_by_name_though_their_order_and_the_banner_changed(
    name: str, year: str, shares: tuple[str, ...]
) -> None:
    result = READERS["siris_national_tests_y9"]([Answer(name, (CUT_OUTS / name).read_bytes())])
    row = result.table.to_pylist()[0]
    found = tuple(row[f"participated_share_{group}"] for group in ("all", "girls", "boys"))
    assert (row["school_year"], (*found, row["pupils_all"])) == (year, shares)


@pytest.mark.parametrize(
    ("name", "year", "form"),
    [("kostnader_gr_2024_kommun.csv", "2024", "gr"), ("kostnader_gy_2023_kommun.csv", "2023", "gy")],
)
def test_costs_take_year_and_school_form_from_the_banner(name: str, year: str, form: str) -> None:
    result = READERS["siris_costs"]([Answer("any name.csv", (CUT_OUTS / name).read_bytes())])
    assert set(result.table["calendar_year"].to_pylist()) == {year}
    assert set(result.table["school_form"].to_pylist()) == {form}


def test_a_municipal_federation_without_code_does_not_end_the_rows() -> None:
    name = "kostnader_gy_2023_kommun.csv"
    result = READERS["siris_costs"]([Answer(name, (CUT_OUTS / name).read_bytes())])
    names = result.table["municipality_name"].to_pylist()
    codes = dict(zip(names, result.table["municipality_code"].to_pylist(), strict=True))
    assert codes["Hälsinglands Utbildningsförbund"] is None
    assert codes["Överkalix"] == "2513"
    assert result.table.num_rows == result.delivered == 12


def test_files_of_one_period_are_read_together() -> None:
    names = ("kostnader_gr_2024_kommun.csv", "kostnader_gy_2023_kommun.csv")
    result = READERS["siris_costs"]([Answer(name, (CUT_OUTS / name).read_bytes()) for name in names])
    assert result.table.num_rows == 24
    assert set(result.table["_source_file"].to_pylist()) == set(names)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda text: text.replace("\n", "\r\n"), id="line ends of Windows"),
        pytest.param(lambda text: text.removeprefix("\ufeff"), id="no byte order mark"),
        pytest.param(lambda text: text.replace("Kommun-kod", "  Kommunkod\u00a0"), id="spelling and spaces"),
        pytest.param(
            lambda text: text.replace("å", "a\u030a").replace("ö", "o\u0308"), id="decomposed letters"
        ),
        pytest.param(lambda text: text.replace("Läns-kod", '"Läns-kod"'), id="quoted header"),
        pytest.param(lambda text: text.replace("Kommunal;", '"Kommunal";'), id="quoted cell"),
        pytest.param(lambda text: text.replace("\n", ";;\n"), id="saved again with padding"),
    ],
)
def test_harmless_differences_change_nothing(family: Family, change: object) -> None:
    text = family.body.decode()
    assert callable(change)
    result = read(family, family.answer(change(text).encode()))
    expected = [column.to_pylist() for column in content(read(family)).columns[-4:]]
    assert [column.to_pylist() for column in content(result).columns[-4:]] == expected
    assert result.rejected.num_rows == 0


def test_an_extra_column_is_noted_and_ignored(family: Family) -> None:
    def add_column(lines: list[str]) -> None:
        # Put behind the first column, so that every other one moves.
        first, rest = lines[family.header_at].split(";", 1)
        lines[family.header_at] = f"{first};Nytt mått;{rest}"
        above = lines[family.header_at - 1]
        lines[family.header_at - 1] = above if not above.strip("; ") else ";" + above
        for at in range(family.rows.start, family.rows.stop):
            name, rest = lines[at].split(";", 1)
            lines[at] = f"{name};17;{rest}"

    result = read(family, family.changed(add_column))
    assert content(result).equals(content(read(family)))
    assert result.notes == [f"{family.name}: unknown column 'Nytt mått' ignored"]
    assert result.schema_fingerprint != read(family).schema_fingerprint


def test_the_fingerprint_follows_the_header_and_not_the_rows(family: Family) -> None:
    fewer = family.changed(lambda lines: lines.pop(family.rows.start))
    assert read(family, fewer).schema_fingerprint == read(family).schema_fingerprint


# What is refused as a whole


@pytest.mark.parametrize(
    ("encoding", "name"), [("cp1252", "Windows-1252"), ("utf-16", "UTF-16"), ("utf-16-le", "UTF-16")]
)
def test_another_encoding_is_refused_and_named(family: Family, encoding: str, name: str) -> None:
    body = family.body.decode("utf-8-sig").encode(encoding)
    with pytest.raises(WrongEncodingError, match=name) as caught:
        read(family, family.answer(body))
    assert caught.value.source == family.name


@pytest.mark.parametrize("damage", ["\x00", "\x1b", "\ufffd", "\r"])
def test_characters_no_text_file_holds_are_refused_with_their_line(family: Family, damage: str) -> None:
    row = family.rows.start

    def insert(lines: list[str]) -> None:
        lines[row] = lines[row][:5] + damage + lines[row][5:]

    with pytest.raises(WrongEncodingError) as caught:
        read(family, family.changed(insert))
    assert caught.value.row == row + 1


def test_a_file_cut_anywhere_before_its_notes_is_refused_with_its_name(family: Family) -> None:
    notes = family.body.index(b"Rapportbeskrivning") + len(b"Rapportbeskrivning")
    banner = len("\ufeffStatistik från Skolverket".encode())
    ends_of_lines = {at + shift for at in range(notes) if family.body[at] == 10 for shift in (-1, 0, 1)}
    for cut in sorted({*range(banner, notes, 13), *ends_of_lines, notes - 1} - set(range(banner))):
        with pytest.raises(TruncatedError) as caught:
            read(family, family.answer(family.body[:cut]))
        assert caught.value.source == family.name


def test_a_file_cut_in_its_notes_has_all_its_rows(family: Family) -> None:
    result = read(family, family.answer(family.body[:-40].rstrip()))
    assert content(result).equals(content(read(family)))
    assert len(result.notes) == 1


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\xef\xbb\xbf \n\n", id="white space"),
        pytest.param(b"<!DOCTYPE html><html><body>Logga in</body></html>", id="login page"),
        pytest.param(b"\n  <html>", id="error page"),
        pytest.param(b"PK\x03\x04rest", id="workbook"),
        pytest.param(b"\x1f\x8brest", id="packed"),
        pytest.param(b"Kommun;Antal\nUppsala;3\n", id="another table"),
    ],
)
def test_something_else_in_its_place_is_refused(family: Family, body: bytes) -> None:
    with pytest.raises(NotThisFileError) as caught:
        read(family, family.answer(body))
    assert caught.value.source == family.name


def test_nothing_delivered_is_refused(family: Family) -> None:
    with pytest.raises(NotThisFileError, match="no file was delivered"):
        READERS[family.report.table]([])


def test_every_other_report_is_refused(family: Family) -> None:
    for other in REPORTS:
        if other is not family.report:
            with pytest.raises(NotThisFileError) as caught:
                READERS[family.report.table]([family_of(other).answer()])
            assert caught.value.rule == "another_report"


def test_two_reports_in_one_file_are_refused(family: Family) -> None:
    other = family_of(REPORTS[0] if family.report is not REPORTS[0] else REPORTS[1])
    for body in (family.body + other.body, other.body + family.body):
        with pytest.raises(NotThisFileError) as caught:
            read(family, family.answer(body))
        assert caught.value.rule == "another_report"


def test_each_column_is_missed_by_name(family: Family) -> None:
    at = family.header_at
    names = family.lines[at].rstrip(";").split(";")
    missed = set()
    for position in range(1, len(names)):
        renamed = ";".join([*names[:position], "Annat namn", *names[position + 1 :]])
        lines = [*family.lines[:at], renamed, *family.lines[at + 1 :]]
        if family.lines[at].endswith(";"):
            lines[at] += ";"
        with pytest.raises(HeaderChangedError) as caught:
            read(family, family.answer(lines))
        assert caught.value.row == at + 1
        assert str(caught.value.column).endswith(names[position].replace("Kommunkod", "Kommun-kod"))
        missed.add(caught.value.column)
    # The first one finds the header row and is the only one that cannot be missed by itself.
    expected = {texts[0] for texts in family.report.headers.values()} - {family.report.first_header}
    assert missed == expected


def test_a_doubled_column_is_refused_by_name(family: Family) -> None:
    def double(lines: list[str]) -> None:
        for at in range(family.header_at - 1, family.rows.stop):
            if at >= family.header_at or lines[at].startswith(";"):
                cells = lines[at].split(";")
                lines[at] = ";".join([*cells[:4], cells[1], *cells[4:]])

    with pytest.raises(HeaderChangedError, match="twice") as caught:
        read(family, family.changed(double))
    assert caught.value.column in {"Kommun-kod", "Skol-enhetskod"}


def test_a_missing_header_row_is_refused(family: Family) -> None:
    with pytest.raises(HeaderChangedError) as caught:
        read(family, family.changed(lambda lines: lines.pop(family.header_at)))
    assert caught.value.rule == "header_not_found"


@pytest.mark.parametrize("year", ["", "2024", "2024/26", "alla", "24/25"])
def test_a_missing_or_odd_year_is_refused(family: Family, year: str) -> None:
    year = "24" if year == "2024" and family.report.period == "Valt år" else year

    def change(lines: list[str]) -> None:
        at = next(i for i, line in enumerate(lines) if line.startswith(family.report.period))
        lines[at] = f"{family.report.period}: {year}" if year else ""

    with pytest.raises(HeaderChangedError) as caught:
        read(family, family.changed(change))
    assert caught.value.rule == "period_not_found"


def test_two_years_in_one_file_are_refused(family: Family) -> None:
    old = next(line for line in family.lines if line.startswith(family.report.period))
    new = f"{family.report.period}: " + ("2019" if family.report.period == "Valt år" else "2018/19")
    other = "\n".join(family.lines).replace(old.rstrip(";"), new)
    with pytest.raises(HeaderChangedError) as caught:
        read(family, family.answer(family.body + other.encode()))
    assert caught.value.rule == "period_not_found"


def test_far_too_many_rows_are_refused(family: Family) -> None:
    rows = family.lines[family.rows]
    times = family.report.bound // len(rows) + 1
    lines = [*family.lines[: family.rows.start], *rows * times, *family.lines[family.rows.stop :]]
    with pytest.raises(TooManyRowsError, match=str(family.report.bound)):
        read(family, family.answer(lines))


def test_a_header_without_rows_is_refused(family: Family) -> None:
    lines = [*family.lines[: family.rows.start], *family.lines[family.rows.stop :]]
    with pytest.raises(NotThisFileError, match="no row"):
        read(family, family.answer(lines))


# What is set aside, row by row


def test_notes_right_after_the_rows_are_no_rows(family: Family) -> None:
    result = read(family, family.changed(lambda lines: lines.pop(family.rows.stop)))
    assert content(result).equals(content(read(family)))


def test_notes_above_the_rows_leave_their_end_unproven(family: Family) -> None:
    lines = family.lines
    notes = lines[family.rows.stop :]
    moved = [*lines[: family.header_at - 2], *notes, *lines[family.header_at - 2 : family.rows.stop], ""]
    with pytest.raises(HeaderChangedError) as refused:
        read(family, family.answer(moved))
    assert refused.value.rule == "notes_moved"


def test_rows_behind_the_notes_are_still_rows(family: Family) -> None:
    lines = family.lines
    rows = lines[family.rows]
    heading = ["", "Rapportbeskrivning och definitioner etc.", ""]
    split = [*lines[: family.rows.start], *rows[:5], *heading, *rows[5:], *lines[family.rows.stop :]]
    assert content(read(family, family.answer(split))).equals(content(read(family)))


def test_duplicate_rows_are_counted_and_dropped(family: Family) -> None:
    rows = family.lines[family.rows]
    doubled = [*family.lines[: family.rows.start], *rows, *rows[:7], *family.lines[family.rows.stop :]]
    result = read(family, family.answer(doubled))
    assert (result.delivered, result.table.num_rows, result.duplicates) == (19, 12, 7)
    assert content(result).equals(content(read(family)))


def test_rows_that_differ_in_one_cell_are_no_duplicates(family: Family) -> None:
    def change(lines: list[str]) -> None:
        lines[family.rows.start + 1] = lines[family.rows.start].replace(";Kommunal;", ";Enskild;")
        cells = lines[family.rows.start].split(";")
        lines[family.rows.start + 1] = ";".join([*cells[:-2], "0,1", *cells[-1:]])

    result = read(family, family.changed(change))
    assert (result.table.num_rows, result.duplicates) == (12, 0)


def test_a_file_put_together_twice_gives_its_rows_once(family: Family) -> None:
    result = read(family, family.answer(family.body + family.body))
    assert content(result).equals(content(read(family)))
    assert (result.delivered, result.duplicates) == (25, 12)
    assert result.rejected["rule"].to_pylist() == ["repeated_header"]


@pytest.mark.parametrize(
    ("rule", "damage"),
    [
        ("cell_count", lambda row: row.rsplit(";", 3)[0]),
        ("cell_count", lambda row: row + ";7;"),
        ("cell_count", lambda row: "Anm. HEMLIGT"),
        ("quoting", lambda row: row.replace(";", ';"', 1)),
        ("municipality_code", None),
    ],
)
def test_a_bad_row_is_set_aside_with_its_line_and_without_its_content(
    family: Family, rule: str, damage: object
) -> None:
    at = family.rows.start + 4
    place = family.lines[family.header_at].split(";").index
    code_at = place("Kommun-kod") if "Kommun-kod" in family.lines[family.header_at] else place("Kommunkod")

    def change(lines: list[str]) -> None:
        cells = lines[at].split(";")
        cells[0] = "HEMLIGT"
        if damage is None:
            cells[code_at] = "380"
        lines[at] = ";".join(cells)
        if callable(damage):
            lines[at] = damage(lines[at])

    result = read(family, family.changed(change))
    assert (result.delivered, result.table.num_rows) == (12, 11)
    (rejected,) = result.rejected.to_pylist()
    assert (rejected["_source_file"], rejected["_row_number"], rejected["rule"]) == (
        family.name,
        at + 1,
        rule,
    )
    assert "HEMLIGT" not in rejected["reason"]
    assert rejected["reason"].endswith(".")


def test_no_refusal_repeats_what_stands_in_a_cell(family: Family) -> None:
    def mark(lines: list[str]) -> None:
        lines[family.rows] = [line.replace(";", ";HEMLIGT", 1) for line in lines[family.rows]]
        lines[family.header_at] = lines[family.header_at].replace(";", ";Annat ", 1)

    with pytest.raises(DeliveryProblem) as caught:
        read(family, family.changed(mark))
    assert "HEMLIGT" not in str(caught.value)
    assert caught.value.remedy.endswith(".")


# Whatever happens to a file


ROW_DAMAGE = st.sampled_from(
    [
        lambda row: row,
        lambda row: f"{row}\n{row}",
        lambda row: "",
        lambda row: row.replace(";", "", 1),
        lambda row: row + ";x;",
        lambda row: row.replace(";", ';"', 1),
        lambda row: ";" + row,
        lambda row: "skräp",
        lambda row: row[: len(row) // 2],
        lambda row: row.replace("14", "1"),
    ]
)


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.table)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_every_delivered_line_is_accounted_for(report: object, data: st.DataObject) -> None:
    family = family_of(report)  # type: ignore[arg-type]
    lines = family.lines
    damage = data.draw(st.lists(ROW_DAMAGE, min_size=12, max_size=12))
    rows = "\n".join(change(row) for change, row in zip(damage, lines[family.rows], strict=True)).split("\n")
    delivered = [row for row in rows if row.strip("; ")]
    answer = family.answer([*lines[: family.rows.start], *rows, *lines[family.rows.stop :]])
    if not delivered:
        with pytest.raises(NotThisFileError):
            read(family, answer)
        return
    result = read(family, answer)
    assert result.delivered == len(delivered)
    assert result.table.num_rows + result.rejected.num_rows + result.duplicates == len(delivered)
    places = [*result.table["_row_number"].to_pylist(), *result.rejected["_row_number"].to_pylist()]
    assert len(set(places)) == len(places)
    width = lines[family.header_at].count(";")
    whole = {row for row in delivered if row.count(";") == width and '"' not in row}
    assert result.table.num_rows <= len(whole)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    report=st.sampled_from(REPORTS),
    edits=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 40), st.binary(max_size=8)), max_size=4),
)
def test_damaged_bytes_are_refused_or_accounted_for(
    report: object, edits: list[tuple[int, int, bytes]]
) -> None:
    family = family_of(report)  # type: ignore[arg-type]
    body = family.body
    for place, length, new in edits:
        at = place % (len(body) + 1)
        body = body[:at] + new + body[at + length :]
    try:
        result = read(family, family.answer(body))
    except DeliveryProblem as problem:
        assert problem.source == family.name
        assert problem.message
        assert problem.remedy
        return
    assert result.delivered == result.table.num_rows + result.rejected.num_rows + result.duplicates
    assert result.table.schema == EMPTY_TABLES[family.report.table]
