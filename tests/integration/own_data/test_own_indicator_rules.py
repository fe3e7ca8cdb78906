"""What the indicators of own data count and what they leave out, on rows written down for it."""

import pandas as pd
import pytest
from own_data_kit import seed, values

IN_NO_AREA = values(
    "unit_key, municipality_code, is_current, school_forms",
    ("a", "9999", True, "gr"),
    ("b", "9999", True, "gr"),
    ("f", "9999", True, "fs"),
)
UNITS = f"select *, null::varchar as area_key from ({IN_NO_AREA})"
IN_AREAS = values(
    "unit_key, municipality_code, area_key, is_current, school_forms",
    ("a", "9999", "9999-north", True, "gr"),
    ("b", "9999", "9999-north", True, "gr"),
    ("c", "9999", None, True, "gr"),
)
AREAS = values("area_key, municipality_code", ("9999-north", "9999"))
NOBODY = (
    "select null::varchar as person_key, null::varchar as school_year, null::varchar as sex,"
    " null::varchar as parents_education, null::varchar as foreign_background,"
    " null::varchar as newly_arrived where false"
)
BACKGROUND = "'unknown' as parents_education, 'unknown' as foreign_background, 'unknown' as newly_arrived"


def figures(found: pd.DataFrame, indicator: str, group: str = "all") -> dict[str, tuple[float, float]]:
    """Numerator and denominator by entity."""
    rows = found[(found["indicator_id"] == f"{indicator}__level") & (found["group_id"] == group)]
    return {
        row.entity_key: (float(row.numerator), float(row.denominator)) for row in rows.itertuples(index=False)
    }


class TestAbsence:
    @pytest.fixture
    def found(self, run_models) -> pd.DataFrame:
        """Pupil p moves from a to b, absent 20 per cent in a and never in b; q was there a short time."""
        columns = (
            "person_key, entity_type, entity_key, offered_minutes, reported_minutes, counted_offered_minutes,"
            " invalid_absence_minutes, absent_minutes, status, is_absent_10, is_absent_15, is_absent_20,"
            " is_absent_50, is_invalid_5"
        )
        rows = (
            ("p", "unit", "a", 1000, 1000, 1000, 50, 200, "ok", True, True, True, False, True),
            ("p", "unit", "b", 1000, 1000, 1000, 0, 0, "ok", False, False, False, False, False),
            ("p", "municipality", "9999", 2000, 2000, 2000, 50, 200, "ok", True, False, False, False, False),
            ("q", "unit", "b", 200, 100, 100, 100, 100, "short_exposure", None, None, None, None, None),
            ("q", "municipality", "9999", 200, 100, 100, 100, 100, "short_exposure", *[None] * 5),
        )
        return run_models(
            ["ind_own_attendance"],
            fct_pupil_attendance_year="select *, '2024/25' as school_year, true as is_made_up"
            f" from ({values(columns, *rows)})",
            dim_pupil_year=f"select 'p' as person_key, '2024/25' as school_year, 'boys' as sex, {BACKGROUND}",
            dim_unit=UNITS,
            dim_area=AREAS,
        )

    def test_who_moves_is_judged_in_each_unit_and_once_in_the_municipality(self, found):
        assert figures(found, "own_absent_15_share") == {"a": (1, 1), "b": (0, 1), "9999": (0, 1)}
        assert figures(found, "own_absent_10_share")["9999"] == (1, 1)

    def test_a_short_time_is_in_the_minutes_and_in_no_band(self, found):
        assert figures(found, "own_absence_rate")["9999"] == (300, 2100)
        assert figures(found, "own_absent_15_share")["b"] == (0, 1)

    def test_who_was_not_there_in_october_is_in_the_unknown_of_every_dimension(self, found):
        for dimension in ("sex", "parents", "background", "newly_arrived"):
            assert "9999" in figures(found, "own_absence_rate", f"{dimension}_unknown")
        assert figures(found, "own_absence_rate", "sex_unknown")["9999"] == (100, 100)
        assert figures(found, "own_absence_rate", "sex_boys")["9999"] == (200, 2000)

    def test_units_behind_the_municipality_are_those_with_somebody_of_the_group(self, found):
        of = found[(found["entity_key"] == "9999") & (found["indicator_id"] == "own_absence_rate__level")]
        assert dict(zip(of["group_id"], of["n_units"], strict=True))["sex_unknown"] == 1
        assert dict(zip(of["group_id"], of["n_units"], strict=True))["all"] == 2


