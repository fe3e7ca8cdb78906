"""What the last release said and a candidate says differently, and which of it a person has to look at."""

from pathlib import Path

import duckdb
import pytest

from dagster_project.lib.errors import SettingsError
from dagster_project.lib.release.revisions import (
    RevisionLimits,
    Revisions,
    WatchedTable,
    find_revisions,
    read_limits,
)

WATCHED = {
    "pub_indicators": WatchedTable(
        key=("entity_key", "school_year", "indicator_id"),
        subject="indicator_id",
        status="status",
        method="method_version",
    )
}
LIMITS = RevisionLimits(changed_rows=0, vanished_rows=0, value_tolerance=0.000001)
GOOD = [
    ("0380", "2022/23", "merit__level", 230.0, "ok", None, "1"),
    ("0380", "2023/24", "merit__level", 231.0, "ok", None, "1"),
    ("1480", "2023/24", "merit__level", None, "suppressed", "too_few", "1"),
    ("0380", "2023/24", "staff__level", 70.0, "ok", None, "1"),
]


def release(path: Path, rows: list[tuple]) -> Path:
    with duckdb.connect(path) as connection:
        connection.execute(
            "create table pub_indicators (entity_key varchar, school_year varchar, indicator_id varchar,"
            " value double, status varchar, suppression varchar, method_version varchar)"
        )
        connection.executemany("insert into pub_indicators values (?, ?, ?, ?, ?, ?, ?)", rows)
    return path


@pytest.fixture
def revise(tmp_path: Path):
    last = release(tmp_path / "last.duckdb", GOOD)

    def found(rows: list[tuple], limits: RevisionLimits = LIMITS) -> Revisions:
        candidate = release(tmp_path / "candidate.duckdb", rows)
        return find_revisions(
            candidate, last, "R000001", WATCHED, limits, rows_file=tmp_path / "rows.parquet"
        )

    return found


def changed(position: int, **values: object) -> list[tuple]:
    names = ("entity_key", "school_year", "indicator_id", "value", "status", "suppression", "method_version")
    row = dict(zip(names, GOOD[position], strict=True)) | values
    return [tuple(row.values()) if at == position else good for at, good in enumerate(GOOD)]


def test_the_same_figures_are_no_revision(revise) -> None:
    assert revise(GOOD) == Revisions(compared_with="R000001")


def test_new_school_years_rows_and_indicators_are_expected(revise) -> None:
    revisions = revise(
        [
            *GOOD,
            ("0380", "2024/25", "merit__level", 233.0, "ok", None, "1"),
            ("0381", "2022/23", "merit__level", 210.0, "ok", None, "1"),
            ("0380", "2023/24", "safety__level", 7.0, "ok", None, "1"),
        ]
    )
    assert [(each.subject, each.school_year, each.added) for each in revisions.found] == [
        ("merit__level", "2022/23", 1),
        ("merit__level", "2024/25", 1),
        ("safety__level", "2023/24", 1),
    ]
    assert not revisions.needs_approval


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (changed(0, value=230.1), ("2022/23", 1, 0, 0)),
        (changed(0, value=None, status="missing"), ("2022/23", 1, 0, 0)),
        (changed(0, value=None, status="suppressed", suppression="agency"), ("2022/23", 1, 0, 1)),
        (changed(2, value=90.0, status="ok", suppression=None), ("2023/24", 1, 0, 0)),
        (changed(2, suppression="agency"), ("2023/24", 1, 0, 0)),
        (GOOD[1:], ("2022/23", 0, 1, 0)),
    ],
    ids=["another value", "missing now", "hidden now", "shown now", "another reason to hide", "gone"],
)
def test_a_published_figure_that_is_another_or_gone_needs_a_person(revise, rows, expected) -> None:
    (revision,) = revise(rows).unexpected
    assert revision.subject == "merit__level"
    assert (revision.school_year, revision.changed, revision.vanished, revision.became_hidden) == expected
    assert revision.school_year in revision.sentence()


def test_rounding_is_no_revision(revise) -> None:
    assert not revise(changed(0, value=230.0000001)).found


def test_a_new_version_of_the_method_announces_itself(revise) -> None:
    revisions = revise(changed(3, value=75.0, method_version="2"))
    assert [(each.changed, each.is_announced, each.is_unexpected) for each in revisions.found] == [
        (1, True, False)
    ]


def test_the_limits_say_how_much_may_pass_unseen(revise) -> None:
    one = LIMITS.model_copy(update={"changed_rows": 1})
    assert not revise(changed(0, value=200.0), one).needs_approval


def test_rows_are_told_without_a_value_that_is_hidden_or_gone_now(revise, tmp_path) -> None:
    revise(
        [*changed(0, value=231.5)[:1], ("0380", "2023/24", "merit__level", None, "suppressed", "agency", "1")]
    )
    told = duckdb.sql(
        "select kind, subject, school_year, row_key, value_before, value_after"
        f" from '{tmp_path}/rows.parquet'"
    ).fetchall()
    assert told == [
        ("changed", "merit__level", "2022/23", "0380", 230.0, 231.5),
        ("changed", "merit__level", "2023/24", "0380", None, None),
        ("vanished", "merit__level", "2023/24", "1480", None, None),
        ("vanished", "staff__level", "2023/24", "0380", None, None),
    ]


def test_a_table_that_is_new_has_nothing_to_revise(tmp_path) -> None:
    last = tmp_path / "last.duckdb"
    with duckdb.connect(last) as connection:
        connection.execute("create table pub_units (unit_key varchar)")
    candidate = release(tmp_path / "candidate.duckdb", GOOD)
    assert find_revisions(candidate, last, "R000001", WATCHED, LIMITS) == Revisions(compared_with="R000001")


@pytest.mark.parametrize("threshold", ["many", "-1"])
def test_limits_that_are_no_limits_are_refused(tmp_path, threshold) -> None:
    seed = tmp_path / "thr_revision.csv"
    seed.write_text(f"rule;threshold\nchanged_rows;{threshold}\nvanished_rows;0\nvalue_tolerance;0.1\n")
    with pytest.raises(SettingsError, match=r"thr_revision\.csv"):
        read_limits(seed)


def test_a_limit_that_is_missing_is_refused(tmp_path) -> None:
    seed = tmp_path / "thr_revision.csv"
    seed.write_text("rule;threshold\nchanged_rows;0\n")
    with pytest.raises(SettingsError, match="vanished_rows"):
        read_limits(seed)
