"""A suite that is wrong, or that could pass on nothing, is refused when it is read, with file and line."""

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dagster_project.lib.errors import SettingsError
from dagster_project.lib.expectations.suite import SuiteError, load_suite, load_suites

GOOD = """\
table: pub_indicators
stage: published
required: true
query: null
expectations:
  - id: rows_are_there
    type: expect_table_row_count_to_be_between
    kwargs: {min_value: 1}
    severity: critical
    owner: data-engineering
    why: An empty table would be published.
    how_to_resolve: Look at the last build.
  - id: value_is_there
    type: expect_column_values_to_not_be_null
    kwargs: {column: indicator_id}
    severity: critical
    owner: data-engineering
    why: Nobody can read a row without an indicator.
    how_to_resolve: Correct the union.
  - id: percentages_in_range
    type: expect_column_values_to_be_between
    kwargs: {column: value, min_value: 0, max_value: 100}
    where: unit_of_measure = 'percent'
    may_be_empty: true
    severity: warning
    owner: statistics
    why: Numerator and denominator count different pupils.
    how_to_resolve: Compare both counts.
"""


def write(folder: Path, text: str, *, stage: str = "published", name: str = "pub_indicators.yml") -> Path:
    path = folder / stage / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def refusal(path: Path) -> str:
    with pytest.raises(SuiteError) as refused:
        load_suite(path)
    return str(refused.value)


def test_a_suite_is_read_with_the_line_of_each_expectation(tmp_path: Path) -> None:
    suite = load_suite(write(tmp_path, GOOD))
    assert (suite.table, suite.stage, suite.required, suite.query_text) == (
        "pub_indicators",
        "published",
        True,
        None,
    )
    assert [(e.id, e.severity, e.line) for e in suite.expectations] == [
        ("rows_are_there", "critical", 6),
        ("value_is_there", "critical", 13),
        ("percentages_in_range", "warning", 20),
    ]
    assert suite.expectations[2].kwargs == {"column": "value", "min_value": 0, "max_value": 100}
    assert suite.expectations[2].where == "unit_of_measure = 'percent'"
    assert suite.expectations[2].may_be_empty


PROMISING = GOOD.replace("query: null", "columns: [indicator_id, value]\nkey: [indicator_id, value]")


def test_columns_and_key_of_a_table_are_expectations_with_words_of_their_own(tmp_path: Path) -> None:
    suite = load_suite(write(tmp_path, PROMISING))
    columns, key = suite.expectations[-2:]
    assert (columns.id, columns.type, columns.line) == (
        "columns_are_these",
        "expect_table_columns_to_match_set",
        4,
    )
    assert columns.kwargs == {"column_set": ["indicator_id", "value"], "exact_match": True}
    assert (key.id, key.type, key.line) == ("one_row_per_key", "expect_compound_columns_to_be_unique", 5)
    assert key.kwargs == {"column_list": ["indicator_id", "value"]}
    assert all(each.severity == "critical" and each.why and each.how_to_resolve for each in (columns, key))


def test_columns_and_key_are_of_the_table_although_the_suite_looks_at_a_query(tmp_path: Path) -> None:
    (write(tmp_path, GOOD).parent / "counts.sql").write_text("select count(*) as n from pub_indicators")
    suite = load_suite(
        write(tmp_path, GOOD.replace("query: null", "query: counts.sql\ncolumns: [a, b]\nkey: [a, b]"))
    )
    assert [each.query_text for each in suite.expectations[-2:]] == [
        "from pub_indicators limit 0",
        "from pub_indicators select a, b",
    ]


def test_a_key_of_one_column_is_looked_at_alone(tmp_path: Path) -> None:
    suite = load_suite(write(tmp_path, GOOD.replace("query: null", "key: [indicator_id]")))
    assert suite.expectations[-1].type == "expect_column_values_to_be_unique"
    assert suite.expectations[-1].kwargs == {"column": "indicator_id"}