class TestAreas:
    def test_an_area_is_its_units_and_a_unit_without_one_is_in_the_municipality_only(self, run_models):
        moves = values(
            "person_key, unit_key, transition",
            ("p", "a", "promoted_same_unit"),
            ("q", "b", "repeated"),
            ("r", "c", "promoted_same_unit"),
        )
        found = run_models(
            ["ind_own_transitions"],
            fct_transition="select *, 'gr' as school_form, 'gr' as next_school_form,"
            " false as is_forced_change, false as is_last_year_group, '2024/25' as school_year,"
            f" true as is_made_up from ({moves})",
            dim_pupil_year=NOBODY,
            dim_unit=IN_AREAS,
        )
        assert figures(found, "own_continued_same_unit_share") == {
            "a": (1, 1),
            "b": (0, 1),
            "c": (1, 1),
            "9999-north": (1, 2),
            "9999": (2, 3),
        }
        north = found.query("entity_key == '9999-north' and group_id == 'all'")
        assert set(north["entity_type"]) == {"area"}
        assert set(north["municipality_code"]) == {"9999"}
        assert set(north["n_units"]) == {2}

    def test_absence_of_an_area_is_judged_on_all_its_units_together(self, run_models):
        """Pupil p moves from a to b: absent 20 per cent in a, never in b, 10 per cent in both."""
        months = values(
            "person_key, unit_key, absent_minutes", ("p", "a", 6000), ("p", "b", 0), ("q", "c", 6000)
        )
        found = run_models(
            ["fct_pupil_attendance_year", "ind_own_attendance"],
            fct_pupil_attendance_month="select *, '2024/25' as school_year, 30000::bigint as offered_minutes,"
            " 30000::bigint as reported_minutes, 30000::bigint as counted_offered_minutes,"
            " 30000 - absent_minutes as attended_minutes, absent_minutes as valid_absence_minutes,"
            " 0::bigint as invalid_absence_minutes, 0::bigint as other_minutes, 'ok' as status"
            f" from ({months})",
            thr_absence=seed("thr_absence"),
            dim_pupil_year=NOBODY,
            dim_unit=f"select *, true as is_made_up from ({IN_AREAS})",
            dim_area=AREAS,
        )
        assert figures(found, "own_absent_15_share") == {
            "a": (1, 1),
            "b": (0, 1),
            "c": (1, 1),
            "9999-north": (0, 1),
            "9999": (1, 2),
        }
        assert figures(found, "own_absence_rate")["9999-north"] == (6000, 60000)
        behind = found.query("indicator_id == 'own_absence_rate__level' and group_id == 'all'")
        assert dict(zip(behind["entity_key"], behind["n_units"], strict=True)) == {
            "a": 1,
            "b": 1,
            "c": 1,
            "9999-north": 2,
            "9999": 3,
        }


