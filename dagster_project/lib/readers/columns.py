"""The columns of every raw table, in order: the contract between the readers and dbt's sources."""

from typing import Final

import pyarrow as pa

from dagster_project.lib.deliveries.catalogue import RAW_COLUMNS
from dagster_project.lib.ss12000.tables import SS12000_COLUMNS

_MUNICIPALITY: Final = (
    "municipality_name",
    "municipality_code",
    "county_name",
    "county_code",
    "organiser_kind",
)
_TEST_GROUPS: Final = ("all", "girls", "boys")

# Every one of these holds text as delivered; `_source_file` and `_row_number` follow them in each table.
COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "siris_final_grades_y9": (
        "school_year",
        "unit_name",
        "unit_code",
        "municipality_name",
        "municipality_code",
        "organiser_kind",
        "organiser_name",
        "organiser_number",
        "pupils",
        "passed_all_subjects_share",
        "eligible_vocational_share",
        "merit_value_17",
    ),
    "siris_grades_y6": (
        "school_year",
        *_MUNICIPALITY,
        "pupils",
        "subject_grades_mean",
        "passed_all_subjects_share",
        "failed_one_subject_share",
        "failed_several_subjects_share",
    ),
    "siris_pupils": (
        "school_year",
        *_MUNICIPALITY,
        "girls_share",
        "foreign_background_share",
        "parents_higher_education_share",
        *(f"pupils_y{year}" for year in range(1, 10)),
        "pupils_y1_9",
    ),
    "siris_teachers": (
        "school_year",
        *_MUNICIPALITY,
        "teachers_fte",
        "certified_fte",
        "certified_fte_share",
        "first_teachers_fte",
        "teachers_heads",
        "certified_heads",
        "certified_heads_share",
        "first_teachers_heads",
    ),
    "siris_national_tests_y9": (
        "school_year",
        *_MUNICIPALITY,
        "subject",
        *(f"participated_share_{group}" for group in _TEST_GROUPS),
        *(f"pupils_{group}" for group in _TEST_GROUPS),
        *(f"passed_share_{group}" for group in _TEST_GROUPS),
        *(f"points_mean_{group}" for group in _TEST_GROUPS),
    ),
    "siris_eligibility_y9": (
        "school_year",
        *_MUNICIPALITY,
        "sex",
        "pupils",
        "eligible_vocational_share",
        "eligible_arts_share",
        "eligible_social_share",
        "eligible_science_share",
    ),
    "siris_costs": (
        "calendar_year",
        "school_form",
        *_MUNICIPALITY,
        "pupils_mean",
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
    "ufa_measures": ("school_year", "level_label", "measure", "value"),
    "pe_school_units": (
        "unit_code",
        "unit_name",
        "municipality_code",
        "organiser_kind",
        "abroad_school",
        "types_of_schooling",
    ),
    "pe_school_unit_details": (
        "unit_code",
        "unit_name",
        "municipality_code",
        "organiser_kind",
        "organiser_number",
        "organiser_name",
        "latitude",
        "longitude",
        "sweref_n",
        "sweref_e",
        "abroad_school",
        "types_of_schooling",
    ),
    "pe_statistics": (
        "unit_code",
        "school_form",
        "programme_code",
        "metric",
        "time_period",
        "value",
        "value_type",
    ),
    "pe_salsa": (
        "unit_code",
        "municipality_code",
        "time_period",
        "merit_actual",
        "merit_expected",
        "merit_deviation",
        "passed_actual",
        "passed_expected",
        "passed_deviation",
        "newly_immigrated_share",
        "boys_share",
        "parents_education_score",
    ),
    "pe_survey": ("unit_code", "respondent", "semester", "grade", "index_name", "value", "answers"),
    "register_2020": (
        "school_form",
        "organiser_kind",
        "organiser_number",
        "organiser_name",
        "county_code",
        "county_name",
        "municipality_code",
        "municipality_name",
        "unit_code",
        "unit_name",
        "offers",
        "pupils_by_group",
        "legal_form",
    ),
    "register_v2": (
        "unit_code",
        "unit_name",
        "status",
        "municipality_code",
        "school_types",
        "year_groups",
        "organiser_number",
        "organiser_name",
        "organiser_kind",
        "unit_type",
        "latitude",
        "longitude",
        "start_date",
        "end_date",
    ),
    "kolada_kpis": ("kpi", "title", "description", "is_divided_by_gender", "has_ou_data"),
    "kolada_municipality_data": ("kpi", "period", "municipality_code", "gender", "value", "status", "count"),
    "kolada_unit_data": ("kpi", "period", "ou", "gender", "value", "status", "count"),
    "kolada_units": ("ou", "title", "municipality_code"),
    "kolada_municipality_groups": ("group_id", "group_title", "municipality_code", "municipality_title"),
    "scb_population": ("region_code", "region_name", "sex", "age", "year", "contents_code", "value"),
    **RAW_COLUMNS,
    **SS12000_COLUMNS,
}


def _schema(columns: tuple[str, ...]) -> pa.Schema:
    text = [pa.field(name, pa.string()) for name in columns]
    return pa.schema([*text, pa.field("_source_file", pa.string()), pa.field("_row_number", pa.int64())])


EMPTY_TABLES: Final[dict[str, pa.Schema]] = {table: _schema(columns) for table, columns in COLUMNS.items()}

REJECTED: Final[pa.Schema] = pa.schema(
    [
        pa.field("_source_file", pa.string()),
        pa.field("_row_number", pa.int64()),
        pa.field("rule", pa.string()),
        pa.field("reason", pa.string()),
    ]
)
