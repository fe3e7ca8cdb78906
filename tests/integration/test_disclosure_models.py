"""The models of disclosure control beside the library's rules, and what a release shows."""

import duckdb
import numpy as np
import pandas as pd
import pytest

from dagster_project.lib.disclosure.audiences import AUDIENCES, VISIBLE, of_audience, patterns
from dagster_project.lib.disclosure.audit import audit
from dagster_project.lib.disclosure.cells import suppressible_cells
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


@pytest.fixture(scope="module")
def family(frames) -> dict[str, pd.DataFrame]:
    """The same of the outcomes of upper secondary school, which lie within each other, and by sex only."""
    rows = frames["rows"]
    rows = rows[rows["indicator_id"].str.contains("_within_3_years") & rows["dimension"].isin(["all", "sex"])]
    ids = {"one", *rows["figure_cell_id"], *rows["persons_cell_id"], *rows["rest_cell_id"]}
    named = frames["cells"]["cell_id"].str.partition("|beyond ")[0]
    cells = frames["cells"][named.isin(ids)]
    relations = frames["relations"]
    strange = relations.loc[~relations["cell_id"].isin(cells["cell_id"]), "relation_id"]
    return {"rows": rows, "cells": cells, "relations": relations[~relations["relation_id"].isin(strange)]}


