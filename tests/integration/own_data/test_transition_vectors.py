"""From one 15 October to the next, and the snapshots it rests on."""

import json

import pandas as pd
import pytest
from own_data_kit import VECTORS, values

EXPECTED = json.loads((VECTORS / "transition_expected.json").read_text(encoding="utf-8"))
NO_SUCCESSIONS = "select '' as unit_key, '' as current_unit_key where false"


def october(rows: str) -> str:
    """Rows of (pupil, year, grade, unit[, form[, code]]) of a snapshot; F is preschool class."""
    return (
        "select pupil as person_key, "
        "year || '/' || lpad(((year + 1) % 100)::varchar, 2, '0') as school_year, unit as unit_key, form "
        "as school_form, "
        "case when grade = 'F' then 0 else grade::integer end as year_group, code as education_code "
        f"from ({rows})"
    )


def vector() -> str:
    return october(
        "select *, case when grade = 'F' then 'fsk' else 'gr' end as form, null::varchar as code "
        f"from read_csv('{VECTORS / 'transition_input.csv'}', types={{'grade': 'varchar'}})"
    )


def written(*rows: tuple[str, int, str, str, str, str | None]) -> str:
    return october(values("pupil, year, grade, unit, form, code", *rows))


@pytest.fixture
def transitions(run_models):
    def run(rows: str, successions: str = NO_SUCCESSIONS) -> pd.DataFrame:
        return run_models(
            ["int_persons__transitions"], int_persons__october=rows, int_units__succeeded=successions
        ).set_index(["person_key", "school_year"])

    return run


def test_the_transitions_of_the_vector(transitions):
    found = transitions(vector()).reset_index()
    found["kind"] = found["transition"].map(
        {
            "promoted_same_unit": "same_unit",
            "promoted_other_unit": "moved",
            "repeated": "repeated",
            "left_or_gap": "left_or_gap",
        }
    )
    counted = [
        {
            "year": int(year[:4]),
            "grade": "F" if grade == 0 else str(grade),
            "n": len(rows),
            **{
                kind: int((rows["kind"] == kind).sum())
                for kind in ("same_unit", "moved", "repeated", "left_or_gap")
            },
        }
        for (year, grade), rows in found.groupby(["school_year", "year_group"])
    ]
    assert counted == EXPECTED["transitions"]


def test_the_last_october_has_no_next_one_and_no_rows(transitions):
    assert set(transitions(vector()).reset_index()["school_year"]) == {"2021/22", "2022/23", "2023/24"}


def test_a_new_code_of_the_same_unit_is_no_change(transitions):
    rows = written(("p", 2024, "3", "old", "gr", None), ("p", 2025, "4", "new", "gr", None))
    renamed = "select 'old' as unit_key, 'new' as current_unit_key"
    assert transitions(rows, renamed).loc[("p", "2024/25"), "transition"] == "promoted_same_unit"
    assert transitions(rows).loc[("p", "2024/25"), "transition"] == "promoted_other_unit"


def test_a_change_is_forced_when_the_unit_has_nobody_in_the_next_year_group(transitions):
    rows = [
        ("p", 2024, "6", "A", "gr", None), ("p", 2025, "7", "B", "gr", None),
        ("q", 2024, "5", "A", "gr", None), ("q", 2025, "6", "B", "gr", None),
        ("r", 2024, "5", "A", "gr", None), ("r", 2025, "6", "A", "gr", None),
    ]  # fmt: skip
    found = transitions(written(*rows))["is_forced_change"]
    assert found.to_dict() == {("p", "2024/25"): True, ("q", "2024/25"): False, ("r", "2024/25"): False}


def test_a_pupil_who_comes_two_year_groups_further_has_skipped_one(transitions):
    rows = written(("p", 2024, "3", "A", "gr", None), ("p", 2025, "5", "A", "gr", None))
    assert transitions(rows).loc[("p", "2024/25"), "transition"] == "skipped"


def test_upper_secondary_school_follows_year_nine_and_a_new_programme_shows(transitions):
    rows = written(
        ("p", 2023, "9", "A", "gr", None),
        ("p", 2024, "1", "G", "gy", "EK"),
        ("p", 2025, "2", "G", "gy", "SA"),
    )
    found = transitions(rows).sort_index()
    assert found["transition"].tolist() == ["promoted_other_unit", "promoted_same_unit"]
    assert found["is_changed_education"].tolist() == [False, True]
    assert found["is_last_year_group"].tolist() == [True, False]


def test_an_unknown_year_group_is_said_to_be_unknown(transitions):
    rows = written(("p", 2024, "3", "A", "gr", None), ("p", 2025, None, "A", "gr", None))
    assert transitions(rows).loc[("p", "2024/25"), "transition"] == "unknown"


class TestOctober:
    """Snapshots from spells."""

    @pytest.fixture
    def snapshot(self, run_models):
        def run(*spells: tuple[str, str, str, int | None, str, str | None], as_of: str = "2026-11-20") -> set:
            rows = values("person, unit, form, year_group, first, last", *spells)
            found = run_models(
                ["int_persons__october"],
                int_persons__enrolled=(
                    "select person as person_key, unit as unit_key, form as school_form, "
                    "year_group::integer as year_group, null::varchar as education_code, first::date as "
                    "start_date, last::date as end_date, "
                    f"'enrolment' as kind, md5(person || unit || first) as enrolment_key from ({rows})"
                ),
                int_persons__known="select 'p' as person_key, 'female' as sex, false as is_protected",
                stg_ss12000__as_of=f"select date '{as_of}' as as_of_on",
            )
            return {
                (row.school_year, row.unit_key, None if pd.isna(row.year_group) else int(row.year_group))
                for row in found.itertuples()
            }

        return run

    def test_the_day_itself_counts_on_both_ends(self, snapshot):
        assert snapshot(("p", "A", "gr", 4, "2024-10-15", "2024-10-15")) == {("2024/25", "A", 4)}
        assert snapshot(("p", "A", "gr", 4, "2024-10-16", "2025-06-10")) == set()

    def test_an_october_that_has_not_been_is_not_there(self, snapshot):
        spell = ("p", "A", "gr", 4, "2025-07-01", None)
        assert snapshot(spell, as_of="2025-10-14") == set()
        assert snapshot(spell, as_of="2025-10-15") == {("2025/26", "A", 4)}

    def test_an_enrolment_changed_in_place_states_the_year_group_of_its_last_year(self, snapshot):
        assert snapshot(("p", "A", "gr", 4, "2024-08-01", None)) == {
            ("2024/25", "A", 2),
            ("2025/26", "A", 3),
            ("2026/27", "A", 4),
        }

    def test_two_units_at_once_are_both_there(self, snapshot):
        found = snapshot(("p", "A", "gr", 4, "2026-07-01", None), ("p", "B", "gr", 4, "2026-07-01", None))
        assert {unit for _, unit, _ in found} == {"A", "B"}
