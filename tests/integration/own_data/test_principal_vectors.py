"""How long principals stay."""

import json

import pandas as pd
import pytest
from own_data_kit import VECTORS, seed, values

EXPECTED = json.loads((VECTORS / "principal_expected.json").read_text(encoding="utf-8"))
NO_SUCCESSIONS = "select '' as unit_key, '' as current_unit_key where false"


def principals(rows: str) -> str:
    """Rows of (unit, autumn year, principal or null) as the model reads them."""
    return (
        "select unit as unit_key, year || '/' || lpad(((year + 1) % 100)::varchar, 2, '0') as school_year, "
        f"principal as person_key from ({rows})"
    )


def vector() -> str:
    return principals(f"select * from read_csv('{VECTORS / 'principal_input.csv'}')")


def written(*rows: tuple[str, int, str | None]) -> str:
    return principals(values("unit, year, principal", *rows))


@pytest.fixture
def tenure(run_models):
    def run(principals: str, successions: str = NO_SUCCESSIONS) -> pd.DataFrame:
        return run_models(
            ["int_staffing__principal_tenure"],
            int_staffing__principals=principals,
            int_units__succeeded=successions,
            thr_principal=seed("thr_principal"),
        ).set_index(["unit_key", "school_year"])

    return run


def test_principals_over_five_school_years_and_the_flag(tenure):
    found = tenure(vector())
    for row in EXPECTED["per_unit"]:
        latest = found.loc[(row["unit"], "2024/25")]
        assert latest["n_principals_in_window"] == row["n_distinct_5y"], row
        assert latest["years_observed"] == row["years_observed"], row
        assert latest["is_high_turnover"] == row["high_turnover"], row


def test_how_many_are_still_there_a_year_later(tenure):
    found = tenure(vector()).reset_index()
    judged = found[found["n_still_there_after_1_years"].notna() & (found["n_principals"] > 0)]
    sums = judged.groupby("school_year")[["n_principals", "n_still_there_after_1_years"]].sum()
    expected = {
        f"{row['year']}/{row['year'] + 1 - 2000}": (row["n"], row["stayed"])
        for row in EXPECTED["retention_1y"]
    }
    assert {year: tuple(row) for year, row in sums.astype(int).iterrows()} == expected


def test_the_last_year_is_not_judged(tenure):
    assert tenure(vector()).xs("2024/25", level=1)["n_still_there_after_1_years"].isna().all()


def test_a_vacant_year_is_no_principal(tenure):
    found = tenure(vector()).loc[("D", "2024/25")]
    assert found["is_vacant"]
    assert found["n_principals"] == 0
    assert found["n_principals_in_window"] == 1


def test_a_unit_with_a_new_code_keeps_its_principal(tenure):
    rows = written(("OLD", 2023, "r1"), ("OLD", 2024, "r1"), ("NEW", 2025, "r1"))
    bridged = tenure(rows, "select 'OLD' as unit_key, 'NEW' as current_unit_key")
    assert bridged.loc[("OLD", "2024/25"), "n_still_there_after_1_years"] == 1
    assert bridged.loc[("NEW", "2025/26"), "years_observed"] == 3
    loose = tenure(rows)
    assert pd.isna(loose.loc[("OLD", "2024/25"), "n_still_there_after_1_years"])


def test_five_years_later_counts_the_fifth_year_and_not_the_way_there(tenure):
    away = written(*(("A", year, "r1" if year in (2019, 2024) else "r2") for year in range(2019, 2025)))
    found = tenure(away).loc[("A", "2019/20")]
    assert found["n_still_there_after_5_years"] == 1
    assert found["n_still_there_after_1_years"] == 0
    assert found["n_still_there_after_3_years"] == 0


def test_the_window_forgets_the_sixth_year(tenure):
    found = tenure(written(*(("A", year, f"r{year}" if year < 2021 else "r") for year in range(2019, 2025))))
    assert found.loc[("A", "2023/24"), "n_principals_in_window"] == 3
    assert found.loc[("A", "2024/25"), "n_principals_in_window"] == 2
    assert not found.loc[("A", "2024/25"), "is_high_turnover"]


def test_a_year_not_delivered_is_not_a_departure(tenure):
    found = tenure(written(("A", 2022, "r1"), ("A", 2024, "r1")))
    assert pd.isna(found.loc[("A", "2022/23"), "n_still_there_after_1_years"])
