"""The release of the bundled recording says what the agencies say of Uppsala, and hides what they hide."""

import csv
import json
import re
from collections.abc import Iterator

import duckdb
import numpy as np
import pandas as pd
import pytest

from dagster_project.lib.release.durable import sha256
from dagster_project.lib.release.reader import connect
from dagster_project.settings import PROJECT_ROOT

UPPSALA, UPPSALA_NUMBER, YEAR = "0380", "2120003005", "2024/25"
TUNA_SKOLA = "26666728"
SIRIS = PROJECT_ROOT / "sample_data" / "skolverket" / "siris"
FACTS = ["pub_indicators", "pub_unit_measures", "pub_municipality_measures", "pub_organiser_measures"]


@pytest.fixture(scope="module")
def db(release) -> Iterator[duckdb.DuckDBPyConnection]:
    """The release, opened as readers are told to."""
    with connect(release.data_dir / "current" / "equity.duckdb") as connection:
        yield connection


@pytest.fixture(scope="module")
def warehouse(release) -> Iterator[duckdb.DuckDBPyConnection]:
    """What was delivered, as text, beside the release."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{release.warehouse}' as warehouse (read_only)")
        connection.execute(f"attach '{release.database}' as release (read_only)")
        yield connection


def rows(connection: duckdb.DuckDBPyConnection, query: str, *values: object) -> list[tuple[object, ...]]:
    return connection.execute(query, list(values)).fetchall()


def one(connection: duckdb.DuckDBPyConnection, query: str, *values: object):
    (row,) = rows(connection, query, *values)
    return row[0] if len(row) == 1 else row


def indicator(db, indicator_id: str, group_id: str = "all", year: str = YEAR, entity: str = UPPSALA):
    """One published indicator row as a named series."""
    frame = db.execute(
        "select * from pub_indicators where indicator_id = ? and group_id = ? and school_year = ?"
        " and entity_key = ?",
        [indicator_id, group_id, year, entity],
    ).df()
    assert len(frame) == 1, (indicator_id, group_id, year)
    return frame.iloc[0]


def siris(name: str) -> pd.DataFrame:
    """Rows of a bundled SIRIS file, all text, read without any of this project's code."""
    lines = (SIRIS / name).read_text(encoding="utf-8-sig").splitlines()
    start = next(i for i, line in enumerate(lines) if re.match(r"(Skola|Kommun);", line))
    end = next(i for i, line in enumerate(lines) if line.startswith("Rapportbeskrivning"))
    table = [line for line in csv.reader(lines[start:end], delimiter=";") if any(line)]
    width = len([name for name in table[0] if name])
    return pd.DataFrame([line[:width] for line in table[1:]], columns=table[0][:width])


def number(column: pd.Series) -> pd.Series:
    """Published numbers as floats; symbols become missing."""
    plain = column.str.replace(r"[\s\u00a0\u202f]", "", regex=True).str.replace(",", ".", regex=False)
    return pd.to_numeric(plain, errors="coerce")


@pytest.fixture(scope="module")
def final_grades() -> pd.DataFrame:
    raw = siris("slutbetyg_ak9_2025_skolenhet.csv")
    return pd.DataFrame(
        {
            "unit": raw["Skol-enhetskod"],
            "municipality": raw["Kommun-kod"],
            "kind": raw["Typ av huvudman"],
            "pupils": number(raw["Antal elever"]),
            "merit": number(raw["Genomsnittligt meritvärde (17 ämnen)"]),
        }
    )