class TestNationalTests:
    @pytest.fixture
    def found(self, run_models) -> pd.DataFrame:
        """Unit a has delivered, unit b has not. Pupil p is delivered in both Swedish subjects."""
        tests = values(
            "person_key, unit_key, year_group, subject_code, test_grade, points",
            ("p", "a", 9, "SV", None, None),
            ("p", "a", 9, "SVA", "E", 30),
            ("q", "a", 9, "SV", "F", 10),
            ("r", "a", 9, "SV", "-", None),
            ("s", "a", 9, "SV", None, None),
            ("t", "a", 3, "MA", None, 40),
            ("u", "a", 3, "MA", None, None),
        )
        october = values(
            "person_key, unit_key, year_group",
            *[(person, "a", 9) for person in "pqrs"],
            *[(person, "a", 3) for person in "tu"],
            ("v", "b", 9),
        )
        at_school = (
            f"'2024/25' as school_year, true as is_made_up, 'gr' as school_form, 'girls' as sex, {BACKGROUND}"
        )
        return run_models(
            ["ind_own_pupils", "ind_own_national_tests"],
            fct_national_test=f"select *, '2024/25' as school_year, true as is_made_up from ({tests})",
            ref_grade_scales=seed("ref_grade_scales"),
            fct_pupil_october=f"select *, {at_school} from ({october})",
            dim_pupil_year=NOBODY,
            dim_unit=UNITS,
        )

    def test_passed_is_of_those_graded_and_no_basis_is_no_grade(self, found):
        assert figures(found, "own_test_passed_swedish_y9") == {"a": (1, 2), "9999": (1, 2)}

    def test_neither_no_basis_nor_an_empty_row_is_a_test_taken(self, found):
        assert figures(found, "own_test_taken_swedish_y9")["a"] == (2, 4)

    def test_a_unit_that_has_delivered_nothing_is_not_there(self, found):
        assert "b" not in figures(found, "own_test_taken_swedish_y9")
        assert figures(found, "own_test_taken_swedish_y9")["9999"] == (2, 4)

    def test_the_coverage_tells_of_the_unit_that_is_not_there(self, found):
        taken = found[found["indicator_id"] == "own_test_taken_swedish_y9__level"]
        assert set(taken.query("entity_key == '9999' and group_id == 'all'")["coverage"]) == {4 / 5}

    def test_nobody_passes_or_fails_in_year_three(self, found):
        assert figures(found, "own_test_taken_maths_y3")["a"] == (1, 2)
        assert not found["indicator_id"].str.contains("passed_maths_y3").any()


class TestEarlySupport:
    @pytest.fixture
    def found(self, run_models) -> pd.DataFrame:
        assessed = values(
            "person_key, unit_key, outcome",
            ("p", "a", "nar_malen"),
            ("q", "a", "risk"),
            ("r", "a", "stodinsats"),
        )
        october = values(
            "person_key, unit_key",
            *[(person, "a") for person in "pqrs"],
            ("v", "b"),
        )
        at_school = (
            "'2025/26' as school_year, true as is_made_up, 'fsk' as school_form, 0 as year_group,"
            f" 'boys' as sex, {BACKGROUND}"
        )
        return run_models(
            ["ind_own_pupils", "ind_own_early_support"],
            fct_early_assessment="select *, 'kartlaggning_forskoleklass' as assessment, 'sprak' as area,"
            f" '2025/26' as school_year, true as is_made_up from ({assessed})",
            fct_pupil_october=f"select *, {at_school} from ({october})",
            dim_pupil_year=NOBODY,
            dim_unit=UNITS,
        )

    def test_in_need_are_those_at_risk_and_those_already_given_support(self, found):
        assert figures(found, "own_language_f_need_share")["a"] == (2, 3)
        assert figures(found, "own_language_f_support_share")["a"] == (1, 3)

    def test_assessed_is_of_those_in_october_where_anything_was_reported(self, found):
        assert figures(found, "own_language_f_assessed_share") == {"a": (3, 4), "9999": (3, 4)}

    def test_mathematics_was_not_reported_and_has_no_row(self, found):
        assert not found["indicator_id"].str.startswith("own_maths").any()


