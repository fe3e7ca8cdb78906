"""Structural compensation: index to kronor, exact to the krona."""

import json

import pytest
from own_data_kit import VECTORS, values

EXPECTED = json.loads((VECTORS / "struct_expected.json").read_text(encoding="utf-8"))
COLUMNS = "unit_code, pupils, index_value"
POOL = EXPECTED["params"]["structural_pool_kr"]


def need(rows: str) -> str:
    return (
        "select unit_code, '2025/26' as school_year, 'gr' as school_form, cast(pupils as integer) as pupils, "
        f"cast(index_value as decimal(9, 4)) as index_value from ({rows})"
    )


def vector() -> str:
    return need(
        'select unit as unit_code, pupils, "index" as index_value '
        f"from read_csv('{VECTORS / 'struct_input.csv'}')"
    )


def pool(kronor: str) -> str:
    return (
        "select '2025/26' as school_year, 'gr' as school_form, 'medelvarde' as missing_index_rule, "
        f"cast({kronor} as decimal(18, 2)) as pool_kronor"
    )


@pytest.fixture
def allocate(run_models):
    def run(units: str, kronor: int | str = POOL):
        found = run_models(
            ["int_resources__structural_allocated"],
            stg_deliveries__socioeconomic_index=units,
            stg_deliveries__structural_pools=pool(str(kronor)),
        )
        return found.set_index("unit_key")

    return run


def test_every_unit_gets_its_kronor_exactly(allocate):
    assert allocate(vector())["calculated_kronor"].to_dict() == EXPECTED["structural_kr"]


def test_whole_kronor_are_the_amount_rounded_up_or_down(allocate):
    kronor = allocate(vector())["calculated_kronor"]
    for unit, exact in EXPECTED["structural_exact"].items():
        assert abs(kronor[unit] - exact) < 1


def test_parts_add_up_to_the_pool(allocate):
    parameters, checks = EXPECTED["params"], EXPECTED["checks"]
    assert round(parameters["total_budget_kr"] * parameters["structural_share"]) == POOL
    assert allocate(vector())["calculated_kronor"].sum() == POOL == checks["sum_structural"]


def test_the_base_amount_by_pupils_alone_is_exact_too(allocate):
    checks = EXPECTED["checks"]
    found = allocate(vector(), checks["sum_base"])["equal_share_kronor"]
    assert found.to_dict() == EXPECTED["base_kr"]
    assert found.sum() + POOL == checks["sum_total"]


def test_a_missing_index_is_the_pupil_weighted_mean_and_flagged(allocate):
    found = allocate(vector())
    assert found["index_used"].dropna().to_dict() == pytest.approx(EXPECTED["index_used"])
    assert found.loc["G", "index_used"] == pytest.approx(EXPECTED["weighted_mean_index"])
    assert found.loc["G", "is_index_missing"]
    assert not found.loc["A", "is_index_missing"]


def test_no_pupils_no_money_and_no_index_used(allocate):
    found = allocate(vector()).loc["F"]
    assert found["calculated_kronor"] == 0
    assert found["index_used"] != found["index_used"]


def test_kronor_per_pupil_follow_the_index_and_not_the_organiser(allocate):
    found = allocate(vector())
    per_pupil = (found["calculated_kronor"] / found["n_pupils"]).dropna()
    expected = {unit: value for unit, value in EXPECTED["per_pupil_structural"].items() if value is not None}
    assert per_pupil.to_dict() == pytest.approx(expected)
    for ratio in ("proportionality_B_over_A", "expected_ratio"):
        assert per_pupil["B"] / per_pupil["A"] == pytest.approx(EXPECTED["checks"][ratio], rel=1e-6)
    twins = allocate(need(values(COLUMNS, ("K", 95, 100), ("P", 95, 100), ("X", 10, 0))), 1000)
    assert twins["calculated_kronor"].to_dict() == {"K": 500, "P": 500, "X": 0}


def test_ties_go_to_the_first_unit(allocate):
    found = allocate(need(values(COLUMNS, ("B", 1, 100), ("A", 1, 100), ("C", 1, 100))), 100)
    assert found["calculated_kronor"].to_dict() == {"A": 34, "B": 33, "C": 33}


def test_nobody_has_an_index_everybody_has_the_same(allocate):
    found = allocate(need(values(COLUMNS, ("A", 3, None), ("B", 1, None))), 100)
    assert found["calculated_kronor"].to_dict() == {"A": 75, "B": 25}


def test_without_a_pool_nothing_is_calculated(run_models):
    found = run_models(
        ["int_resources__structural_allocated"],
        stg_deliveries__socioeconomic_index=vector(),
        stg_deliveries__structural_pools=pool("1") + " where false",
    )
    assert found["calculated_kronor"].isna().all()


def test_billions_and_thousands_of_units_still_add_up(allocate):
    many = need(
        "select 'U' || n as unit_code, 1 + n % 900 as pupils, 40 + n % 211 as index_value "
        "from range(3000) as numbers(n)"
    )
    found = allocate(many, 99_999_999_999)
    assert found["calculated_kronor"].sum() == 99_999_999_999
    assert found["equal_share_kronor"].sum() == 99_999_999_999
