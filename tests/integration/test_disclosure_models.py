"""The models of disclosure control beside the library's rules, and what a release shows."""

import duckdb
import numpy as np
import pandas as pd
import pytest

from dagster_project.lib.disclosure.audiences import AUDIENCES
from dagster_project.lib.disclosure.primary import few, tells_of_group, too_few
from dagster_project.lib.disclosure.release_audit import SHOWN_ROWS, audit_release

TABLES = ("rows", "cells", "relations")
KEY = ["entity_type", "entity_key", "school_year", "indicator_id", "group_id"]


@pytest.fixture(scope="module")
def built(release) -> duckdb.DuckDBPyConnection:
    """The build file of the release, read only."""
    with duckdb.connect(release.data_dir / "warehouse.duckdb", read_only=True) as connection:
        connection.execute("set search_path = 'indicators,published,published_internal,seeds,marts'")
        yield connection


@pytest.fixture(scope="module")
def frames(built) -> dict[str, pd.DataFrame]:
    return {name: built.sql(f"from ind_disclosure_{name}").df() for name in TABLES}


@pytest.fixture(scope="module")
def shown(built) -> dict[str, pd.DataFrame]:
    return {audience: built.sql(sql).df() for audience, sql in SHOWN_ROWS.items()}


@pytest.mark.parametrize("audience", AUDIENCES)
def test_the_primary_rules_in_sql_are_those_of_the_library(built, frames, audience: str):
    limits = dict(
        built.execute(
            "select rule, threshold from thr_disclosure where audience = ? and entity_type = 'unit'",
            [audience],
        ).fetchall()
    )
    rows = frames["rows"].query(
        "audience == @audience and entity_type == 'unit' and cell_kind == 'persons_share'"
    )
    staff = built.sql("select indicator_id from ref_indicators where count_basis = 'teachers_heads'").df()
    pupils = rows[~rows["indicator_id"].isin(staff["indicator_id"]) & rows["figure"].notna()]
    size, count = pupils["persons"].astype("int64"), pupils["figure"].astype("int64")
    assert len(pupils) > 1000
    expected = too_few(size, limits["minimum_pupils"]) | few(count, limits["maximum_not_reached"])
    np.testing.assert_array_equal(pupils["is_few"], expected)
    np.testing.assert_array_equal(pupils["tells_of_group"], tells_of_group(count, size, limits["coalition"]))


def test_what_the_release_shows_passes_the_audit(frames, shown):
    found = audit_release(**frames, shown=shown)
    assert found.is_passed, found.reasons
    assert [row["audience"] for row in found.summary] == list(AUDIENCES)
    assert all(row["protected"] > 0 for row in found.summary)


def test_the_audit_fails_a_release_that_shows_what_was_hidden_for_others(built, frames, shown):
    pattern = built.sql("from ind_disclosure_pattern where audience = 'public' and state = 'secondary'").df()
    rows = frames["rows"].query("audience == 'public'")
    secondary = rows[rows["figure_cell_id"].isin(pattern["cell_id"])][KEY]
    assert len(secondary) > 0
    weakened = shown["public"].merge(secondary.assign(is_secondary=True), on=KEY, how="left")
    weakened["shows_figure"] |= weakened.pop("is_secondary").notna()
    assert not audit_release(**frames, shown={"public": weakened}).is_passed


def test_rows_of_whom_nothing_is_known_are_in_no_table(built):
    unknown = built.sql("select group_id from ref_groups where is_unknown").df()["group_id"]
    for table in ("pub_indicators", "pub_internal_indicators"):
        assert not set(built.sql(f"select group_id from {table} group by group_id").df()["group_id"]) & set(
            unknown
        )


def test_the_public_sees_no_unit_by_background(built):
    groups = built.sql(
        "select group_id from pub_indicators where entity_type = 'unit' and is_made_up group by group_id"
    ).df()["group_id"]
    assert set(groups) == {"all", "sex_girls", "sex_boys"}


def test_the_made_up_municipality_is_marked_in_every_table_it_stands_in(built):
    made_up = built.sql("from pub_indicators where is_made_up").df()
    assert len(made_up) > 0
    assert set(made_up["indicator_id"].str.startswith("own_")) == {True}
    assert built.sql(
        "select count(*) from pub_indicators where entity_key = '9999' and not is_made_up"
    ).fetchone() == (0,)
    assert built.sql("select count(*) from pub_municipalities where is_made_up").fetchone() == (1,)
    assert built.sql(
        "select bool_and(is_made_up) from pub_units where municipality_code = '9999'"
    ).fetchone() == (True,)


def test_a_hidden_row_tells_nothing_but_that_it_is_hidden(built):
    for table in ("pub_indicators", "pub_internal_indicators"):
        hidden = built.sql(f"from {table} where suppression = 'protected'").df()
        assert len(hidden) > 0
        told = hidden[
            ["numerator", "denominator", "value", "interval_low", "interval_high", "verdict", "coverage"]
        ]
        assert told.isna().all(axis=None)
        assert set(hidden["status"]) == {"suppressed"}


def test_the_log_counts_the_hidden_rows_and_no_more(built):
    counted = built.sql(
        "select count(suppression) from pub_indicators where starts_with(indicator_id, 'own_')"
    ).fetchone()
    logged = "select sum(hidden) from pub_suppression_log where starts_with(indicator_id, 'own_')"
    assert built.sql(logged).fetchone() == counted