def shown_by(frames: dict[str, pd.DataFrame], pattern: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """What the file of each audience shows under a pattern."""
    visible = pattern[pattern["state"].isin(VISIBLE)]
    shown = {}
    for audience in AUDIENCES:
        rows = frames["rows"][(frames["rows"]["audience"] == audience) & frames["rows"]["figure"].notna()]
        cells = visible.loc[visible["audience"] == audience, "cell_id"]
        is_shown = rows["figure_cell_id"].isin(cells) & rows["persons_cell_id"].isin(cells)
        # Those of whom nothing is known have no row.
        is_shown &= ~rows["is_unknown"].astype(bool)
        shown[audience] = rows[KEY].assign(shows_figure=is_shown, shows_persons=is_shown)
    return shown


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


def test_the_audit_fails_a_pattern_that_does_not_know_of_outcomes_within_each_other(family):
    beyond = family["cells"]["part"] == "beyond"
    stated = family["relations"]["relation_id"].isin(family["cells"].loc[beyond, "cell_id"])
    assert stated.any()
    unaware = patterns(family["cells"][~beyond], family["relations"][~stated])
    found = audit_release(**family, shown=shown_by(family, unaware))
    assert not found.is_passed
    assert "exactly_disclosed" in found.reasons[0]
    aware = patterns(family["cells"], family["relations"])
    assert audit_release(**family, shown=shown_by(family, aware)).is_passed


def test_the_audit_fails_a_release_whose_secondaries_an_agency_tells(built, frames, shown):
    secondary = built.sql(
        """
        select cells.audience, cells.cell_id, cells.value as low, cells.value as high
        from ind_disclosure_cells as cells
        inner join ind_disclosure_pattern as pattern
            on cells.audience = pattern.audience and cells.cell_id = pattern.cell_id
        where cells.audience = 'public' and pattern.state = 'secondary' and cells.part = 'figure'
        """
    ).df()
    found = audit_release(**frames, shown={"public": shown["public"]}, margins=secondary)
    assert not found.is_passed
    assert "can be computed" in found.reasons[0]


def test_what_an_agency_tells_is_no_secondary_and_others_are_hidden_instead(family):
    cells, relations = family["cells"], family["relations"]
    unaware = patterns(cells, relations)
    is_secondary = (unaware["audience"] == "public") & (unaware["state"] == "secondary")
    # Where the size of the group is hidden, its figures are hidden with it, told or not.
    sizes = cells.loc[cells["is_published_before"].astype(bool), "cell_id"]
    figures = unaware[is_secondary].merge(
        cells.loc[cells["persons_cell_id"].isin(sizes), ["audience", "cell_id", "value"]],
        on=["audience", "cell_id"],
    )
    # One after the other, until there is one that the pattern cannot do without.
    for cell, value in zip(figures["cell_id"], figures["value"], strict=True):
        told = pd.DataFrame({"audience": AUDIENCES, "cell_id": cell, "low": value, "high": value})
        if not audit_release(**family, shown=shown_by(family, unaware), margins=told).is_passed:
            break
    else:
        pytest.fail("nothing depends on what is hidden for the sake of others")

    aware = patterns(cells, relations, margins=told)
    assert set(aware.loc[aware["cell_id"] == cell, "state"]) <= {"shown", "known"}
    found = audit_release(**family, shown=shown_by(family, aware), margins=told)
    assert found.is_passed, found.reasons


def test_outcomes_stated_within_each_other_the_wrong_way_round_are_found(release, built):
    sql = release.compiled("assert_nested_outcomes_hold")
    assert built.sql(sql).fetchall() == []
    seed = '"warehouse"."seeds"."ref_nested_outcomes"'
    turned = f"""(
        select
            narrow_indicator_id as wide_indicator_id, wide_indicator_id as narrow_indicator_id,
            division, persons
        from {seed}
    )"""
    assert seed in sql
    assert len(built.sql(sql.replace(seed, turned)).fetchall()) > 100


def test_outcomes_of_different_populations_are_not_within_each_other(release, built):
    sql = release.compiled("assert_nested_outcomes_are_alike")
    assert built.sql(sql).fetchall() == []
    seed = '"warehouse"."seeds"."ref_nested_outcomes"'
    pair = "(select 'own_absent_10_share__level' as wide_indicator_id, '{}' as narrow_indicator_id)"
    for narrow in ("own_absence_rate__level", "own_qualified_teachers_heads__level", "no_such_indicator"):
        assert len(built.sql(sql.replace(seed, pair.format(narrow))).fetchall()) == 1


def test_what_the_agencies_tell_is_about_figures_that_are_the_same_by_definition(built):
    odd = built.sql(
        """
        select margins.indicator_id
        from ref_agency_margins as margins
        left join ref_indicators as own on margins.indicator_id = own.indicator_id
        left join ref_measures as agency on margins.measure_id = agency.measure_id
        where not coalesce(
            own.better_is = agency.better_is
            and own.unit_of_measure = agency.unit_of_measure
            and (own.cell_kind = 'persons_share') = (agency.unit_of_measure = 'percent'),
            false
        )
        """
    )
    assert odd.fetchall() == []
    # The made-up municipality is in no open data.
    assert built.sql("from ind_disclosure_margins").fetchall() == []


@pytest.fixture(scope="module")
def one_indicator(frames) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cells of one indicator, and the relations that are about them alone."""
    rows = frames["rows"].query("indicator_id == 'own_absent_10_share__level'")
    ids = {"one", *rows["figure_cell_id"], *rows["persons_cell_id"], *rows["rest_cell_id"]}
    relations = frames["relations"]
    elsewhere = relations.loc[~relations["cell_id"].isin(ids), "relation_id"]
    return (
        frames["cells"][frames["cells"]["cell_id"].isin(ids)],
        relations[~relations["relation_id"].isin(elsewhere)],
    )


class TestAreas:
    RELATIONS = ("units_of_area|", "areas|")

    def attacked(self, cells: pd.DataFrame, relations: pd.DataFrame, known_when_hiding: pd.DataFrame):
        """The attack on what is shown to the public, hidden by what was then known to add up."""
        pattern = patterns(cells, known_when_hiding).query("audience == 'public'")
        linked = of_audience(cells, relations, "public")
        seen = pattern.loc[pattern["state"].isin(VISIBLE), "cell_id"]
        return audit(linked, suppressible_cells(linked) & ~linked.frame["cell_id"].isin(seen).to_numpy())

    def test_what_units_and_areas_tell_together_discloses_nobody(self, one_indicator):
        cells, relations = one_indicator
        assert self.attacked(cells, relations, relations).is_passed

    def test_where_areas_were_forgotten_a_hidden_unit_follows_from_its_area(self, one_indicator):
        cells, relations = one_indicator
        forgotten = relations[~relations["relation_id"].str.startswith(self.RELATIONS)]
        assert len(forgotten) < len(relations)
        found = self.attacked(cells, relations, forgotten)
        assert not found.is_passed
        assert found.failures["cell_id"].str.startswith("unit|").any()

    def test_an_area_of_one_unit_is_not_there(self, built):
        alone = built.sql(
            """
            select entity_key from ind_own_levels_in_force
            where entity_type = 'area' and group_id = 'all'
            group by entity_key, school_year, indicator_id
            having max(n_units) < 2
            """
        ).df()
        assert len(alone) > 0
        assert built.sql(
            """
            select count(*) from ind_disclosure_rows as leaving
            inner join ind_own_levels_in_force as levels
                using (entity_type, entity_key, school_year, indicator_id)
            where leaving.entity_type = 'area' and levels.group_id = 'all' and levels.n_units < 2
            """
        ).fetchone() == (0,)

    def test_what_lies_outside_all_areas_is_in_no_table(self, built):
        assert built.sql(
            "select count(*) from ind_disclosure_rows where entity_key = '9999-' and entity_type = 'area'"
        ).fetchone() != (0,)
        for table in ("pub_indicators", "pub_internal_indicators"):
            (described,) = built.sql(
                f"select bool_and(entity_key in (from pub_areas select area_key)) from {table}"
                " where entity_type = 'area'"
            ).fetchone()
            assert described

    def test_units_of_every_area_add_up_to_it(self, built):
        """A pupil in two units of an area counts once in it; money and staff add up to the last krona."""
        differing = built.sql(
            """
            select areas.indicator_id
            from ind_own_levels_in_force as areas
            inner join ind_own_levels_in_force as units
                on
                    areas.entity_key = units.area_key and units.entity_type = 'unit'
                    and areas.school_year = units.school_year and areas.indicator_id = units.indicator_id
                    and areas.group_id = units.group_id
            where areas.entity_type = 'area' and areas.total is not null
            group by areas.indicator_id, areas.entity_key, areas.school_year, areas.group_id, areas.total
            having sum(units.total) <> areas.total
            """
        ).df()["indicator_id"]
        catalogue = (
            built.sql("select indicator_id, base_from from ref_indicators").df().set_index("indicator_id")
        )
        assert set(catalogue.loc[differing.unique(), "base_from"]) <= {"persons"}


def test_rows_of_whom_nothing_is_known_are_in_no_table(built):
    unknown = built.sql("select group_id from ref_groups where is_unknown").df()["group_id"]
    for table in ("pub_indicators", "pub_internal_indicators"):
        assert not set(built.sql(f"select group_id from {table} group by group_id").df()["group_id"]) & set(
            unknown
        )


@pytest.mark.parametrize("entity_type", ["unit", "area"])
def test_the_public_sees_no_unit_and_no_area_by_background(built, entity_type):
    groups = built.execute(
        "select group_id from pub_indicators where entity_type = ? and is_made_up group by group_id",
        [entity_type],
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
