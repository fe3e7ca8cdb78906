"""The readers on the recorded open data the project ships: every file, with its known counts."""

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from dagster_project.lib.answers import Answer
from dagster_project.lib.readers import EMPTY_TABLES, READERS, ReadResult

SKOLVERKET = Path(__file__).parents[3] / "sample_data" / "skolverket"
PLANNED = SKOLVERKET / "planned_educations"


def read(table: str, *answers: Answer) -> ReadResult:
    result = READERS[table](answers)
    assert result.table.schema == EMPTY_TABLES[table]
    return result


def delivered(path: Path) -> Answer:
    return Answer(path.name, path.read_bytes())


def counts(column: pa.ChunkedArray) -> dict[str, int]:
    return {entry["values"]: entry["counts"] for entry in pc.value_counts(column).to_pylist()}


def recorded(name: str) -> list[Answer]:
    with gzip.open(PLANNED / name, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    return [Answer(record["url"], json.dumps(record["json"]).encode()) for record in records]


@pytest.mark.parametrize(
    ("table", "name", "period", "rows"),
    [
        ("siris_final_grades_y9", "slutbetyg_ak9_2025_skolenhet", "2024/25", 1714),
        ("siris_grades_y6", "betyg_ak6_2020_kommun", "2019/20", 762),
        ("siris_grades_y6", "betyg_ak6_2021_kommun", "2020/21", 759),
        ("siris_grades_y6", "betyg_ak6_2022_kommun", "2021/22", 763),
        ("siris_grades_y6", "betyg_ak6_2023_kommun", "2022/23", 763),
        ("siris_grades_y6", "betyg_ak6_2024_kommun", "2023/24", 761),
        ("siris_grades_y6", "betyg_ak6_2025_kommun", "2024/25", 761),
        ("siris_pupils", "elever_per_ak_2020_kommun", "2020/21", 779),
        ("siris_pupils", "elever_per_ak_2021_kommun", "2021/22", 780),
        ("siris_pupils", "elever_per_ak_2022_kommun", "2022/23", 777),
        ("siris_pupils", "elever_per_ak_2023_kommun", "2023/24", 778),
        ("siris_pupils", "elever_per_ak_2024_kommun", "2024/25", 778),
        ("siris_teachers", "personal_legitimation_2020_kommun", "2020/21", 767),
        ("siris_teachers", "personal_legitimation_2021_kommun", "2021/22", 767),
        ("siris_teachers", "personal_legitimation_2022_kommun", "2022/23", 770),
        ("siris_teachers", "personal_legitimation_2023_kommun", "2023/24", 770),
        ("siris_teachers", "personal_legitimation_2024_kommun", "2024/25", 769),
        ("siris_national_tests_y9", "np9_per_kon_2018_kommun", "2017/18", 2036),
        ("siris_national_tests_y9", "np9_per_kon_2019_kommun", "2018/19", 2764),
        ("siris_national_tests_y9", "np9_per_kon_2022_kommun", "2021/22", 2798),
        ("siris_national_tests_y9", "np9_per_kon_2023_kommun", "2022/23", 2785),
        ("siris_national_tests_y9", "np9_per_kon_2024_kommun", "2023/24", 2792),
        ("siris_eligibility_y9", "siris155_behorighet_2024_25_kommun", "2024/25", 2139),
        ("siris_costs", "kostnader_gr_2024_kommun", "2024", 290),
        ("siris_costs", "kostnader_gy_2023_kommun", "2023", 299),
    ],
)
def test_siris_files_are_read_whole(table: str, name: str, period: str, rows: int) -> None:
    result = read(table, delivered(SKOLVERKET / "siris" / f"{name}.csv"))
    assert (result.delivered, result.table.num_rows, result.duplicates) == (rows, rows, 0)
    assert result.notes == []
    assert set(result.table.columns[0].to_pylist()) == {period}
    codes = pc.drop_null(pc.unique(result.table["municipality_code"]))
    # One municipality has no row in the national tests of 2018/19.
    assert len(codes) == (289 if name == "np9_per_kon_2019_kommun" else 290)


def test_thirty_two_units_in_uppsala_have_final_grades() -> None:
    table = read(
        "siris_final_grades_y9", delivered(SKOLVERKET / "siris" / "slutbetyg_ak9_2025_skolenhet.csv")
    ).table
    assert pc.sum(pc.equal(table["municipality_code"], "0380")).as_py() == 32
    assert pc.count_distinct(table["unit_code"]).as_py() == 1714


def test_federations_of_municipalities_have_no_municipality_code() -> None:
    table = read("siris_costs", delivered(SKOLVERKET / "siris" / "kostnader_gy_2023_kommun.csv")).table
    assert table["municipality_code"].null_count == 9


def test_the_national_table_has_all_levels_and_measures() -> None:
    result = read(
        "ufa_measures",
        delivered(SKOLVERKET / "underlag_for_analys" / "skolverket_ufa_grundskola_2024_25.xlsx"),
    )
    assert result.table.num_rows == result.delivered == 5992 * 49
    assert pc.count_distinct(result.table["level_label"]).as_py() == 5992
    assert pc.count_distinct(result.table["measure"]).as_py() == 49
    assert result.table["value"].null_count == 0
    uppsala = pc.unique(result.table["level_label"]).to_pylist()
    assert sum(label.startswith("UPPSALA KOMMUN (") for label in uppsala) == 59
    found = counts(result.table["value"])
    assert [found[symbol] for symbol in (".", "..", "...", "-")] == [137605, 25225, 12262, 3243]


def test_statistics_of_all_units_are_read() -> None:
    answers = recorded("pe_v4_statistics_gr_recorded.ndjson.gz")
    assert len(answers) == 1674
    result = read("pe_statistics", *answers)
    assert result.table.num_rows == result.delivered == 87386
    assert pc.count_distinct(result.table["unit_code"]).as_py() == 1674
    assert counts(result.table["value_type"]) == {
        "EXISTS": 65704,
        "OMITTED_DUE_TO_BASED_ON_FEW_PUPILS": 9530,
        "MISSING": 7663,
        "ROUNDED_OFF_DUE_TO_FEW_PUPILS_NOT_ELIGIBLE": 3366,
        "TEACHERS_EXCLUDED_DUE_TO_NO_REQUIRED_LEGITIMATION": 1123,
    }


def test_list_pages_and_details_are_of_the_same_units() -> None:
    answers = recorded("pe_v4_school_units_recorded.ndjson.gz")
    pages = [answer for answer in answers if "?" in answer.address]
    details = [answer for answer in answers if "?" not in answer.address]
    listed = read("pe_school_units", *pages)
    detailed = read("pe_school_unit_details", *details)
    assert (len(pages), listed.table.num_rows, detailed.table.num_rows) == (29, 432, 432)
    assert set(listed.table["unit_code"].to_pylist()) == set(detailed.table["unit_code"].to_pylist())


def test_tabulated_salsa_and_survey_are_read_whole() -> None:
    salsa = read("pe_salsa", delivered(PLANNED / "salsa_2024_25.csv"))
    assert salsa.table.num_rows == salsa.delivered == 1487
    survey = read("pe_survey", delivered(PLANNED / "skolenkaten_elever_2026.csv"))
    assert survey.table.num_rows == survey.delivered == 3046 * 5
    assert set(survey.table["respondent"].to_pylist()) == {"elever_gr", "vardnadshavare_gr"}


@pytest.mark.parametrize(
    ("file", "form", "rows", "shifted", "uppsala"),
    [
        ("grundskola", "gr", 4894, 0, 81),
        ("grundsarskola", "gran", 738, 0, 10),
        # One row has a cell too many in the middle and one too few at its end.
        ("gymnasieskola", "gy", 1330, 1, 24),
        ("gymnasiesarskola", "gyan", 262, 0, 5),
    ],
)
def test_the_register_of_2020_is_read_whole(
    file: str, form: str, rows: int, shifted: int, uppsala: int
) -> None:
    path = SKOLVERKET / "skolenhetsregistret" / f"skolenhetsregistret_2020-06-01_{file}.csv"
    result = read("register_2020", delivered(path))
    assert (result.delivered, result.table.num_rows) == (rows, rows - shifted)
    assert result.rejected["rule"].to_pylist() == ["offer_mark"] * shifted
    assert set(result.table["school_form"].to_pylist()) == {form}
    assert pc.sum(pc.equal(result.table["municipality_code"], "0380")).as_py() == uppsala