class TestUppsala:
    def test_of_32_units_with_year_9_twenty_are_municipal_and_nineteen_of_them_show_merit(self, db):
        units = one(
            db,
            """
            select count(*), count(*) filter (where organiser_kind = 'municipal')
            from pub_unit_measures
            where municipality_code = ? and school_year = ? and measure_id = 'graded_pupils_y9'
            """,
            UPPSALA,
            YEAR,
        )
        assert units == (32, 20)
        visible = one(
            db,
            """
            select count(value), round(sum(value * base_count) / sum(base_count), 2), sum(base_count)
            from pub_unit_measures
            where municipality_code = ? and school_year = ? and measure_id = 'merit_value_y9'
                and organiser_kind = 'municipal' and value is not null
            """,
            UPPSALA,
            YEAR,
        )
        assert tuple(map(float, visible)) == (19, 235.58, 1954)

    def test_the_pooled_merit_is_the_same_figure_in_the_indicators(self, db):
        row = indicator(db, "merit_value_y9__level", "organiser_municipal")
        assert round(row["value"], 2) == 235.58
        assert (float(row["denominator"]), row["n_units"], row["status"]) == (1954, 19, "ok")

    @pytest.mark.parametrize(
        ("measure", "value"),
        [
            ("pupils", 19482),
            ("certified_teachers_share", 77.7),
            ("pupils_per_teacher", 12.9),
            ("passed_all_subjects_y9", 71.5),
            ("eligible_vocational_y9", 82.7),
        ],
    )
    def test_the_organiser_has_the_figures_of_the_national_table(self, db, measure, value):
        found = one(
            db,
            "select value from pub_organiser_measures"
            " where organiser_number = ? and school_year = ? and measure_id = ? and group_id = 'all'",
            UPPSALA_NUMBER,
            YEAR,
            measure,
        )
        assert float(found) == value

    def test_every_unit_of_uppsala_has_the_merit_value_of_the_delivered_file(self, db, final_grades):
        published = dict(
            rows(
                db,
                "select unit_key, cast(value as double) from pub_unit_measures where municipality_code = ?"
                " and school_year = ? and measure_id = 'merit_value_y9' and value is not null",
                UPPSALA,
                YEAR,
            )
        )
        delivered = final_grades[(final_grades["municipality"] == UPPSALA) & final_grades["merit"].notna()]
        assert published == dict(zip(delivered["unit"], delivered["merit"], strict=True))


class TestEveryMunicipality:
    def test_all_290_municipalities_have_indicators_with_values(self, db):
        assert one(
            db,
            """
            select count(distinct entity_key), count(distinct entity_key) filter (where value is not null)
            from pub_indicators where entity_type = 'municipality' and not is_made_up
            """,
        ) == (290, 290)

    @pytest.mark.parametrize(
        ("method", "municipalities"),
        [
            ("level", 290),
            ("change_1y", 290),
            ("change_3y", 290),
            ("gap_sex", 250),
            ("gap_organiser", 100),
            ("spread_sd", 150),
            ("spread_p10", 200),
            ("spread_p25", 200),
            ("spread_p50", 200),
            ("spread_p75", 200),
            ("spread_p90", 200),
            ("spread_p90_p10", 200),
            ("units_below_nation", 200),
            ("need_quarter", 200),
            ("need_gap", 150),
        ],
    )
    def test_every_family_has_values_for_most_municipalities_and_for_uppsala(
        self, db, method, municipalities
    ):
        keys = rows(
            db,
            """
            select distinct entity_key from pub_indicators join pub_indicator_catalogue using (indicator_id)
            where method = ? and entity_type = 'municipality' and value is not null
            """,
            method,
        )
        assert len(keys) >= municipalities
        assert (UPPSALA,) in keys

    @pytest.mark.parametrize(
        "indicator_id",
        [
            "parents_higher_education_share__level",
            "parents_higher_education_share__spread_sd",
            "foreign_background_share__level",
            "foreign_background_share__spread_p90_p10",
            "survey_safety_y8__spread_p90_p10",
            "value_added_merit_deviation__spread_p50",
            "value_added_merit_deviation__units_below_nation",
            "certified_teachers_share__need_gap",
            "pupils_per_teacher__need_gap",
        ],
    )
    def test_composition_survey_value_added_and_need_are_there_for_uppsala(self, db, indicator_id):
        found = one(
            db,
            "select count(value) from pub_indicators where indicator_id = ? and entity_key = ?",
            indicator_id,
            UPPSALA,
        )
        assert found > 0

    @pytest.mark.parametrize(
        "indicator_id", ["certified_teachers_share__need_gap", "pupils_per_teacher__need_gap"]
    )
    def test_what_the_board_asks_first_stands_beside_the_nation(self, db, indicator_id):
        """The gap between most and least need, of all units in Sweden but those that are hidden."""
        row = indicator(db, indicator_id)
        assert row[["value", "national_value", "similar_value"]].notna().all()

    def test_a_figure_stands_beside_the_nation_and_the_similar_municipalities(self, db):
        row = indicator(db, "passed_all_subjects_y6__level")
        assert row[["national_value", "similar_value"]].notna().all()
        members = rows(
            db,
            "select i.value from pub_indicators i where indicator_id = 'passed_all_subjects_y6__level'"
            " and group_id = 'all' and school_year = ? and list_contains(?, entity_key)",
            YEAR,
            self._members(),
        )
        assert row["similar_count"] == len(members) == 7
        assert row["similar_value"] == pytest.approx(np.mean([value for (value,) in members]), abs=1e-6)

    @staticmethod
    def _members() -> list[str]:
        groups = pd.read_csv(PROJECT_ROOT / "seeds/reference/ref_municipality_groups.csv", sep=";", dtype=str)
        return groups.query("municipality_code == @UPPSALA and school_form == 'gr'")[
            "member_municipality_code"
        ].tolist()

    def test_the_catalogue_describes_every_indicator_and_nothing_else(self, db):
        published = {row[0] for row in rows(db, "select distinct indicator_id from pub_indicators")}
        described = {
            row[0]
            for row in rows(
                db,
                "select indicator_id from pub_indicator_catalogue where name_sv <> '' and name_en <> ''"
                " and definition_sv <> '' and definition_en <> '' and audience = 'public'",
            )
        }
        assert published <= described

    @pytest.mark.parametrize("table", FACTS)
    def test_every_status_and_group_is_described(self, db, table):
        assert (
            rows(
                db,
                f"select group_id from {table} where group_id not in (from pub_groups select group_id)",
            )
            == []
        )
        if table != "pub_indicators":
            assert (
                rows(
                    db,
                    f"select distinct value_status from {table}"
                    " where value_status not in (select value_status from pub_value_statuses)",
                )
                == []
            )


