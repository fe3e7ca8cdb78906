"""What a release says differently from the one before it."""

from pathlib import Path

import duckdb
import pytest

from dagster_project.lib.release.difference import TableDifference, compare

KEY = {"t": ["unit", "year"]}
BEFORE = """
    select * from (values
        ('R000001', 'a', '2023/24', 10, 0.5),
        ('R000001', 'b', '2023/24', 20, null),
        ('R000001', 'c', '2023/24', 30, 0.7)
    ) t(release_id, unit, year, pupils, share)
"""


def release(path: Path, query: str, table: str = "t") -> Path:
    with duckdb.connect(path) as connection:
        connection.execute(f"create table {table} as {query}")
    return path


def difference(tmp_path: Path, before: str, after: str, key: dict[str, list[str]] = KEY) -> TableDifference:
    old, new = release(tmp_path / "old.duckdb", before), release(tmp_path / "new.duckdb", after)
    (table,) = compare(old, new, key).tables
    return table


def test_the_first_release_has_nothing_to_be_compared_with(tmp_path: Path) -> None:
    first = compare(None, release(tmp_path / "new.duckdb", BEFORE), KEY)
    assert not first.previous
    assert first.sentences == ["There is no earlier release to compare with."]


def test_the_same_data_under_another_release_id_differ_in_nothing(tmp_path: Path) -> None:
    found = difference(tmp_path, BEFORE, BEFORE.replace("R000001", "R000002"))
    assert found == TableDifference(table="t", status="compared", compared_by="key")
    assert found.sentence() == "t: 0 rows added, 0 removed, 0 changed."


def test_added_removed_and_changed_rows_are_told_apart_and_counted_by_column(tmp_path: Path) -> None:
    after = """
        select * from (values
            ('R000002', 'a', '2023/24', 11, null), ('R000002', 'b', '2023/24', 20, 0.6),
            ('R000002', 'd', '2023/24', 40, 0.8), ('R000002', 'd', '2024/25', 41, 0.8)
        ) t(release_id, unit, year, pupils, share)
    """
    found = difference(tmp_path, BEFORE, after)
    assert (found.added, found.removed, found.changed) == (2, 1, 2)
    assert found.changed_by_column == {"pupils": 1, "share": 2}
    assert found.sentence() == "t: 2 rows added, 1 removed, 2 changed (share in 2, pupils in 1)."


def test_a_missing_value_equals_a_missing_value_in_the_key_too(tmp_path: Path) -> None:
    total = (
        "select 'R' as release_id, null::varchar as unit, 'x' as year, null::integer as pupils, 1.0 as share"
    )
    found = difference(tmp_path, total, total)
    assert (found.added, found.removed, found.changed) == (0, 0, 0)


def test_new_gone_and_retyped_columns_are_named(tmp_path: Path) -> None:
    after = (
        BEFORE.replace("share)", "merit)")
        .replace("10, 0.5", "'10', 0.5")
        .replace("20,", "'20',")
        .replace("30,", "'31',")
    )
    found = difference(tmp_path, BEFORE, after)
    assert found.columns_added == ["merit"]
    assert found.columns_removed == ["share"]
    assert found.types_changed == ["pupils"]
    assert found.changed_by_column == {"pupils": 1}
    assert "new columns: merit; columns gone: share; columns of another type: pupils" in found.sentence()


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ({}, "no key is named"),
        ({"t": ["unit", "grade"]}, "the key is not in both releases"),
        ({"t": ["year"]}, r"keys occur more than once in the last release (1)"),
    ],
)
def test_without_a_usable_key_whole_rows_are_compared_and_it_is_said(
    tmp_path: Path, key: dict[str, list[str]], why: str
) -> None:
    found = difference(tmp_path, BEFORE, BEFORE.replace("'a', '2023/24', 10", "'a', '2023/24', 11"), key)
    assert found.compared_by == "row"
    assert (found.added, found.removed, found.changed) == (1, 1, 0)
    assert why in found.sentence()


def test_rows_that_occur_twice_are_counted_twice(tmp_path: Path) -> None:
    found = difference(tmp_path, BEFORE, f"{BEFORE} union all {BEFORE}", {})
    assert (found.added, found.removed) == (3, 0)


def test_new_tables_and_tables_that_are_gone_are_counted_in_full(tmp_path: Path) -> None:
    old = release(tmp_path / "old.duckdb", BEFORE, "was")
    new = release(tmp_path / "new.duckdb", f"{BEFORE} limit 1", "is_new")
    assert compare(old, new, {}).sentences == [
        "is_new: new table with 1 row.",
        "was: no longer published (3 rows).",
    ]


def test_files_with_hostile_names_are_compared_like_any_other(tmp_path: Path) -> None:
    old = release(tmp_path / "it's; drop table t; --.duckdb", BEFORE)
    new = release(tmp_path / "[*]'.duckdb", BEFORE)
    assert compare(old, new, KEY).tables[0].compared_by == "key"


def test_a_table_with_only_a_key_is_compared(tmp_path: Path) -> None:
    found = difference(
        tmp_path, "select 'R' as release_id, 1 as k", "select 'R' as release_id, 2 as k", {"t": ["k"]}
    )
    assert (found.compared_by, found.added, found.removed, found.changed) == ("key", 1, 1, 0)
