"""Indicators of own data in the default run: recomputed from the marts with pandas, and complete."""

from collections.abc import Callable, Iterator

import duckdb
import pandas as pd
import pytest

from dagster_project.lib.indicators import catalogue, pages

AREAS = (
    "attendance",
    "early_support",
    "national_tests",
    "grades",
    "forecasts",
    "transitions",
    "upper_secondary",
    "competence",
    "principals",
    "resources",
    "composition",
    "environment",
    "preschool",
)
Figure = Callable[..., pd.Series]
Table = Callable[[str], pd.DataFrame]
YEAR = "2024/25"
MUNICIPALITY = "9999"


@pytest.fixture(scope="module")
def warehouse(release) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(release.warehouse, read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def table(warehouse) -> Table:
    """All rows of a table of the warehouse."""
    return lambda name: warehouse.sql(f"select * from {name}").df()


@pytest.fixture(scope="module")
def figure(warehouse) -> Figure:
    """The one row of an indicator for an entity, year and group."""

    def figure(indicator: str, entity: str = MUNICIPALITY, year: str = YEAR, group: str = "all") -> pd.Series:
        found = warehouse.execute(
            "select * from indicators.ind_own_levels"
            " where indicator_id = ? and entity_key = ? and school_year = ? and group_id = ?",
            [f"{indicator}__level", entity, year, group],
        ).df()
        assert len(found) == 1, (indicator, entity, year, group)
        return found.iloc[0]

    return figure


class TestTheCatalogue:
    def test_every_own_level_has_a_value_and_every_value_an_indicator(self, warehouse):
        catalogued = warehouse.sql(
            "select indicator_id from seeds.ref_indicators"
            " where indicator_id like 'own_%' and method = 'level'"
        ).fetchall()
        computed = warehouse.sql(
            "select indicator_id from indicators.ind_own_levels where status = 'ok' group by indicator_id"
        ).fetchall()
        assert len(catalogued) > 100
        assert sorted(computed) == sorted(catalogued)

    def test_every_own_statistic_has_a_value_or_says_why_not(self, warehouse):
        """In the made-up municipality some groups are too small, and some forms have too few units."""
        catalogued = warehouse.sql(
            "select indicator_id from seeds.ref_indicators"
            " where indicator_id like 'own_%' and method not in ('level', 'change_1y', 'share_of_measures')"
        ).fetchall()
        computed = warehouse.sql(
            "select indicator_id from indicators.ind_own_statistics group by indicator_id"
        ).fetchall()
        assert sorted(computed) == sorted(catalogued)

    def test_every_level_of_two_years_in_a_row_has_a_change(self, warehouse):
        without = warehouse.sql(
            """
            select indicator_id from seeds.ref_indicators
            where indicator_id like 'own_%' and method = 'change_1y'
            except
            select indicator_id from indicators.ind_own_changes where value is not null
            """
        ).fetchall()
        one_year_only = ("own_diploma_within_5_years_share", "own_preschool_days_present")
        assert sorted(without) == [(f"{measure_id}__change_1y",) for measure_id in one_year_only]

    def test_nothing_is_computed_that_the_catalogue_does_not_describe(self, warehouse):
        """An indicator without a row in the catalogue would be lost in the join, and nobody would know."""
        counted = [
            warehouse.sql(f"select count(*) from indicators.ind_own_{area}").fetchone() for area in AREAS
        ]
        levels = warehouse.sql("select count(*) from indicators.ind_own_levels").fetchone()
        assert sum(rows for (rows,) in counted) == levels[0]

    def test_the_query_on_the_page_of_each_public_indicator_runs_on_the_release(self, release):
        public = [indicator for indicator in catalogue.read() if indicator.row["audience"] == "public"]
        with duckdb.connect(release.database, read_only=True) as connection:
            for indicator in public:
                connection.execute(f"explain {pages.query(indicator)}")
            assert connection.execute(pages.query(public[0])).fetchall()


class TestGroups:
    def test_every_indicator_entity_and_year_has_its_all_row(self, warehouse):
        assert (
            warehouse.sql(
                """
                select entity_type, entity_key, school_year, indicator_id
                from indicators.ind_own_levels
                group by entity_type, entity_key, school_year, indicator_id
                having count(*) filter (where group_id = 'all') <> 1
                """
            ).fetchall()
            == []
        )

    def test_the_groups_of_each_dimension_add_up_to_all(self, warehouse):
        sums = warehouse.sql(
            """
            with parts as (
                select
                    entity_key, school_year, indicator_id, dimension,
                    sum(persons) as persons, sum(sensitive_count) as sensitive_count, sum(total) as total,
                    sum(numerator) as numerator, sum(denominator) as denominator
                from indicators.ind_own_levels
                join marts.dim_group using (group_id)
                where dimension <> 'all'
                group by all
            )
            select
                count(*) as compared,
                count(distinct dimension) as dimensions,
                count(*) filter (
                    where parts.persons <> whole.persons
                    or parts.sensitive_count is distinct from whole.sensitive_count
                    or parts.total is distinct from whole.total
                    or parts.numerator <> whole.numerator
                    or parts.denominator <> whole.denominator
                ) as different
            from parts
            join indicators.ind_own_levels as whole using (entity_key, school_year, indicator_id)
            where whole.group_id = 'all'
            """
        ).fetchall()
        ((compared, dimensions, different),) = sums
        assert compared > 10_000
        assert dimensions == 4
        assert different == 0

    def test_a_person_with_protected_identity_is_in_no_group_but_the_unknown(self, table):
        pupils = table("restricted.fct_pupil_october")
        protected = pupils[pupils["is_protected"]]
        assert len(protected) > 0
        background = ["sex", "parents_education", "foreign_background", "newly_arrived", "newly_immigrated"]
        assert set(protected[background].to_numpy().ravel()) == {"unknown"}
        assert set(table("restricted.dim_pupil_year").query("is_protected")["sex"]) == {"unknown"}


class TestUnitsAndTheirMunicipality:
    def test_the_municipality_is_the_sum_of_its_units_where_the_definition_says_so(self, warehouse):
        base_from = dict(warehouse.sql("select indicator_id, base_from from seeds.ref_indicators").fetchall())
        differing = {
            row[0]
            for row in warehouse.sql(
                """
                select indicator_id
                from indicators.ind_own_levels
                group by indicator_id, school_year, group_id
                having
                    sum(numerator) filter (where entity_type = 'unit' and status = 'ok')
                    <> sum(numerator) filter (where entity_type = 'municipality')
                    or sum(denominator) filter (where entity_type = 'unit' and status = 'ok')
                    <> sum(denominator) filter (where entity_type = 'municipality')
                """
            ).fetchall()
        }
        assert {base_from[indicator] for indicator in differing} == {"persons"}

    def test_a_pupil_who_moves_makes_the_units_sum_to_more_than_the_municipality(self, warehouse):
        units, municipality = (
            warehouse.execute(
                "select sum(persons) from indicators.ind_own_levels where indicator_id = ?"
                " and group_id = 'all' and school_year = ? and entity_type = ?",
                ["own_absent_10_share__level", YEAR, entity_type],
            ).fetchall()[0][0]
            for entity_type in ("unit", "municipality")
        )
        assert units > municipality


class TestFiguresRecomputed:
    def test_pupils_absent_fifteen_per_cent_by_parents_education(self, figure, table):
        pupils = table("restricted.fct_pupil_attendance_year").query(
            "entity_type == 'municipality' and school_year == @YEAR and status == 'ok'"
        )
        years = table("restricted.dim_pupil_year").query("school_year == @YEAR")
        pupils = pupils.merge(years[["person_key", "parents_education"]], on="person_key", how="left")
        pupils["parents_education"] = pupils["parents_education"].fillna("unknown")
        absent = pupils["absent_minutes"] * 100 >= 15 * pupils["counted_offered_minutes"]
        for education, judged in pupils.groupby("parents_education"):
            row = figure("own_absent_15_share", group=f"parents_{education}")
            assert (row["persons"], row["sensitive_count"]) == (len(judged), absent[judged.index].sum())
            assert row["value"] == pytest.approx(100 * absent[judged.index].mean(), rel=1e-12)

    def test_the_rate_of_absence_is_minutes_of_minutes(self, figure, table):
        year = table("marts.fct_municipality_attendance_year").query("school_year == @YEAR").iloc[0]
        row = figure("own_absence_rate")
        assert row["total"] == year["valid_absence_minutes"] + year["invalid_absence_minutes"]
        assert row["denominator"] == year["counted_offered_minutes"]
        assert row["value"] == pytest.approx(year["value"], rel=1e-12)
        assert row["coverage"] == pytest.approx(year["coverage"], rel=1e-12)

    def test_the_mean_merit_value_from_the_single_grades(self, figure, table):
        grades = table("restricted.fct_grade").query(
            "school_year == @YEAR and school_form == 'gr' and year_group == 9 and is_final"
            " and is_counted and not is_trial"
        )
        grades = grades.assign(points=grades["points"].astype(float))
        modern = grades["subject_code"].isin(["M1", "M2"])
        best = (
            grades[~modern]
            .sort_values("points", ascending=False)
            .groupby("person_key")["points"]
            .apply(lambda points: points.head(16).sum())
        )
        language = grades[modern].groupby("person_key")["points"].max()
        merit = best.add(language, fill_value=0)
        merit = merit[grades.groupby("person_key")["is_passed"].any()]
        row = figure("own_merit_value_y9")
        assert (row["persons"], row["total"]) == (len(merit), round(merit.sum() * 10))
        assert row["value"] == pytest.approx(merit.mean(), rel=1e-12)

    def test_pupils_passed_in_swedish_at_one_unit_by_sex(self, figure, table):
        grades = table("restricted.fct_grade").query(
            "school_year == @YEAR and year_group == 6 and semester == 'VT' and unit_key == '99990011'"
            " and is_counted and not is_trial and subject_code in ('SV', 'SVA')"
        )
        years = table("restricted.dim_pupil_year").query("school_year == @YEAR")
        passed = grades.groupby("person_key")["is_passed"].any().to_frame().join(
            years.set_index("person_key")["sex"]
        )  # fmt: skip
        for sex in ("girls", "boys"):
            of_sex = passed.query("sex == @sex")["is_passed"]
            row = figure("own_grade_passed_swedish_y6", entity="99990011", group=f"sex_{sex}")
            assert (row["persons"], row["numerator"], row["sensitive_count"]) == (
                len(of_sex),
                of_sex.sum(),
                (~of_sex.astype(bool)).sum(),
            )

    def test_pupils_who_changed_unit_without_having_to(self, figure, table):
        moved = table("restricted.fct_transition").query(
            "school_year == @YEAR and not is_last_year_group and school_form not in ('gy', 'gyan')"
            " and transition != 'unknown'"
        )
        unforced = (moved["transition"] == "promoted_other_unit") & ~moved["is_forced_change"]
        forced = (moved["transition"] == "promoted_other_unit") & moved["is_forced_change"]
        assert figure("own_moved_unforced_share")["value"] == pytest.approx(100 * unforced.mean(), rel=1e-12)
        stayed = figure("own_continuity_share")
        assert stayed["denominator"] == (~forced).sum()
        assert stayed["numerator"] == (moved["transition"] == "promoted_same_unit").sum()

    def test_what_becomes_of_pupils_is_one_of_six_things(self, figure, table):
        shares = [
            figure(f"own_{what}_share")["numerator"]
            for what in (
                "continued_same_unit",
                "moved_unforced",
                "moved_forced",
                "repeated",
                "left_compulsory",
            )
        ]
        skipped = table("restricted.fct_transition").query(
            "school_year == @YEAR and transition == 'skipped' and school_form not in ('gy', 'gyan')"
        )
        assert sum(shares) + len(skipped) == figure("own_repeated_share")["denominator"]

    def test_diplomas_within_three_years_as_the_mart_of_throughput_has_them(self, figure, table):
        mart = table("marts.fct_unit_upper_secondary").query(
            "start_year == 2022 and within_years == 3 and programme_kind == 'all'"
        )
        for unit in mart.itertuples():
            row = figure("own_diploma_within_3_years_share", entity=unit.unit_key)
            assert (row["numerator"], row["denominator"]) == (unit.numerator, unit.denominator)
        assert figure("own_diploma_within_3_years_share")["numerator"] == mart["numerator"].sum()

    def test_kronor_per_pupil_and_their_coverage(self, figure, table):
        ledger = table("marts.fct_unit_resources").query("calendar_year == 2024 and kind == 'utfall'")
        whole = ledger.query("component == 'all'")
        known = whole.dropna(subset=["n_pupils_before", "n_pupils_during"])
        assert 0 < len(known) < len(whole)
        pupils = (known["n_pupils_before"] + known["n_pupils_during"]).sum() / 2
        row = figure("own_kronor_per_pupil")
        assert row["total"] == known["amount_kronor"].sum()
        assert row["value"] == pytest.approx(known["amount_kronor"].sum() / pupils, rel=1e-12)
        assert row["coverage"] == pytest.approx(
            known["amount_kronor"].sum() / whole["amount_kronor"].sum(), rel=1e-12
        )
        structural = ledger.query("component == 'strukturersattning'")["amount_kronor"].sum()
        assert figure("own_structural_share")["value"] == pytest.approx(
            100 * structural / whole["amount_kronor"].sum(), rel=1e-12
        )

    def test_certified_teachers_in_full_time_equivalents(self, figure, table):
        posts = table("restricted.fct_staff_assignment").query(
            "school_year == @YEAR and is_teacher and is_employed_on_october_15 and fte_percent > 0"
        )
        posts = posts.dropna(subset=["is_certified"])
        fte = posts["fte_percent"].astype(float) / 100
        row = figure("own_certified_teachers")
        assert row["persons"] == posts["person_key"].nunique()
        assert row["value"] == pytest.approx(
            100 * fte[posts["is_certified"].astype(bool)].sum() / fte.sum(), rel=1e-9
        )

    def test_pupils_with_highly_educated_parents_of_those_whose_parents_are_known(self, figure, table):
        pupils = table("restricted.fct_pupil_october").query(
            "school_year == @YEAR and school_form not in ('fs', 'fth')"
        )
        pupils = pupils.drop_duplicates("person_key")
        known = pupils.query("parents_education != 'unknown'")
        row = figure("own_parents_higher_share")
        assert (row["persons"], row["numerator"]) == (
            len(known),
            (known["parents_education"] == "higher").sum(),
        )
        assert row["coverage"] == pytest.approx(len(known) / len(pupils), rel=1e-12)

    def test_the_survey_index_of_the_municipality_weighs_units_by_answers(self, figure, table):
        survey = table("marts.fct_unit_local_survey").query(
            "school_year == @YEAR and respondent == 'personal' and question_area == 'trygghet'"
        )
        delivered = survey.query("status == 'ok'")
        assert len(delivered) < len(survey)
        index = delivered["value"].astype(float)
        row = figure("own_survey_safety_staff")
        assert row["persons"] == delivered["n_answers"].sum()
        assert row["value"] == pytest.approx(
            (index * delivered["n_answers"]).sum() / delivered["n_answers"].sum(), rel=1e-9
        )
        assert row["coverage"] == pytest.approx(
            delivered["n_answers"].sum() / survey["n_answers"].sum(), rel=1e-12
        )
