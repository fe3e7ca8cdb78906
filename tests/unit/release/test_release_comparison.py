"""A candidate beside the last release: rules read both, whatever the last one did not have yet."""

from pathlib import Path

import duckdb
import pytest

from dagster_project.defs.quality.great_expectations_runner import run_suites
from dagster_project.lib.expectations.suite import load_suite
from dagster_project.lib.release.comparison import CANDIDATE_SCHEMA, beside_last_release

SUITE = """\
table: pub_units
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
  - id: unit_key_is_there
    type: expect_column_values_to_not_be_null
    kwargs: {column: unit_key}
    severity: critical
    owner: data-engineering
    why: A row without its key cannot be read.
    how_to_resolve: Look at the model.
  - id: most_are_kept
    type: expect_column_values_to_be_between
    query: pub_units__kept.sql
    compares_with_last_release: true
    kwargs: {column: share_kept, min_value: 0.5}
    severity: critical
    owner: data-engineering
    why: A delivery was cut.
    how_to_resolve: Compare the deliveries.
"""
EXPECTATIONS = Path(__file__).parents[3] / "expectations"
KEPT = """
select count(now.unit_key) / nullif(cast(count(*) as double), 0) as share_kept
from last.pub_units as earlier left join pub_units as now on earlier.unit_key = now.unit_key
"""


def database(path: Path, *statements: str) -> Path:
    with duckdb.connect(path) as connection:
        for statement in statements:
            connection.execute(statement)
    return path


def units(path: Path, *keys: str) -> Path:
    rows = ", ".join(f"('{key}', 7)" for key in keys)
    return database(
        path,
        "create table pub_units (unit_key varchar, pupils integer)",
        f"insert into pub_units values {rows}",
    )


@pytest.fixture
def outcome_of(tmp_path: Path):
    (tmp_path / "published").mkdir()
    (tmp_path / "published" / "pub_units__kept.sql").write_text(KEPT)
    (tmp_path / "published" / "pub_units.yml").write_text(SUITE)
    suite = load_suite(tmp_path / "published" / "pub_units.yml")

    def outcome(candidate: Path, last: Path | None) -> tuple[str, str]:
        with beside_last_release(candidate, last) as both:
            (result,) = run_suites(
                both.connection, [suite], schema=CANDIDATE_SCHEMA, last_tables=both.last_tables
            )
        return result.expectations[-1].outcome, result.expectations[-1].observed

    return outcome


def test_what_was_lost_since_the_last_release_is_found(tmp_path, outcome_of) -> None:
    last = units(tmp_path / "last.duckdb", "1", "2", "3")
    assert outcome_of(units(tmp_path / "same.duckdb", "1", "2"), last)[0] == "passed"
    assert outcome_of(units(tmp_path / "cut.duckdb", "1"), last)[0] == "failed"


def test_the_first_release_has_nothing_to_compare_with_and_says_so(tmp_path, outcome_of) -> None:
    outcome, observed = outcome_of(units(tmp_path / "first.duckdb", "1"), None)
    assert (outcome, "nothing to compare with" in observed) == ("passed", True)


def test_a_table_the_last_release_did_not_have_is_not_compared(tmp_path, outcome_of) -> None:
    last = database(tmp_path / "last.duckdb", "create table pub_groups (group_id varchar)")
    outcome, observed = outcome_of(units(tmp_path / "new.duckdb", "1"), last)
    assert (outcome, "nothing to compare with" in observed) == ("passed", True)


def test_an_empty_table_in_the_last_release_proves_nothing(tmp_path, outcome_of) -> None:
    last = database(tmp_path / "last.duckdb", "create table pub_units (unit_key varchar, pupils integer)")
    assert outcome_of(units(tmp_path / "new.duckdb", "1"), last)[0] == "vacuous"


def test_a_column_the_last_release_did_not_have_is_missing_there(tmp_path) -> None:
    last = database(
        tmp_path / "last.duckdb",
        "create table pub_units (unit_key varchar, renamed varchar)",
        "insert into pub_units values ('1', 'x')",
    )
    with beside_last_release(units(tmp_path / "new.duckdb", "1"), last) as both:
        assert both.last_tables == {"pub_units"}
        assert both.connection.sql("select * from last.pub_units").fetchall() == [("1", None)]


