"""Throughput of upper secondary school: diplomas within three, four and five years of all who started."""

import json

import pandas as pd
import pytest
from own_data_kit import VECTORS, values

EXPECTED = json.loads((VECTORS / "transition_expected.json").read_text(encoding="utf-8"))["throughput"]
KIND = {"SA": "hogskoleforberedande", "BF": "yrkes", "IM": "introduktion"}
NOBODY = "select '' as person_key, '' as unit_key, '2019/20' as school_year where false"
NO_PERSONS = "select '' as person_key, false as is_protected where false"


def pupils(rows: str) -> str:
    """Rows of (pupil, programme, start year, outcome, day) as delivered at one unit."""
    return (
        "select pupil as person_key, '99990041' as unit_code, programme as programme_code, "
        "case programme when 'SA' then 'hogskoleforberedande' when 'BF' then 'yrkes' else 'introduktion' end "
        "as programme_kind, start_year::integer as start_year, outcome, outcome_on::date as outcome_on "
        f"from ({rows})"
    )


def vector() -> str:
    # The template has no word for who died or emigrated: they have left. Diplomas are given in June.
    return pupils(
        "select pupil, start_program as programme, start_year, "
        "case outcome when 'exam' then 'examen' when 'studiebevis2500' then 'studiebevis' "
        "when 'died_or_emigrated' then 'avbrott' else 'pagar' end as outcome, "
        "case when outcome_year is not null then make_date(outcome_year::integer, 6, 10) end as outcome_on "
        f"from read_csv('{VECTORS / 'throughput_input.csv'}')"
    )


def written(*rows: tuple[str, str, int, str, str | None]) -> str:
    return pupils(values("pupil, programme, start_year, outcome, outcome_on", *rows))


@pytest.fixture
def throughput(run_models):
    def run(delivered: str, enrolled: str = NOBODY) -> pd.DataFrame:
        found = run_models(
            ["int_outcomes__upper_secondary", "int_outcomes__throughput"],
            stg_deliveries__upper_secondary_outcomes=delivered,
            int_persons__october=enrolled,
            int_persons__identified=NO_PERSONS,
        )
        return found.set_index(
            ["start_year", "programme_code", "programme_kind", "within_years"]
        ).sort_index()

    return run


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda row: row["start_program"] or "all")
def test_the_cohort_of_the_vector(throughput, expected):
    found = throughput(vector())
    programme = expected["start_program"] or "all"
    kind = KIND.get(programme, "all")
    of = {years: found.loc[(2019, programme, kind, years)] for years in (3, 4, 5)}
    assert of[3]["n_started"] == expected["n_start"]
    assert [of[years]["n_diploma"] for years in (3, 4, 5)] == [expected[f"ex{years}"] for years in (3, 4, 5)]
    assert of[3]["n_completed"] == expected["completed3"]


def test_a_cohort_without_its_years_is_null_and_not_zero(throughput):
    found = throughput(written(("g1", "SA", 2023, "pagar", None), ("g2", "SA", 2021, "examen", "2024-06-10")))
    assert not found.loc[(2023, "all", "all", 3), "is_judged"]
    assert pd.isna(found.loc[(2023, "all", "all", 3), "n_diploma"])
    assert found.loc[(2021, "all", "all", 3), "n_diploma"] == 1
    assert pd.isna(found.loc[(2021, "all", "all", 4), "n_diploma"])


def test_a_judged_cohort_without_diplomas_is_zero_and_not_null(throughput):
    found = throughput(written(("g1", "SA", 2021, "pagar", None), ("g2", "BF", 2021, "examen", "2024-06-10")))
    assert found.loc[(2021, "SA", "hogskoleforberedande", 3), "n_diploma"] == 0


def test_an_autumn_diploma_belongs_to_the_next_year(throughput):
    found = throughput(
        written(("g1", "SA", 2019, "examen", "2022-12-20"), ("g2", "SA", 2019, "examen", "2023-06-10"))
    )
    assert found.loc[(2019, "all", "all", 3), "n_diploma"] == 0
    assert found.loc[(2019, "all", "all", 4), "n_diploma"] == 2


def test_of_two_programmes_in_a_year_the_one_of_15_october_counts(throughput):
    changed = written(
        ("g1", "BF", 2019, "avbrott", "2019-09-20"),
        ("g1", "SA", 2019, "examen", "2022-06-10"),
    )
    found = throughput(changed)
    assert found.loc[(2019, "all", "all", 3), "n_started"] == 1
    assert found.loc[(2019, "SA", "hogskoleforberedande", 3), "n_diploma"] == 1


def test_who_leaves_after_15_october_stays_in_the_programme_begun(throughput):
    left_late = written(
        ("g1", "BF", 2019, "avbrott", "2020-03-01"), ("g2", "BF", 2019, "examen", "2022-06-10")
    )
    found = throughput(left_late).loc[(2019, "BF", "yrkes", 3)]
    assert (found["n_started"], found["n_diploma"], found["n_left"]) == (2, 1, 1)
