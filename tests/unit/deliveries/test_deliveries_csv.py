"""Text files as offices produce them: any encoding, separator and order; refused or set aside by name."""

import codecs

import pytest
from delivered_files import as_csv, cell, examined, headers, made_up_number, rows, table

from dagster_project.lib.deliveries.catalogue import KINDS
from dagster_project.lib.deliveries.reader import Reading
from dagster_project.lib.deliveries.rules import FILE_RULES, ROW_RULES

STAFF = KINDS["staff"]
MEASURES = KINDS["measures"]


def reading(body: bytes, **more) -> Reading:
    outcome = examined(body, **more).outcome
    assert isinstance(outcome, Reading), outcome
    return outcome


def refusal(body: bytes, **more):
    outcome = examined(body, **more).outcome
    assert not isinstance(outcome, Reading)
    assert outcome.rule in FILE_RULES
    return outcome


def found(read: Reading) -> list[tuple[int, str, str]]:
    assert all(finding.rule in ROW_RULES for finding in read.findings)
    return [(finding.row, finding.column, finding.rule) for finding in read.findings]


def staff(count: int = 3) -> list[list[str]]:
    return table(STAFF, rows(STAFF, count))


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be-bom", "cp1252"])
def test_every_encoding_and_separator_reads_alike(separator, encoding):
    if encoding == "utf-16-be-bom":
        body = codecs.BOM_UTF16_BE + as_csv(staff(), separator, "utf-16-be")
    else:
        body = as_csv(staff(), separator, encoding)
    assert reading(body).table.to_pylist() == reading(as_csv(staff())).table.to_pylist()


@pytest.mark.parametrize("line_end", [b"\n", b"\r", b"\r\n"])
def test_every_line_end_reads_alike_and_the_last_may_be_missing(line_end):
    body = as_csv(staff()).replace(b"\r\n", line_end).removesuffix(line_end)
    assert reading(body).table.num_rows == 3


def test_the_municipality_of_the_installation_is_added():
    assert set(reading(as_csv(staff())).table["municipality_code"].to_pylist()) == {"9999"}


def test_columns_stand_in_any_order_and_others_are_named_by_place_only():
    lines = [
        [*reversed(line), extra] for line, extra in zip(staff(), ["Hemligt namn", "a", "b", "c"], strict=True)
    ]
    read = reading(as_csv(lines))
    assert read.table.num_rows == 3
    assert read.notes == ["Kolumner som inte finns i mallen läses inte: N."]


def test_excels_hint_about_the_separator_is_followed():
    assert reading(b"sep=,\r\n" + as_csv(staff(), ",")).table.num_rows == 3


def test_blank_lines_and_trailing_empty_rows_and_columns_are_no_rows():
    body = b"\r\n;;;\r\n" + as_csv([[*line, "", ""] for line in staff()]) + b";;;;;;\r\n \r\n\r\n"
    read = reading(body)
    assert (read.delivered, read.table["_row_number"].to_pylist()) == (3, [4, 5, 6])


def test_a_quoted_cell_may_hold_separators_quotes_and_line_breaks():
    first, second = rows(MEASURES, 2)
    first["Åtgärd"] = 'Läslyft; "del 1",\nåk 4'
    read = reading(as_csv(table(MEASURES, [first, second])))
    assert read.table["title"].to_pylist() == ['Läslyft; "del 1", åk 4', second["Åtgärd"]]
    assert read.table["_row_number"].to_pylist() == [2, 4]


def test_a_lost_quotation_mark_costs_its_own_row_only():
    lines = as_csv(table(MEASURES, rows(MEASURES, 4))).splitlines(keepends=True)
    lines[2] = lines[2].replace("Läslyft".encode(), b'"L\xc3\xa4slyft', 1)
    read = reading(b"".join(lines))
    assert found(read) == [(3, "", "quoting")]
    assert read.table.num_rows == 3


def test_two_lost_quotation_marks_cost_two_rows():
    lines = as_csv(table(MEASURES, rows(MEASURES, 4))).splitlines(keepends=True)
    for at in (1, 3):
        lines[at] = lines[at].replace("Läslyft".encode(), b'"L\xc3\xa4slyft', 1)
    read = reading(b"".join(lines))
    assert found(read) == [(2, "", "quoting"), (4, "", "quoting")]
    assert read.table.num_rows == 2