class TestTransitions:
    @pytest.fixture
    def found(self, run_models) -> pd.DataFrame:
        rows = values(
            "person_key, school_form, transition, is_forced_change, is_last_year_group, next_school_form",
            ("p", "gr", "promoted_same_unit", False, False, "gr"),
            ("q", "gr", "promoted_other_unit", False, False, "gr"),
            ("r", "gr", "promoted_other_unit", True, False, "gr"),
            ("s", "gr", "left_or_gap", False, False, None),
            ("t", "gr", "unknown", False, False, "gr"),
            ("u", "gr", "promoted_other_unit", True, True, "gy"),
            ("v", "gr", "left_or_gap", False, True, None),
            ("x", "gy", "left_or_gap", False, False, None),
            ("y", "gy", "left_or_gap", False, True, None),
        )
        return run_models(
            ["ind_own_transitions"],
            fct_transition="select *, 'a' as unit_key, '2024/25' as school_year, true as is_made_up"
            f" from ({rows})",
            dim_pupil_year=NOBODY,
            dim_unit=UNITS,
        )

    def test_who_had_to_change_is_no_break_of_continuity(self, found):
        assert figures(found, "own_continuity_share")["a"] == (1, 3)
        assert figures(found, "own_continued_same_unit_share")["a"] == (1, 4)

    def test_a_move_is_forced_or_not(self, found):
        assert figures(found, "own_moved_unforced_share")["a"] == (1, 4)
        assert figures(found, "own_moved_forced_share")["a"] == (1, 4)

    def test_leaving_after_the_last_year_is_no_leaving(self, found):
        assert figures(found, "own_left_compulsory_share")["a"] == (1, 4)
        assert figures(found, "own_left_upper_secondary_share")["a"] == (1, 1)

    def test_year_nine_goes_on_to_the_municipalitys_own_school_or_does_not(self, found):
        assert figures(found, "own_to_own_upper_secondary_share")["9999"] == (1, 2)


class TestResources:
    @pytest.fixture
    def found(self, run_models) -> pd.DataFrame:
        """Unit a has pupils and no additional amount; b's pupils are not known; f has only a budget."""
        ledger = values(
            "unit_key, kind, component, amount_kronor, n_pupils_before, n_pupils_during",
            ("a", "utfall", "all", 1000, 9, 10),
            ("a", "utfall", "strukturersattning", 300, 9, 10),
            ("a", "budget", "all", 800, 9, 10),
            ("b", "utfall", "all", 3000, None, 20),
            ("b", "utfall", "strukturersattning", 100, None, 20),
            ("f", "budget", "all", 500, 5, 5),
        )
        structural = values(
            "unit_key, school_form, n_pupils, calculated_kronor, redistribution_kronor,"
            " paid_kind, paid_kronor",
            ("a", "gr", 10, 300, 100, None, None),
            ("b", "gr", 20, 300, -100, None, None),
            ("a", "all", 10, 300, 100, "utfall", 300),
            ("b", "all", 20, 300, -100, "utfall", 150),
        )
        return run_models(
            ["ind_own_resources"],
            fct_unit_resources=f"select *, 2024 as calendar_year, true as is_made_up from ({ledger})",
            fct_structural_compensation="select *, '2024/25' as school_year, true as is_made_up"
            f" from ({structural})",
            dim_unit=UNITS,
        )

    def test_a_component_the_accounts_do_not_name_is_money_not_got(self, found):
        assert figures(found, "own_additional_amount_per_pupil")["a"] == (0, 9.5)

    def test_pupils_are_the_mean_of_two_octobers(self, found):
        assert figures(found, "own_kronor_per_pupil")["a"] == (1000, 9.5)

    def test_a_unit_whose_pupils_are_not_known_is_in_no_amount_per_pupil_and_seen_in_the_coverage(
        self, found
    ):
        assert figures(found, "own_kronor_per_pupil") == {"a": (1000, 9.5), "9999": (1000, 9.5)}
        row = found.query("indicator_id == 'own_kronor_per_pupil__level' and entity_key == '9999'")
        assert row["coverage"].tolist() == [0.25]
        assert figures(found, "own_structural_share")["9999"] == (400, 4000)

    def test_a_budget_without_an_outcome_is_no_outcome(self, found):
        assert "f" not in figures(found, "own_kronor_per_pupil")
        assert figures(found, "own_outcome_of_budget") == {"a": (1000, 800), "9999": (1000, 800)}

    def test_what_is_redistributed_is_what_some_get_above_an_equal_share(self, found):
        assert figures(found, "own_structural_redistributed") == {"9999": (100, 600)}
        assert figures(found, "own_structural_paid_of_calculated")["b"] == (150, 300)