MISTAKES = {
    "a key that is no list": ("query: null", "key: unit_key", 4, "'key' is wrong"),
    "columns of which there is none": ("query: null", "columns: []", 4, "'columns' is wrong"),
    "a column with a space": ("query: null", "columns: ['the unit']", 4, "'columns' is wrong"),
    "unknown key of the suite": (
        "required: true",
        "required: true\nschedule: daily",
        4,
        "'schedule' is not a key",
    ),
    "unknown key of an expectation": (
        "    severity: warning",
        "    severty: warning",
        25,
        "'severty' is not a key",
    ),
    "a missing severity": ("    severity: warning\n", "", 20, "'severity' is missing"),
    "an unknown severity": ("severity: warning", "severity: fatal", 25, "'critical', 'warning' or 'info'"),
    "a type that is not snake case": (
        "type: expect_column_values_to_be_between",
        "type: ExpectColumnValuesToBeBetween",
        21,
        "'type' is wrong",
    ),
    "a missing why": ("    why: Nobody can read a row without an indicator.\n", "", 13, "'why' is missing"),
    "an empty how_to_resolve": ("how_to_resolve: Correct the union.", "how_to_resolve: ' '", 19, "is empty"),
    "an id used twice": ("id: value_is_there", "id: rows_are_there", 13, "stands on line 6 already"),
    "a stage that is not the folder's": ("stage: published", "stage: marts", 2, "another stage's"),
    "an unknown stage": ("stage: published", "stage: raw", 2, "'stage' is wrong"),
    "a table that is not the file's": ("table: pub_indicators", "table: pub_units", 1, "pub_units.yml"),
    "a table with a quote in its name": (
        "table: pub_indicators",
        "table: 'a\"; drop'",
        1,
        "'table' is wrong",
    ),
    "required that is not true or false": ("required: true", "required: 'yes'", 3, "'required' is wrong"),
    "a key that stands twice": ("query: null", "query: null\nrequired: false", 5, "'required' stands twice"),
    "no row count": ("{min_value: 1}", "{max_value: 9}", 5, "an empty table passes"),
    "a row count that allows none": ("{min_value: 1}", "{min_value: 0}", 5, "an empty table passes"),
    "a row count that cannot refuse": ("severity: critical", "severity: info", 5, "an empty table passes"),
    "a row count on some rows only": (
        "kwargs: {min_value: 1}",
        "kwargs: {min_value: 1}\n    where: 1 = 1",
        5,
        "an empty table passes",
    ),
    "no not-null": (
        "expect_column_values_to_not_be_null",
        "expect_column_values_to_be_unique",
        5,
        "a table of empty columns passes",
    ),
    "no expectation at all": (
        GOOD[GOOD.index("expectations:") :],
        "expectations: []",
        5,
        "an empty table passes",
    ),
    "expectations that are no list": (GOOD[GOOD.index("expectations:") :], "expectations: all", 5, "a list"),
    "a rule that any data meets": ("max_value: 100}", "max_value: 100, mostly: 0}", 22, "met by any data"),
    "a result format of its own": (
        "max_value: 100}",
        "max_value: 100, result_format: COMPLETE}",
        22,
        "never carry values",
    ),
    "a row condition for pandas": ("max_value: 100}", "max_value: 100, row_condition: a}", 22, "use 'where'"),
    "may_be_empty without where": (
        "    where: unit_of_measure = 'percent'\n",
        "",
        23,
        "together with 'where'",
    ),
    "a need that is no data set": (
        "    where: unit_of_measure = 'percent'\n",
        "    where: unit_of_measure = 'percent'\n    needs: [pupils]\n",
        24,
        "'needs' is wrong: String should match",
    ),
    "a condition that does not parse": (
        "unit_of_measure = 'percent'",
        "unit_of_measure =",
        23,
        "not one SQL",
    ),
    "a condition with a second statement": (
        "unit_of_measure = 'percent'",
        "true; drop table pub_indicators",
        23,
        "not one SQL",
    ),
    "a condition that closes its bracket": (
        "unit_of_measure = 'percent'",
        "false) or (true",
        23,
        "not one SQL",
    ),
    "a key that only the reader may set": ("query: null", "sha256: abc", 4, "'sha256' is not a key"),
    "text that is not YAML": ("kwargs: {min_value: 1}", "kwargs: {min_value: 1", 9, "Mend the YAML"),
    "an object of Python": ("owner: statistics", "owner: !!python/name:os.system ''", 26, "Mend the YAML"),
    "a query that is missing": ("query: null", "query: absent.sql", 4, "no file absent.sql beside"),
    "a query in another folder": ("query: null", "query: ../x.sql", 4, "'query' is wrong"),
}