def test_rows_with_another_number_of_cells_are_set_aside():
    lines = staff(4)
    lines[2] = lines[2][:-1]
    lines[3] = [*lines[3], "för mycket"]
    assert found(reading(as_csv(lines))) == [(3, "", "cell_count"), (4, "", "cell_count")]


def test_a_second_header_row_is_set_aside():
    lines = staff()
    lines.insert(2, [header.upper() for header in lines[0]])
    read = reading(as_csv(lines))
    assert found(read) == [(3, "", "repeated_header")]
    assert (read.delivered, read.table.num_rows) == (4, 3)


def test_exact_duplicates_are_counted_also_when_written_differently():
    lines = staff(2)
    again = list(lines[1])
    again[headers(STAFF).index("Läsår")] = "2025/2026"
    read = reading(as_csv([*lines, lines[1], again]))
    assert (read.delivered, read.table.num_rows, read.duplicates, read.rejected) == (4, 2, 2, 0)


def test_rows_that_contradict_each_other_are_both_set_aside_and_name_each_other():
    lines = staff(3)
    other = list(lines[1])
    other[headers(STAFF).index("Tjänstgöringsgrad (%)")] = "50"
    read = reading(as_csv([*lines, other]))
    assert found(read) == [(2, "", "contradiction"), (5, "", "contradiction")]
    assert [finding.other_row for finding in read.findings] == [5, 2]
    assert (read.table.num_rows, read.rejected) == (2, 2)


def test_a_contradiction_is_seen_past_a_duplicate():
    lines = staff(2)
    other = list(lines[1])
    other[headers(STAFF).index("Tjänstgöringsgrad (%)")] = "50"
    read = reading(as_csv([*lines, lines[1], other]))
    assert (read.delivered, read.table.num_rows, read.duplicates, read.rejected) == (4, 1, 1, 2)


def test_rows_without_an_optional_key_cell_have_the_same_key():
    survey = KINDS["survey"]
    first, second = rows(survey, 1) * 2
    first, second = {**first, "Årskurs": ""}, {**second, "Årskurs": "", "Index": "1,0"}
    sound = {**rows(survey, 2)[1]}
    assert len(found(reading(as_csv(table(survey, [first, second, sound]))))) == 2


def test_several_broken_cells_of_a_row_are_one_row_set_aside():
    lines = rows(STAFF)
    lines[1] |= {"Läsår": "HT25", "Legitimerad": "kanske"}
    read = reading(as_csv(table(STAFF, lines)))
    assert found(read) == [(3, "Läsår", "school_year"), (3, "Legitimerad", "yes_no")]
    assert (read.rejected, read.table.num_rows) == (1, 2)


def test_a_missing_column_refuses_the_file_and_names_the_column():
    lines = [line[1:] for line in staff()]
    problem = refusal(as_csv(lines))
    assert (problem.rule, problem.column, problem.row) == ("missing_column", "Personnummer", 1)
    assert "templates" in problem.remedy


def test_a_column_delivered_twice_refuses_the_file():
    problem = refusal(as_csv([[*line, line[2]] for line in staff()]))
    assert (problem.rule, problem.column) == ("doubled_column", "Läsår")


@pytest.mark.parametrize("body", [b"", b"\n\n", b"\xef\xbb\xbf", b";;;\r\n;;;\r\n", b" " * 5000])
def test_an_empty_file_is_refused(body):
    assert refusal(body).rule == "empty_file"


def test_a_header_without_rows_is_refused_so_that_an_empty_template_empties_nothing():
    assert refusal(as_csv(staff(0))).rule == "no_rows"


def test_a_file_without_a_sound_row_is_refused_and_says_why_for_each():
    lines = [row | {"Läsår": "?"} for row in rows(STAFF)]
    problem = refusal(as_csv(table(STAFF, lines)))
    assert problem.rule == "no_sound_rows"
    assert [finding.row for finding in problem.findings] == [2, 3, 4]


def test_a_web_page_is_refused():
    assert refusal(b"\n <!DOCTYPE html><html><body>Logga in</body></html>").rule == "web_page"