def test_an_index_that_was_not_delivered_takes_its_answers_out(run_models):
    survey = values(
        "unit_key, respondent, question_area, year_group, n_answers, n_asked, value",
        ("a", "elever", "trygghet", "8", 30, 40, 7.5),
        ("b", "elever", "trygghet", "8", 10, None, None),
        ("b", "elever", "stod", "8", 12, None, 6.0),
    )
    found = run_models(
        ["ind_own_environment"],
        fct_unit_local_survey=f"select *, '2024/25' as school_year, true as is_made_up from ({survey})",
        dim_unit=UNITS,
    )
    safety = found.query("indicator_id == 'own_survey_safety_pupils_y8__level'").set_index("entity_key")
    assert safety.loc["9999", "numerator"] == 225
    assert safety.loc["9999", "persons"] == 30
    assert safety.loc["9999", "coverage"] == pytest.approx(30 / 40)
    assert safety.loc["b", "persons"] == 0
    assert pd.isna(safety.loc["b", "denominator"])
    assert figures(found, "own_survey_answered_pupils_y8_share") == {"a": (30, 40), "9999": (30, 40)}


def test_a_cohort_that_has_not_had_its_years_has_no_row(run_models):
    pupils = values(
        "person_key, programme_kind, start_year, outcome, years_to_outcome",
        ("p", "yrkes", 2021, "examen", 3),
        ("q", "yrkes", 2021, "examen", 4),
        ("r", "hogskoleforberedande", 2021, "avbrott", 1),
        ("s", "yrkes", 2022, "examen", 3),
    )
    found = run_models(
        ["ind_own_upper_secondary"],
        fct_upper_secondary_outcome=f"select *, 'a' as unit_key, true as is_made_up from ({pupils})",
        fct_unit_upper_secondary=values(
            "start_year, within_years, programme_kind, status",
            (2021, 3, "all", "ok"),
            (2021, 4, "all", "ok"),
            (2022, 3, "all", "missing"),
        ),
        dim_pupil_year=NOBODY,
        dim_unit=UNITS,
    )
    assert set(found["school_year"]) == {"2023/24", "2024/25"}
    assert figures(found, "own_diploma_within_3_years_share")["a"] == (1, 3)
    assert figures(found, "own_diploma_within_4_years_share")["a"] == (2, 3)
    assert figures(found, "own_diploma_within_3_years_vocational_share")["a"] == (1, 2)
    assert figures(found, "own_discontinued_within_3_years_share")["a"] == (1, 3)


def test_only_certified_preschool_teachers_count_and_only_in_units_with_nothing_but_preschool(run_models):
    staff = values(
        "person_key, unit_key, category, is_certified, fte_percent",
        ("p", "f", "preschool_teacher", True, 75),
        ("q", "f", "childcare", False, 100),
        ("r", "f", "preschool_teacher", None, 50),
        ("s", "a", "preschool_teacher", True, 100),
    )
    found = run_models(
        ["ind_own_preschool"],
        fct_unit_preschool_days="select 'f' as unit_key, '2024/25' as school_year,"
        " 4::bigint as n_children_placed, 40::decimal(18, 6) as numerator, 4::decimal(18, 6) as denominator,"
        " true as is_made_up",
        fct_staff_assignment="select * replace (fte_percent::decimal(9, 4) as fte_percent),"
        " '2024/25' as school_year, true as is_employed_on_october_15, true as is_made_up"
        f" from ({staff})",
        fct_pupil_october="select 'c' as person_key, 'f' as unit_key, '2024/25' as school_year,"
        " 'fs' as school_form",
        dim_unit=UNITS,
    )
    certified = found.query("indicator_id == 'own_preschool_teachers_certified__level'").set_index(
        "entity_key"
    )
    assert figures(found, "own_preschool_teachers_certified") == {"f": (0.75, 1.75), "9999": (0.75, 1.75)}
    assert certified.loc["f", "persons"] == 2
    assert certified.loc["f", "total"] == 75
    assert certified.loc["f", "coverage"] == pytest.approx(175 / 225)
    assert figures(found, "own_preschool_children_per_staff")["f"] == (1, 2.25)
    assert figures(found, "own_preschool_days_present")["f"] == (40, 4)
