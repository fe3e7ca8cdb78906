"""Rows of the municipality's deliveries: what is set aside, and which of several deliveries counts."""

import pandas as pd
import pytest
from own_data_kit import seed, values

UNITS = "select '99990001' as unit_code"
LOG = values("extract_id, received_at", ("x1", "2026-11-01 08:00:00+00"), ("x2", "2026-11-08 08:00:00+00"))
FILES = f"select extract_id, received_at::timestamptz as received_at from ({LOG})"


def raw(columns: str, rows: list[dict[str, str | None]], **ordinary: str) -> str:
    """Raw rows: text, numbered from two, from delivery ``x1`` unless a row says otherwise."""
    names = [name.strip() for name in columns.split(",")]
    listed = [
        (*((ordinary | row).get(name) for name in names), "file.csv", number, row.get("_extract_id", "x1"))
        for number, row in enumerate(rows, start=2)
    ]
    casts = ", ".join(f"{name}::varchar as {name}" for name in names)
    return (
        f"select {casts}, _source_file, _row_number::bigint as _row_number, _extract_id "
        f"from ({values(f'{columns}, _source_file, _row_number, _extract_id', *listed)})"
    )


STAFF = (
    "person_key, unit_code, school_year, role, fte_percent, is_certified, certified_from, experience_years, "
    "is_first_teacher, sick_leave_days, working_days, employed_from, employed_to, municipality_code"
)


def staff(*rows: dict[str, str | None]) -> str:
    return raw(
        STAFF,
        list(rows),
        person_key="t1",
        unit_code="99990001",
        school_year="2025/26",
        role="larare",
        fte_percent="80",
        is_certified="true",
        municipality_code="9999",
    )


def rules(found: pd.DataFrame) -> list[str | None]:
    return [None if pd.isna(rule) else rule for rule in found.sort_values("row_number")["broken_rule"]]


@pytest.fixture
def parse(run_models):
    def run(model: str, kind: str, rows: str, **more: str) -> pd.DataFrame:
        return run_models(
            [f"base_deliveries__{kind}", *([model] if model.startswith("stg") else [])],
            **{f"delivery_{kind}": rows, "delivery_files": FILES, **more},
        )

    return run


@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        ({}, None),
        ({"unit_code": "99999999"}, "unknown_unit:unit_code"),
        ({"fte_percent": "halvtid"}, "unreadable:fte_percent"),
        ({"employed_from": "2025-13-01"}, "unreadable:employed_from"),
        ({"employed_from": "2025-09-01", "employed_to": "2025-08-31"}, "dates_reversed:employed_to"),
        ({"employed_from": "2025-09-01", "employed_to": "2025-09-01"}, None),
        ({"sick_leave_days": "11", "working_days": "10"}, "part_exceeds_whole:sick_leave_days"),
        ({"sick_leave_days": "10", "working_days": "10"}, None),
        ({"sick_leave_days": "11"}, None),  # of how many is not known
        ({"is_certified": None, "experience_years": ""}, None),  # not known is no error
    ],
)
def test_a_post_is_set_aside_with_the_rule_it_breaks(parse, cells, rule):
    found = parse("base", "staff", staff(cells), stg_deliveries__known_units=UNITS)
    assert rules(found) == [rule]


def test_empty_cells_are_null_and_not_zero_or_no(parse):
    post = staff({"is_certified": "", "experience_years": "", "sick_leave_days": None})
    found = parse("base", "staff", post, stg_deliveries__known_units=UNITS)
    assert found[["is_certified", "experience_years", "sick_leave_days"]].isna().all(axis=None)


def test_the_latest_delivery_of_a_post_wins(parse):
    rows = staff(
        {"fte_percent": "50", "_extract_id": "x2"},
        {"fte_percent": "80", "_extract_id": "x1"},
        {"person_key": "t2", "fte_percent": "60", "_extract_id": "x1"},
    )
    found = parse("stg_deliveries__staff", "staff", rows, stg_deliveries__known_units=UNITS)
    assert found.set_index("person_key")["fte_percent"].astype(float).to_dict() == {"t1": 50, "t2": 60}


def test_an_unsound_later_row_does_not_take_the_place_of_a_sound_one(parse):
    rows = staff({"fte_percent": "80"}, {"fte_percent": "halvtid", "_extract_id": "x2"})
    found = parse("stg_deliveries__staff", "staff", rows, stg_deliveries__known_units=UNITS)
    assert found["fte_percent"].astype(float).to_list() == [80]


@pytest.mark.parametrize(
    ("day", "rule"), [("2025-10-31", None), ("2026-07-01", "outside_school_year:forecast_on")]
)
def test_a_forecast_lies_in_its_school_year(parse, day, rule):
    columns = "person_key, unit_code, school_year, year_group, forecast_on, subject_code, forecast_grade"
    row = raw(
        columns,
        [{"forecast_on": day}],
        person_key="p1",
        unit_code="99990001",
        school_year="2025/26",
        year_group="9",
        subject_code="ma",
        forecast_grade="c",
    )
    found = parse("base", "grade_forecasts", row, stg_deliveries__known_units=UNITS)
    assert rules(found) == [rule]
    assert found[["subject_code", "forecast_grade"]].to_numpy().tolist() == [["MA", "C"]]


@pytest.mark.parametrize(
    ("outcome", "day", "rule"),
    [
        ("examen", "2026-06-11", None),
        ("examen", None, "outcome_without_date:outcome_on"),
        ("pagar", None, None),
        ("avbrott", "2023-06-30", "dates_reversed:outcome_on"),
    ],
)
def test_an_outcome_has_a_day_after_the_start(parse, outcome, day, rule):
    columns = "person_key, unit_code, programme_code, programme_kind, start_year, outcome, outcome_on"
    row = raw(
        columns,
        [{"outcome": outcome, "outcome_on": day}],
        person_key="p1",
        unit_code="99990001",
        programme_code="na",
        programme_kind="hogskoleforberedande",
        start_year="2023",
    )
    found = parse("base", "upper_secondary_outcomes", row, stg_deliveries__known_units=UNITS)
    assert rules(found) == [rule]


def test_school_forms_are_put_in_the_words_of_the_warehouse(parse):
    rows = raw(
        "school_year, school_form, pool_kronor, missing_index_rule",
        [{"school_form": "fklass"}, {"school_form": "gr"}, {"school_form": "komvux"}],
        school_year="2025/26",
        pool_kronor="1000.50",
        missing_index_rule="medelvarde",
    )
    found = parse("base", "structural_pools", rows, ref_school_forms=seed("ref_school_forms"))
    assert rules(found) == [None, None, "unknown_school_form:school_form"]
    assert found.sort_values("row_number")["school_form"].to_list()[:2] == ["fsk", "gr"]


def test_background_not_answered_is_unknown(parse):
    columns = (
        "person_key, school_year, parents_education, foreign_background, newly_arrived, newly_immigrated"
    )
    rows = raw(
        columns,
        [{"foreign_background": ""}, {"person_key": "p2", "foreign_background": "false"}],
        person_key="p1",
        school_year="2025/26",
        parents_education="okand",
        newly_arrived="true",
    )
    found = parse("base", "background", rows).set_index("person_key")["foreign_background"]
    assert pd.isna(found["p1"])
    assert found["p2"] is False or found["p2"] == False  # noqa: E712