class TestBreaksInSeries:
    @pytest.mark.parametrize(
        ("measure", "year", "kind"),
        [
            ("certified_teachers_share", "2024/25", "suppression"),
            ("pupils_per_teacher", "2024/25", "suppression"),
            ("merit_value_y9", "2023/24", "suppression"),
            ("passed_all_subjects_y6", "2023/24", "suppression"),
            ("test_points_maths_y9", "2019/20", "cancelled"),
            ("test_points_maths_y9", "2020/21", "cancelled"),
            ("first_teachers_fte", "2024/25", "withdrawn"),
        ],
    )
    def test_the_break_is_described_in_both_languages(self, db, measure, year, kind):
        found = rows(
            db,
            "select kind, text_sv <> '' and text_en <> '' from pub_breaks_in_series"
            " where measure_id = ? and school_year = ?",
            measure,
            year,
        )
        assert found == [(kind, True)]

    def test_the_break_stands_in_the_rows_of_its_year_and_in_no_other(self, db):
        wrong = rows(
            db,
            """
            select m.measure_id, m.school_year, m.break_in_series, b.kind
            from pub_municipality_measures m
            left join pub_breaks_in_series b using (measure_id, school_year)
            where m.break_in_series is distinct from b.kind
            limit 5
            """,
        )
        assert wrong == []

    @pytest.mark.parametrize(
        ("indicator_id", "year", "kind"),
        [
            ("certified_teachers_share__level", "2024/25", "suppression"),
            ("certified_teachers_share__change_1y", "2024/25", "suppression"),
            ("certified_teachers_share__need_gap", "2024/25", "suppression"),
            ("certified_teachers_share__level", "2023/24", None),
            ("passed_all_subjects_y6__change_1y", "2023/24", "suppression"),
            ("passed_all_subjects_y6__change_1y", "2024/25", None),
            ("passed_all_subjects_y6__change_3y", "2024/25", "suppression"),
        ],
    )
    def test_a_change_across_a_break_says_so_and_one_after_it_does_not(self, db, indicator_id, year, kind):
        found = indicator(db, indicator_id, year=year)["break_in_series"]
        assert (None if pd.isna(found) else found) == kind

    def test_first_teachers_of_2024_25_are_withdrawn_and_their_heads_are_not(self, db):
        by_status = dict(
            rows(
                db,
                "select value_status, count(value) from pub_municipality_measures"
                " where measure_id = 'first_teachers_fte' and school_year = '2024/25' group by 1",
            )
        )
        assert by_status["withdrawn"] == 0
        assert "reported" not in by_status
        assert one(
            db,
            "select count(value) from pub_municipality_measures where measure_id = 'first_teachers_heads'"
            " and school_year = '2024/25' and value > 0",
        )