@pytest.mark.parametrize(("old", "new", "line", "said"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_refused_with_file_and_line(
    tmp_path: Path, old: str, new: str, line: int, said: str
) -> None:
    assert old in GOOD
    message = refusal(write(tmp_path, GOOD.replace(old, new, 1)))
    assert re.search(
        rf"^published/pub_indicators\.yml, line {line}: .*{re.escape(said)}", message, re.MULTILINE
    )


def test_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    message = refusal(write(tmp_path, PROMISING.replace("id: value_is_there", "id: one_row_per_key")))
    assert "line 5: id 'one_row_per_key' stands on line 14 already" in message


def test_every_mistake_of_a_file_is_told_at_once_in_the_order_of_its_lines(tmp_path: Path) -> None:
    text = GOOD.replace("owner: data-engineering", "owner: ''", 1).replace("severity: warning", "severity: x")
    message = refusal(write(tmp_path, text))
    assert re.findall(r"line (\d+)", message) == ["10", "25"]


@pytest.mark.parametrize("content", [b"", b"- a\n- b\n", b"\xff\xfe\x00", b"a: \x01"])
def test_a_file_that_is_no_suite_is_refused(tmp_path: Path, content: bytes) -> None:
    path = write(tmp_path, "")
    path.write_bytes(content)
    assert "published/pub_indicators.yml, line 1" in refusal(path)


def test_a_suite_that_is_not_required_may_guard_with_warnings(tmp_path: Path) -> None:
    text = GOOD.replace("severity: critical", "severity: warning")
    assert "an empty table passes" in refusal(write(tmp_path, text))
    assert not load_suite(write(tmp_path, text.replace("required: true", "required: false"))).required


def test_a_query_is_one_select_and_part_of_the_fingerprint(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD.replace("query: null", "query: shares.sql"))
    query = path.with_name("shares.sql")
    query.write_text("select * from pub_indicators where value is not null", encoding="utf-8")
    first = load_suite(path)
    assert first.query_text == query.read_text(encoding="utf-8")
    query.write_text("select * from pub_indicators", encoding="utf-8")
    assert load_suite(path).sha256 != first.sha256
    for text in ("delete from pub_indicators", "select 1; select 2", "", "selec 1"):
        query.write_text(text, encoding="utf-8")
        assert "line 4: shares.sql" in refusal(path)


def test_the_fingerprint_follows_the_bytes_of_the_file(tmp_path: Path) -> None:
    expected = hashlib.sha256(GOOD.encode() + b"\0").hexdigest()
    assert load_suite(write(tmp_path, GOOD)).sha256 == expected


def test_all_suites_are_found_in_the_order_of_stage_and_table(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    write(tmp_path, GOOD.replace("pub_indicators", "pub_a"), name="pub_a.yml")
    write(tmp_path, GOOD.replace("published", "marts", 1), stage="marts")
    write(tmp_path, "read me", name="README.md")
    found = [(suite.stage, suite.table) for suite in load_suites(tmp_path)]
    assert found == [("marts", "pub_indicators"), ("published", "pub_a"), ("published", "pub_indicators")]


@pytest.mark.parametrize("name", ["pub_units.yaml", "pub_units.yml.off", "orphan.sql"])
def test_a_file_that_nothing_would_read_is_refused(tmp_path: Path, name: str) -> None:
    write(tmp_path, GOOD)
    write(tmp_path, GOOD, name=name)
    with pytest.raises(SuiteError, match=f"published/{name}.*no suite reads this file"):
        load_suites(tmp_path)


def test_a_folder_that_is_no_stage_is_refused(tmp_path: Path) -> None:
    write(tmp_path, GOOD, stage="publish")
    with pytest.raises(SuiteError, match=r"publish.*is not a stage"):
        load_suites(tmp_path)


def test_a_missing_folder_is_not_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no folder 'expectations'"):
        load_suites(tmp_path / "expectations")


def test_reading_suites_loads_neither_great_expectations_nor_dagster_nor_dbt() -> None:
    code = (
        "import sys; import dagster_project.lib.expectations.suite, dagster_project.lib.expectations.results;"
        "print(sorted({'great_expectations', 'dagster', 'dbt'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def _with_comparison(folder: Path, query: str, entry: str) -> Path:
    path = write(folder, GOOD + entry)
    path.with_name("pub_indicators__kept.sql").write_text(query, encoding="utf-8")
    return path


COMPARISON = """\
  - id: nobody_is_lost
    type: expect_column_values_to_be_between
    query: pub_indicators__kept.sql
    compares_with_last_release: true
    kwargs: {column: share_kept, min_value: 0.5}
    severity: warning
    owner: data-engineering
    why: A municipality is gone.
    how_to_resolve: Compare the deliveries.
"""
KEPT = "select count(*) as share_kept from last.pub_indicators"


class TestAnExpectationWithAQueryOfItsOwn:
    def test_is_read_with_the_query_and_is_part_of_the_digest(self, tmp_path: Path) -> None:
        suite = load_suite(_with_comparison(tmp_path, KEPT, COMPARISON))
        assert suite.expectations[-1].query_text == KEPT
        assert suite.expectations[-1].compares_with_last_release
        changed = load_suite(_with_comparison(tmp_path, KEPT + " where true", COMPARISON))
        assert changed.sha256 != suite.sha256
        assert [each.table for each in load_suites(tmp_path)] == ["pub_indicators"]

    def test_must_say_that_it_reads_the_last_release(self, tmp_path: Path) -> None:
        silent = COMPARISON.replace("    compares_with_last_release: true\n", "")
        assert "compares_with_last_release: true" in refusal(_with_comparison(tmp_path, KEPT, silent))

    def test_that_does_not_read_the_last_release_cannot_claim_to(self, tmp_path: Path) -> None:
        query = "select 1 as share_kept"
        assert "reads last.<table>" in refusal(_with_comparison(tmp_path, query, COMPARISON))

    def test_does_not_guard_the_table_itself(self, tmp_path: Path) -> None:
        path = _with_comparison(tmp_path, "select 1 as indicator_id", "")
        guarded = GOOD.replace(
            "    type: expect_column_values_to_not_be_null",
            "    type: expect_column_values_to_not_be_null\n    query: pub_indicators__kept.sql",
        )
        path.write_text(guarded, encoding="utf-8")
        assert "a table of empty columns passes" in refusal(path)

    def test_without_its_file_is_refused_with_its_line(self, tmp_path: Path) -> None:
        assert "line 31: there is no file pub_indicators__kept.sql" in refusal(
            write(tmp_path, GOOD + COMPARISON)
        )