def marked_units(path: Path, **is_made_up: bool) -> Path:
    rows = ", ".join(f"('{key}', {made_up})" for key, made_up in is_made_up.items())
    return database(
        path,
        "create table pub_units (unit_key varchar, is_made_up boolean)",
        "create table pub_areas (area_key varchar, is_made_up boolean)",
        f"insert into pub_units values {rows}",
    )


@pytest.mark.parametrize(
    ("now", "seen"),
    [
        ({"a": False}, ["a", "b"]),  # the demo is off
        ({"a": False, "y": True}, ["a", "b", "x"]),  # it is on, and one of its units is gone
    ],
)
def test_who_was_made_up_is_missed_only_while_somebody_made_up_is_left(tmp_path, now, seen) -> None:
    last = marked_units(tmp_path / "last.duckdb", a=False, b=False, x=True)
    with beside_last_release(marked_units(tmp_path / "new.duckdb", **now), last, [last]) as both:
        for view, times in (("last", 1), ("recent", 2)):
            found = both.connection.sql(f"select unit_key from {view}.pub_units order by 1").fetchall()
            assert found == [(key,) for key in seen for _ in range(times)]


def test_neither_file_can_be_changed_and_no_other_file_read(tmp_path) -> None:
    last = units(tmp_path / "last.duckdb", "1")
    other = tmp_path / "other.csv"
    other.write_text("secret\n1\n")
    with beside_last_release(units(tmp_path / "new.duckdb", "1"), last) as both:
        for statement in (
            "delete from pub_units",
            "delete from last_release.main.pub_units",
            f"select * from read_csv('{other}')",
            "set enable_external_access = true",
        ):
            with pytest.raises(duckdb.Error):
                both.connection.execute(statement)


def test_recent_holds_the_last_release_and_those_before_it(tmp_path) -> None:
    last = units(tmp_path / "last.duckdb", "1", "2")
    older = database(
        tmp_path / "older.duckdb",
        "create table pub_units (unit_key varchar)",
        "insert into pub_units values ('3')",
    )
    oldest = database(tmp_path / "oldest.duckdb", "create table pub_groups (group_id varchar)")
    with beside_last_release(units(tmp_path / "new.duckdb", "1"), last, [older, oldest]) as all_of_them:
        assert all_of_them.connection.sql("from recent.pub_units order by all").fetchall() == [
            (1, "1", 7),
            (1, "2", 7),
            (2, "3", None),
        ]
        assert all_of_them.connection.sql("from last.pub_units order by all").fetchall() == [
            ("1", 7),
            ("2", 7),
        ]


def test_before_the_first_release_recent_is_empty(tmp_path) -> None:
    with beside_last_release(units(tmp_path / "new.duckdb", "1"), None) as alone:
        assert alone.connection.sql("from recent.pub_units").fetchall() == []
        assert alone.connection.sql("from recent.pub_units").columns == ["releases_ago", "unit_key", "pupils"]


def test_what_moves_a_little_with_each_release_has_drifted_since_the_third_last(tmp_path) -> None:
    def measured(name: str, shift: float) -> Path:
        """Twenty-one units with values from 0 to 20, all of them moved; their quartile distance is ten."""
        return database(
            tmp_path / f"{name}.duckdb",
            "create table pub_unit_measures"
            " (measure_id varchar, school_year varchar, group_id varchar, value double)",
            f"insert into pub_unit_measures select 'm', '2025/26', 'all', range + {shift} from range(21)",
        )

    files = [measured(name, shift) for name, shift in (("new", 9), ("last", 6), ("older", 3), ("oldest", 0))]
    query = (EXPECTATIONS / "published" / "pub_unit_measures__drift.sql").read_text()
    with beside_last_release(files[0], files[1], files[2:]) as all_of_them:
        found = all_of_them.connection.sql(f"select releases_ago, shift, spread_ratio from ({query})")
        assert sorted(found.fetchall()) == [(1, 0.3, 1.0), (2, 0.6, 1.0), (3, 0.9, 1.0)]