class TestDisclosure:
    def test_tuna_skola_stays_hidden_where_the_agency_hid_it_though_another_table_shows_it(
        self, db, warehouse
    ):
        shown_by_siris = one(
            warehouse,
            "select passed_all_subjects_share from warehouse.raw.siris_final_grades_y9 where unit_code = ?",
            TUNA_SKOLA,
        )
        hidden_by_the_national_table = one(
            warehouse,
            "select value from warehouse.raw.ufa_measures where level_label like ? and measure like ?",
            f"%({TUNA_SKOLA})",
            "%lägst betyget E i samtliga ämnen efter årskurs 9",
        )
        assert (shown_by_siris, hidden_by_the_national_table) == ("89,5", "...")
        value, status, suppression = one(
            db,
            "select value, value_status, suppression from pub_unit_measures where unit_key = ?"
            " and school_year = ? and measure_id = 'passed_all_subjects_y9'",
            TUNA_SKOLA,
            YEAR,
        )
        assert (value, suppression) == (None, "agency")
        assert status.startswith("suppressed")
        merit = one(
            db,
            "select value from pub_unit_measures where unit_key = ? and school_year = ?"
            " and measure_id = 'merit_value_y9'",
            TUNA_SKOLA,
            YEAR,
        )
        assert float(merit) == 244.9

    @pytest.mark.parametrize(
        ("column", "measure"),
        [
            ("passed_all_subjects_share", "passed_all_subjects_y9"),
            ("eligible_vocational_share", "eligible_vocational_y9"),
            ("merit_value_17", "merit_value_y9"),
        ],
    )
    def test_what_siris_hid_of_a_unit_has_no_value_in_the_release(self, warehouse, column, measure):
        hidden, shown = one(
            warehouse,
            f"""
            select count(*), count(m.value)
            from warehouse.raw.siris_final_grades_y9 r
            join release.pub_unit_measures m
                on m.unit_key = r.unit_code and m.school_year = r.school_year and m.measure_id = ?
            where r.{column} in ('..', '...', '…', '~100')
            """,
            measure,
        )
        assert hidden > 50
        assert shown == 0

    def test_what_the_national_table_hid_has_no_value_though_siris_shows_it(self, warehouse):
        hidden, shown = one(
            warehouse,
            """
            select count(*), count(m.value)
            from warehouse.staging.base_underlag_for_analys__measures r
            join release.pub_unit_measures m
                on m.unit_key = r.unit_code and m.school_year = r.school_year and m.measure_id = r.measure_id
            where r.value_status in ('suppressed', 'suppressed_majority', 'rounded_100')
            """,
        )
        assert hidden > 1000
        assert shown == 0

    @pytest.mark.parametrize(
        ("raw_table", "column", "measure"),
        [
            ("siris_grades_y6", "passed_all_subjects_share", "passed_all_subjects_y6"),
            ("siris_teachers", "certified_fte_share", "certified_teachers_share"),
            ("siris_pupils", "parents_higher_education_share", "parents_higher_education_share"),
        ],
    )
    def test_what_siris_hid_of_a_municipality_is_hidden_in_measures_and_indicators(
        self, warehouse, raw_table, column, measure
    ):
        hidden, in_measures, in_indicators = one(
            warehouse,
            f"""
            select count(*), count(m.value), count(i.value)
            from warehouse.raw.{raw_table} r
            join warehouse.seeds.xwalk_organiser_kinds k on k.source_text = r.organiser_kind
            join release.pub_groups g
                on g.organiser_kind = k.organiser_kind and g.sex = 'all' and g.need_quarter is null
            join release.pub_municipality_measures m
                on m.municipality_code = r.municipality_code and m.school_year = r.school_year
                and m.measure_id = ? and m.group_id = g.group_id
            left join release.pub_indicators i
                on i.entity_key = r.municipality_code and i.school_year = r.school_year
                and i.indicator_id = ? and i.group_id = g.group_id
            where r.{column} in ('..', '...', '…', '~100')
            """,
            measure,
            f"{measure}__level",
        )
        assert hidden > 5
        assert (in_measures, in_indicators) == (0, 0)

    def test_no_unit_has_a_value_on_fewer_than_ten_pupils(self, db, warehouse):
        assert (
            one(
                db,
                """
            select count(*) from pub_unit_measures m join pub_measures using (measure_id)
            where count_basis in ('pupils', 'answers') and base_count < 10 and m.value is not null
            """,
            )
            == 0
        )
        few, shown = one(
            warehouse,
            """
            select count(*), count(m.value)
            from warehouse.intermediate.int_measures__units_resolved r
            join release.pub_measures d using (measure_id)
            join release.pub_unit_measures m using (unit_key, school_year, measure_id)
            where d.count_basis in ('pupils', 'answers') and r.base_count < 10
            """,
        )
        assert few > 0
        assert shown == 0

    def test_no_municipality_has_a_value_on_fewer_than_five_pupils_or_three_teachers(self, warehouse):
        few, shown, bases = one(
            warehouse,
            """
            select count(*), count(m.value), count(m.base_count)
            from warehouse.intermediate.int_measures__municipalities_resolved r
            join warehouse.seeds.ref_measures d using (measure_id)
            join release.pub_municipality_measures m
                using (municipality_code, school_year, measure_id, group_id)
            where r.value is not null and (
                d.count_basis = 'pupils' and r.base_count < 5
                or d.count_basis like 'teachers%' and r.base_count < 3
            )
            """,
        )
        assert few > 10
        assert (shown, bases) == (0, 0)

    @pytest.mark.parametrize("table", ["pub_unit_measures", "pub_municipality_measures"])
    def test_no_share_tells_that_one_to_four_did_not_reach_the_level(self, warehouse, table):
        assert (
            rows(
                warehouse,
                f"""
            select m.measure_id, count(*) from release.{table} m
            join warehouse.seeds.ref_measures d using (measure_id)
            where d.not_reached_is_sensitive and m.value is not null
                and round(m.base_count * (100 - m.value) / 100) between 1 and 4
            group by 1
            """,
            )
            == []
        )

    def test_where_one_sex_is_hidden_the_other_has_no_value_either(self, db):
        pairs, telling = one(
            db,
            """
            with sexes as (
                select municipality_code, school_year, measure_id, organiser_kind,
                    count(*) filter (where suppression is not null) as hidden, count(value) as shown
                from pub_municipality_measures join pub_groups using (group_id)
                where sex <> 'all' group by all
            )
            select count(*) filter (where hidden > 0), count(*) filter (where hidden > 0 and shown > 0)
            from sexes
            """,
        )
        assert pairs > 100
        assert telling == 0

    @pytest.mark.parametrize("table", FACTS)
    def test_a_suppressed_row_has_no_value_and_every_hidden_row_says_why(self, db, table):
        assert one(db, f"select count(value) from {table} where suppression is not null") == 0
        assert one(db, f"select count(*) from {table} where suppression is not null") > 0
        status = "status" if table == "pub_indicators" else "value_status"
        assert (
            one(db, f"select count(*) from {table} where value is null and {status} in ('ok', 'reported')")
            == 0
        )

    def test_a_hidden_indicator_leaves_no_numerator_behind(self, db):
        assert one(db, "select count(numerator) from pub_indicators where value is null") == 0


