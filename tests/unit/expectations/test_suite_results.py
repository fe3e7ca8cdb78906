"""What a result means for a publication."""

from typing import get_args

import pytest

from dagster_project.lib.expectations.results import ExpectationResult, Outcome, SuiteResult
from dagster_project.lib.expectations.suite import Severity
from dagster_project.lib.expectations.swedish import InSwedish


def result(outcome: Outcome, severity: Severity) -> ExpectationResult:
    return ExpectationResult(
        id="percentages_in_range",
        type="expect_column_values_to_be_between",
        columns=("value",),
        where=None,
        severity=severity,
        outcome=outcome,
        observed="rows looked at: 3, breaking the rule: 1, without a value: 0",
        element_count=3,
        evaluated_count=3,
        unexpected_count=1,
        exception_class=None,
        owner="statistics",
        why="Numerator and denominator count different pupils.",
        how_to_resolve="Compare both counts.",
        swedish=InSwedish(requirement="`value` är högst 100 i varje rad", observed="granskade rader: 3"),
    )


def suite_of(*results: ExpectationResult) -> SuiteResult:
    return SuiteResult(
        table="pub_indicators",
        stage="published",
        required=True,
        suite_sha256="0" * 64,
        row_count=3,
        expectations=results,
    )


REFUSALS = {
    ("passed", "critical"): False,
    ("passed", "warning"): False,
    ("passed", "info"): False,
    ("failed", "critical"): True,
    ("failed", "warning"): False,
    ("failed", "info"): False,
    ("vacuous", "critical"): True,
    ("vacuous", "warning"): False,
    ("vacuous", "info"): False,
    ("did_not_run", "critical"): True,
    ("did_not_run", "warning"): True,
    ("did_not_run", "info"): True,
}


def test_the_table_of_refusals_is_complete() -> None:
    assert set(REFUSALS) == {(o, s) for o in get_args(Outcome) for s in get_args(Severity)}


@pytest.mark.parametrize(("case", "refused"), REFUSALS.items(), ids=map(" ".join, REFUSALS))
def test_what_stops_a_publication(case: tuple[Outcome, Severity], refused: bool) -> None:
    one = result(*case)
    assert one.refuses is refused
    assert one.success is (case[0] == "passed")
    suite = suite_of(result("passed", "critical"), one)
    assert suite.passed is not refused
    assert suite.refusals == ((one,) if refused else ())


def test_a_suite_without_results_has_not_passed() -> None:
    assert not suite_of().passed


def test_a_result_survives_the_way_to_a_file_and_back() -> None:
    suite = suite_of(result("failed", "warning"))
    assert SuiteResult.model_validate_json(suite.model_dump_json()) == suite
