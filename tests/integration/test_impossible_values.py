"""Every numeric column that is delivered has bounds; a row beyond them is set aside under the column's name.

The base models of staging, as dbt compiled them, judge one sound row after another in which a single cell was
changed. The municipality's own files are judged by their reader, as `unit/deliveries` has it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import pytest

Bounds = tuple[float, float]

SHARE: Bounds = (0, 100)
INDEX: Bounds = (0, 10)
MERIT: Bounds = (0, 340)
POINTS: Bounds = (0, 20)
HOWEVER_MANY: Bounds = (0, 1_000_000_000)
# Corrections between years make single costs negative: they are the agency's own figures.
MONEY: Bounds = (-1_000_000_000, 1_000_000_000)
YEAR_GROUP: Bounds = (0, 10)
MINUTES_OF_A_DAY: Bounds = (0, 1440)
MINUTES_OF_A_MONTH: Bounds = (0, 44_640)
MINUTES_OF_A_YEAR: Bounds = (0, 10_000_000)
YEAR: Bounds = (1990, 2100)


def all_of(bounds: Bounds, *columns: str) -> dict[str, Bounds]:
    return dict.fromkeys(columns, bounds)


POSITION = {"latitude": (-90.0, 90.0), "longitude": (-180.0, 180.0)}
BY_COLUMN: dict[str, dict[str, Bounds]] = {
    "siris__costs": {
        "calendar_year": YEAR,
        "pupils_mean": HOWEVER_MANY,
        **all_of(
            MONEY,
            "total_tkr",
            "teaching_tkr",
            "total_per_pupil",
            "teaching_per_pupil",
            "premises_per_pupil",
            "meals_per_pupil",
            "materials_per_pupil",
            "health_per_pupil",
            "other_per_pupil",
        ),
    },
    "siris__eligibility_y9": {
        "pupils": HOWEVER_MANY,
        **all_of(
            SHARE,
            "eligible_vocational_share",
            "eligible_arts_share",
            "eligible_social_share",
            "eligible_science_share",
        ),
    },
    "siris__final_grades_y9": {
        "pupils": HOWEVER_MANY,
        "merit_value_17": MERIT,
        **all_of(SHARE, "passed_all_subjects_share", "eligible_vocational_share"),
    },
    "siris__grades_y6": {
        "pupils": HOWEVER_MANY,
        "subject_grades_mean": (0, 20),
        **all_of(
            SHARE, "passed_all_subjects_share", "failed_one_subject_share", "failed_several_subjects_share"
        ),
    },
    "siris__national_tests_y9": {
        **{f"pupils_{sex}": HOWEVER_MANY for sex in ("all", "girls", "boys")},
        **{f"points_mean_{sex}": POINTS for sex in ("all", "girls", "boys")},
        **{f"participated_share_{sex}": SHARE for sex in ("all", "girls", "boys")},
        **{f"passed_share_{sex}": SHARE for sex in ("all", "girls", "boys")},
    },
    "siris__pupils": {
        **{f"pupils_y{year_group}": HOWEVER_MANY for year_group in range(1, 10)},
        "pupils_y1_9": HOWEVER_MANY,
        **all_of(SHARE, "girls_share", "foreign_background_share", "parents_higher_education_share"),
    },
    "siris__teachers": {
        **{f"{who}_fte": HOWEVER_MANY for who in ("teachers", "certified", "first_teachers")},
        **{f"{who}_heads": HOWEVER_MANY for who in ("teachers", "certified", "first_teachers")},
        **all_of(SHARE, "certified_fte_share", "certified_heads_share"),
    },
    "planned_educations__salsa": {
        **all_of(MERIT, "merit_actual", "merit_expected"),
        "merit_deviation": (-340, 340),
        "passed_deviation": (-100, 100),
        "parents_education_score": (1, 3),
        **all_of(SHARE, "passed_actual", "passed_expected", "newly_immigrated_share", "boys_share"),
    },
    "planned_educations__school_unit_details": POSITION,
    "planned_educations__survey": {"value": INDEX, "answers": HOWEVER_MANY},
    "skolenhetsregistret__units": POSITION,
    "scb__population": {"calendar_year": YEAR, "population": HOWEVER_MANY},
    "ss12000__activities": {"minutes_planned": MINUTES_OF_A_YEAR},
    "ss12000__activity_teachers": {"minutes_planned": MINUTES_OF_A_YEAR},
    "ss12000__aggregated_attendance": all_of(
        MINUTES_OF_A_MONTH,
        "attendance_sum",
        "valid_absence_sum",
        "invalid_absence_sum",
        "other_attendance_sum",
        "reported_sum",
        "offered_sum",
    ),
    "ss12000__attendances": all_of(
        MINUTES_OF_A_DAY,
        "attendance_minutes",
        "valid_absence_minutes",
        "invalid_absence_minutes",
        "other_attendance_minutes",
    ),
    "ss12000__duties": {"duty_percent": (0, 150), "hours_per_year": (0, 8784)},
    "ss12000__enrolments": {"school_year": YEAR_GROUP},
    "ss12000__grades": {"year": YEAR},
    "ss12000__placements": {"max_weekly_schedule_hours": (0, 168)},
    "ss12000__syllabuses": {
        **all_of(YEAR_GROUP, "start_school_year", "end_school_year"),
        "points": (0, 10_000),
    },
}
# One column holds figures of many measures: what it can hold follows from the measure's unit.
BY_UNIT_OF_MEASURE: dict[str, Bounds] = {
    "percent": SHARE,
    "index_0_10": INDEX,
    "grade_points": POINTS,
    "points": MERIT,
    **all_of(HOWEVER_MANY, "count", "fte", "ratio"),
    **all_of(MONEY, "sek_per_pupil", "sek_thousands"),
}
OF_MANY_MEASURES = {
    "underlag_for_analys__measures": ("xwalk_underlag_for_analys_measures", "source_label", "measure"),
    "planned_educations__statistics": ("xwalk_planned_educations_metrics", "metric", "metric"),
    "kolada__municipality_data": ("ref_kolada_kpis", "kpi_id", "kpi"),
    "kolada__unit_data": ("ref_kolada_kpis", "kpi_id", "kpi"),
}
# Names in the delivery, where they are others; a calendar year has a rule of its own.
DELIVERED_AS = {("scb__population", "population"): "value", ("scb__population", "calendar_year"): "year"}
RULE_OF = {"calendar_year": "not_a_year"}

# A sound row of each source that answers live only.
SOUND = {
    "scb_population": {"region_code": "0380", "sex": "1", "age": "7", "year": "2024", "contents_code": "x"},
    "register_v2": {
        "unit_code": "10000001",
        "municipality_code": "0380",
        "status": "AKTIV",
        "organiser_kind": "Kommunal",
        "latitude": "59.8",
        "longitude": "17.6",
    },
    "kolada_municipality_data": {"period": "2024", "municipality_code": "0380", "gender": "T", "value": "5"},
    "kolada_unit_data": {"period": "2024", "ou": "V15E1", "gender": "T", "value": "5"},
}
_KNOWN_TO_KOLADA = "select 'V15E1' as kolada_unit_id"


@dataclass(frozen=True)
class Changed:
    """A sound row with one cell changed (and, where the measure decides, that of the measure)."""

    cells: dict[str, str]
    expected: str | None


class Judged:
    """A base model on rows of its raw table, each with changed cells."""

    def __init__(self, release, model: str) -> None:
        self._sql = release.compiled(f"base_{model}")
        (self.table,) = set(re.findall(r'"warehouse"\."raw"\."(\w+)"', self._sql)) - {"extracts"}
        self.connection = duckdb.connect()
        self.connection.execute(f"attach '{release.warehouse}' as warehouse (read_only)")
        self.connection.execute(f"create table damaged as from warehouse.raw.{self.table} limit 0")
        self.connection.execute(f"create table kolada_units as {_KNOWN_TO_KOLADA}")
        self.connection.execute(
            f"""
            create table sound as
            select raw.* from warehouse.raw.{self.table} as raw
            semi join (from warehouse.staging.base_{model} where broken_rule is null) as base
                on raw._extract_id = base.extract_id and raw._source_file = base.source_file
                and raw._row_number = base.row_number
            order by raw._extract_id, raw._row_number
            limit 1
            """
        )
        if self.table in SOUND:
            cells = ", ".join(f"'{value}' as {column}" for column, value in SOUND[self.table].items())
            self.connection.execute(f"insert into sound by name select {cells}, 'x' as _extract_id")
        assert self.connection.execute("select count(*) from sound").fetchall() == [(1,)]

    def put(self, changes: list[Changed]) -> None:
        """One row for each change of the sound one."""
        for number, changed in enumerate(changes):
            replaced = ", ".join(f"'{value}' as {name}" for name, value in changed.cells.items())
            self.connection.execute(
                f"insert into damaged select * replace ({replaced}, {number} as _row_number) from sound"
            )

    def broken_rules(self) -> dict[int, str | None]:
        sql = self._sql.replace(f'"warehouse"."raw"."{self.table}"', "damaged").replace(
            '"warehouse"."staging"."stg_kolada__units"', "kolada_units"
        )
        found: list[tuple[int, str | None]] = self.connection.execute(
            f"select row_number, broken_rule from ({sql})"
        ).fetchall()
        return dict(found)


def cases(delivered: str, column: str, bounds: Bounds, **measure: str) -> Iterator[Changed]:
    """Each bound itself, and what lies beyond it."""
    rule = f"{RULE_OF.get(column, 'impossible_value')}:{delivered if column in RULE_OF else column}"
    low, high = (int(bound) for bound in bounds)
    for value, expected in ((low, None), (high, None), (low - 1, rule), (high + 1, rule)):
        yield Changed({delivered: str(value), **measure}, expected)


def verdicts(judged: Judged, changes: list[Changed]) -> list[tuple[dict[str, str], str | None]]:
    """What was changed, with the bound it broke; other rules may well be broken by a value at its bound."""
    found = judged.broken_rules()
    bounds = ("impossible_value", "not_a_year")
    return [
        (changed.cells, rule if (rule := found[number]) and rule.startswith(bounds) else None)
        for number, changed in enumerate(changes)
    ]


@pytest.mark.parametrize("model", BY_COLUMN)
def test_a_value_beyond_the_bounds_of_its_column_sets_the_row_aside(release, model):
    judged = Judged(release, model)
    changes = [
        changed
        for column, bounds in BY_COLUMN[model].items()
        for changed in cases(DELIVERED_AS.get((model, column), column), column, bounds)
    ]
    judged.put(changes)
    assert verdicts(judged, changes) == [(changed.cells, changed.expected) for changed in changes]


@pytest.mark.parametrize("model", OF_MANY_MEASURES)
def test_a_figure_beyond_what_its_unit_of_measure_can_hold_sets_the_row_aside(release, model):
    judged = Judged(release, model)
    seed, key, delivered = OF_MANY_MEASURES[model]
    units = judged.connection.execute(
        f"select unit_of_measure, min({key}) from warehouse.seeds.{seed}"
        " inner join warehouse.seeds.ref_measures using (measure_id) group by all"
    ).fetchall()
    assert {unit for unit, _ in units} <= BY_UNIT_OF_MEASURE.keys()
    assert len(units) > 1
    changes = [
        changed
        for unit, measure in units
        for changed in cases("value", "value", BY_UNIT_OF_MEASURE[unit], **{delivered: measure})
    ]
    judged.put(changes)
    assert verdicts(judged, changes) == [(changed.cells, changed.expected) for changed in changes]


def test_no_numeric_column_of_staging_is_without_bounds(release):
    with duckdb.connect(release.warehouse, read_only=True) as connection:
        numeric = connection.execute(
            """
            select table_name[6:], column_name from duckdb_columns()
            where schema_name = 'staging' and starts_with(table_name, 'base_')
            and not starts_with(table_name, 'base_deliveries__') and column_name <> 'row_number'
            and regexp_matches(data_type, 'INT|DECIMAL|DOUBLE|FLOAT|REAL')
            """
        ).fetchall()
    bounded = {(model, column) for model, columns in BY_COLUMN.items() for column in columns}
    assert set(numeric) == bounded | {(model, "value") for model in OF_MANY_MEASURES}