class TestWhatThereIsNot:
    def test_nothing_is_ranked_and_no_column_holds_a_person(self, db):
        columns = {
            row[0].lower() for row in rows(db, "select column_name from duckdb_columns() where not internal")
        }
        forbidden = re.compile(
            r"rank|rang|position|percentile_of|e?mail|phone|telefon|personnummer|principal"
        )
        assert {name for name in columns if forbidden.search(name)} == set()

    def test_rows_are_not_ordered_by_value(self, db):
        values = [
            row[0]
            for row in rows(
                db,
                "select value from pub_indicators where indicator_id = 'passed_all_subjects_y6__level'"
                " and group_id = 'all' and school_year = ? and value is not null",
                YEAR,
            )
        ]
        assert len(values) > 200
        assert values not in (sorted(values), sorted(values, reverse=True))


class TestIndependentRecomputation:
    """Five figures from the delivered files, in pandas, without a line of this project's SQL."""

    @pytest.fixture(scope="class")
    def uppsala(self, final_grades) -> pd.DataFrame:
        return final_grades[(final_grades["municipality"] == UPPSALA) & final_grades["merit"].notna()]

    def test_pupil_weighted_merit(self, db, uppsala):
        expected = np.average(uppsala["merit"], weights=uppsala["pupils"])
        assert indicator(db, "merit_value_y9__level")["value"] == pytest.approx(expected, abs=1e-6)

    def test_pupil_weighted_standard_deviation_of_unit_means(self, db, uppsala):
        mean = np.average(uppsala["merit"], weights=uppsala["pupils"])
        expected = np.sqrt(np.average((uppsala["merit"] - mean) ** 2, weights=uppsala["pupils"]))
        assert indicator(db, "merit_value_y9__spread_sd")["value"] == pytest.approx(expected, abs=1e-6)

    def test_p90_minus_p10_of_unit_means(self, db, uppsala):
        p10, p90 = np.quantile(uppsala["merit"], [0.1, 0.9])
        found = indicator(db, "merit_value_y9__spread_p90_p10")
        assert found["value"] == pytest.approx(p90 - p10, abs=1e-6)
        assert found["n_units"] == len(uppsala) == 30

    def test_share_of_units_below_the_nation(self, db, uppsala, final_grades):
        shown = final_grades[final_grades["merit"].notna() & final_grades["pupils"].notna()]
        nation = np.average(shown["merit"], weights=shown["pupils"])
        expected = 100 * (uppsala["merit"] < nation).mean()
        found = indicator(db, "merit_value_y9__units_below_nation")
        assert found["value"] == pytest.approx(expected, abs=1e-6)
        assert indicator(db, "merit_value_y9__level")["national_value"] == pytest.approx(nation, abs=1e-6)

    def test_gap_between_kinds_of_organiser_in_year_6(self, db):
        raw = siris("betyg_ak6_2025_kommun.csv")
        raw = raw[raw["Kommun-kod"] == UPPSALA].set_index("Typ av huvudman")
        share = number(raw["Andel (%) elever som fått godkänt betyg i alla ämnen"])
        found = indicator(db, "passed_all_subjects_y6__gap_organiser")
        assert found["value"] == pytest.approx(share["Kommunal"] - share["Enskild"], abs=1e-6)
        assert float(found["denominator"]) == number(raw["Antal elever"])["Enskild"]

    def test_change_since_last_year_and_since_three_years_ago_in_year_6(self, db):
        def share(year: int) -> float:
            raw = siris(f"betyg_ak6_{year}_kommun.csv")
            chosen = raw[(raw["Kommun-kod"] == UPPSALA) & (raw["Typ av huvudman"] == "Samtliga")]
            return number(chosen["Andel (%) elever som fått godkänt betyg i alla ämnen"]).item()

        for indicator_id, years in (("change_1y", 1), ("change_3y", 3)):
            found = indicator(db, f"passed_all_subjects_y6__{indicator_id}")["value"]
            assert found == pytest.approx(share(2025) - share(2025 - years), abs=1e-6)