@pytest.mark.parametrize("head", [b"%PDF-1.7", b"\xd0\xcf\x11\xe0\xa1\xb1", b"\x1f\x8b\x08"])
def test_another_kind_of_document_is_refused(head):
    assert refusal(head + b"\0" * 100).rule == "not_this_file"


def test_a_file_of_no_known_kind_is_refused():
    assert refusal(b"Namn;Adress\r\nExempelina;Hittepagatan 1\r\n").rule == "unknown_kind"


def test_a_file_without_header_row_is_refused_and_its_first_row_not_repeated():
    number = made_up_number(1)
    examination = examined(as_csv(staff()[1:]))
    assert examination.outcome.rule == "unknown_kind"
    assert number not in examination.report()


def test_utf16_without_mark_is_refused():
    assert refusal(as_csv(staff(), encoding="utf-16-le")).rule == "wrong_encoding"


def test_a_file_cut_in_the_middle_of_a_letter_is_refused():
    body = as_csv(table(MEASURES, rows(MEASURES)))
    assert refusal(body[: body.rindex("ä".encode()) + 1]).rule == "truncated"


def test_windows_1252_may_end_with_a_swedish_letter():
    kind = KINDS["early_assessments"]
    lines = table(kind, rows(kind))
    body = as_csv([line[::-1] for line in lines], encoding="cp1252").removesuffix(b"\r\n")
    assert reading(body).table.num_rows == 3


def test_letters_damaged_on_the_way_are_named_as_such():
    assert refusal(as_csv(staff()).decode("cp1252", "replace").encode()).rule == "garbled_letters"


def test_bytes_of_no_encoding_are_refused():
    assert refusal(as_csv(staff()).replace("å".encode(), b"\x81\x8d")).rule == "wrong_encoding"


def test_the_kind_may_be_given_and_is_then_held_to():
    problem = refusal(as_csv(staff()), kind="ledger")
    assert (problem.rule, problem.column) == ("missing_column", "Kalenderår")


def test_persons_leave_the_reader_as_pseudonyms_only():
    read = reading(as_csv(staff()))
    text = repr(read.table.to_pylist())
    assert all(made_up_number(serial)[2:] not in text for serial in range(3))
    assert all(len(key) == 32 for key in read.table["person_key"].to_pylist())


def test_a_formula_or_identity_number_in_free_text_costs_its_row():
    lines = rows(MEASURES, 4)
    lines[1]["Åtgärd"] = "=cmd|' /C calc'!A0"
    lines[2]["Åtgärd"] = f"Samtal med {made_up_number(5)}"
    read = reading(as_csv(table(MEASURES, lines)))
    assert found(read) == [(3, "Åtgärd", "formula"), (4, "Åtgärd", "personal_number")]
    assert "calc" not in repr(read.table.to_pylist())


@pytest.mark.scale
def test_a_million_rows_are_read_within_bounded_memory(tmp_path):
    """One process of its own, so that its peak is that of reading alone."""
    import subprocess
    import sys

    path = tmp_path / "stor.csv"
    kind = KINDS["grade_forecasts"]
    with path.open("wb") as file:
        file.write(as_csv([headers(kind)]))
        for day in range(1, 29):
            numbers = [made_up_number(serial, f"189{day % 10}01{day:02d}") for serial in range(1000)]
            example = [cell(column, 0) for column in kind.columns]
            at = headers(kind).index("Ämne")
            for subject in range(36):
                example[at] = f"DEMO{subject}"
                file.write(as_csv([[number, *example[1:]] for number in numbers]))
    code = (
        "import resource, sys\n"
        "sys.path.insert(0, sys.argv[2])\n"
        "from delivered_files import examined\n"
        "from pathlib import Path\n"
        "from dagster_project.lib.deliveries.stored import as_stored\n"
        "outcome = examined(Path(sys.argv[1]).read_bytes()).outcome\n"
        "as_stored('stor.csv', outcome)\n"
        "print(outcome.delivered, outcome.table.num_rows,"
        " resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"
    )
    from pathlib import Path

    done = subprocess.run(
        [sys.executable, "-c", code, path, Path(__file__).parent], capture_output=True, text=True, check=True
    )
    delivered, loaded, megabytes = map(int, done.stdout.split())
    assert delivered == loaded == 1_008_000
    assert megabytes < 2000, megabytes