class TestAcrossSources:
    def test_merit_is_the_same_in_siris_and_planned_educations_for_most_units(self, warehouse):
        pairs, apart = one(
            warehouse,
            """
            select count(*), count(*) filter (where difference > 0.1)
            from warehouse.quality.dq_source_agreement
            where measure_id = 'merit_value_y9' and school_year = '2024/25'
                and 'siris' in (source_id, other_source_id)
                and 'planned_educations' in (source_id, other_source_id)
            """,
        )
        assert pairs > 700
        assert apart == 0

    def test_the_audit_looked_at_every_cross_source_rule(self, release):
        audit = json.loads((release.folder / "audit.json").read_text())
        suites = {suite["suite"] for suite in audit["suites"]}
        assert {
            "quality/dq_source_agreement",
            "quality/dq_municipality_sums",
            "quality/dq_salsa_consistency",
            "quality/dq_withdrawn_columns",
            "quality/dq_unit_codes",
            "quality/dq_extract_accounting",
        } <= suites
        assert audit["verdict"] == "passed"


class TestFiles:
    @pytest.fixture(scope="class")
    def manifest(self, release) -> dict[str, object]:
        return json.loads((release.folder / "manifest.json").read_text())

    def test_the_manifest_names_every_file_with_its_digest_and_every_table_with_its_rows(
        self, release, manifest, db
    ):
        on_disk = {
            path.relative_to(release.folder).as_posix(): sha256(path)
            for path in release.folder.rglob("*")
            if path.is_file() and path.name != "manifest.json"
        }
        assert {name: entry["sha256"] for name, entry in manifest["files"].items()} == on_disk
        counted = {name: one(db, f"select count(*) from {name}") for name in manifest["tables"]}
        assert {name: entry["rows"] for name, entry in manifest["tables"].items()} == counted

    def test_the_manifest_names_every_delivery_of_the_agencies_with_its_digest(self, manifest, warehouse):
        loaded = rows(
            warehouse,
            "select source, sha256 from warehouse.raw.extracts"
            " where source not in ('ss12000', 'deliveries') order by all",
        )
        assert sorted((entry["source"], entry["sha256"]) for entry in manifest["extracts"]) == loaded
        assert len(loaded) > 30

    def test_the_manifest_says_what_the_recording_lacks(self, manifest):
        for left_out in ("Skolenhetsregistret v2", "Kolada", "SCB"):
            assert any(left_out in sentence for sentence in manifest["lacks"])

    def test_the_manifest_says_how_much_is_hidden_and_which_warnings_stand(self, manifest, db):
        for table, cells in manifest["suppressed_cells"].items():
            assert cells == one(db, f"select count(suppression) from {table}")
        assert set(manifest["suppressed_cells"]) == set(FACTS)
        warnings = {warning["id"] for warning in manifest["expectations"]["warnings"]}
        assert "no_column_is_blank" in warnings, "the all-zero first teachers of 2024/25 are warned of"
        assert manifest["previous"] is None

    def test_every_table_and_column_has_a_comment(self, db, manifest):
        bare = rows(
            db,
            "select table_name, column_name from duckdb_columns()"
            " where not internal and coalesce(comment, '') = ''"
            " union all select table_name, '' from duckdb_tables() where coalesce(comment, '') = ''",
        )
        assert bare == []
        assert all(column["comment"] for table in manifest["tables"].values() for column in table["columns"])

    def test_every_row_carries_the_release_id(self, db, manifest):
        for table in manifest["tables"]:
            assert rows(db, f"select distinct release_id from {table}") in ([(manifest["id"],)], [])

    def test_parquet_and_csv_hold_the_same_rows_as_the_database(self, release, manifest):
        with duckdb.connect() as connection:
            connection.execute(f"attach '{release.database}' as release (read_only)")
            for table, entry in manifest["tables"].items():
                parquet = f"read_parquet('{release.folder}/parquet/{table}.parquet')"
                for one_way in (
                    f"from release.{table} except all from {parquet}",
                    f"from {parquet} except all from release.{table}",
                ):
                    assert connection.sql(one_way).fetchall() == [], table
                columns = ", ".join(
                    # A text cell that a spreadsheet would run as a formula has an apostrophe in front.
                    f"regexp_replace(\"{column['name']}\"::varchar, '^([=+@-])', '''\\1')"
                    if column["type"] == "VARCHAR"
                    else f"replace(\"{column['name']}\"::varchar, '.', ',')"
                    if re.match("DECIMAL|DOUBLE", column["type"])
                    else f'"{column["name"]}"::varchar'
                    for column in entry["columns"]
                )
                text = (
                    f"from read_csv('{release.folder}/csv/{table}.csv', delim=';', header=true,"
                    " all_varchar=true, quote='\"', escape='\"')"
                )
                expected = f"select {columns} from release.{table}"
                assert connection.sql(f"({expected}) except all ({text})").fetchall() == [], table
                assert connection.sql(f"select count(*) {text}").fetchall() == [(entry["rows"],)], table

    def test_the_csv_opens_in_a_swedish_spreadsheet(self, release):
        head = (release.folder / "csv" / "pub_municipality_measures.csv").read_bytes()[:4000]
        assert head.startswith(b"\xef\xbb\xbfrelease_id;")
        assert re.search(rb";\d+,\d{4};", head)

    def test_the_pictures_and_the_quality_report_are_there(self, release):
        for name in ("pictures/meritvarde_enheter.png", "pictures/behoriga_efter_behov.png"):
            assert (release.folder / name).read_bytes().startswith(b"\x89PNG")
        report = (release.folder / "quality.md").read_text(encoding="utf-8")
        assert "no_column_is_blank" in report
        assert "Meddela Skolverket; när kolumnen rättats upphör varningen av sig själv." in report

    def test_nobody_can_write_into_a_release_through_the_reader(self, db):
        with pytest.raises(duckdb.Error):
            db.execute("delete from pub_units")
        with pytest.raises(duckdb.Error):
            db.execute("copy pub_units to '/tmp/never.csv'")
