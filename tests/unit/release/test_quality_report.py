"""The quality report of a release is read in Swedish, throughout."""

from collections.abc import Sequence
from typing import Any

import pytest
import release_kit

from dagster_project.defs.publication.quality_report import OWNERS, write_quality_report
from dagster_project.defs.quality.suites import all_suites
from dagster_project.lib.expectations.suite import Expectation, Suite
from dagster_project.lib.expectations.swedish import InSwedish, requirement
from dagster_project.lib.release import audit


def not_in_swedish(suites: Sequence[Suite]) -> list[str]:
    """Expectations that would stand in a report in English, or not be told at all."""
    return [
        f"{suite.table}: {each.id}"
        for suite in suites
        for each in suite.expectations
        if each.type in requirement(each)
        or each.owner not in OWNERS
        or (each.severity == "warning" and not (each.why_sv and each.how_to_resolve_sv))
        or each.why_sv == each.why
        or each.how_to_resolve_sv == each.how_to_resolve
    ]


def test_every_expectation_is_told_in_swedish() -> None:
    assert not_in_swedish(all_suites()) == []


@pytest.mark.parametrize(
    "lost",
    [
        {"why_sv": None},
        {"how_to_resolve_sv": None},
        {"owner": "the-moon"},
        {"type": "expect_column_kl_divergence_to_be_less_than"},
    ],
    ids=lambda lost: next(iter(lost)),
)
def test_one_that_is_not_is_found(lost: dict[str, str | None]) -> None:
    (suite,) = (suite for suite in all_suites() if suite.table == "pub_suppression_log")
    changed = tuple(
        each.model_copy(update=lost) if each.id == "most_is_shown" else each for each in suite.expectations
    )
    damaged = suite.model_copy(update={"expectations": changed})
    assert not_in_swedish([damaged]) == ["pub_suppression_log: most_is_shown"]


@pytest.mark.parametrize(
    ("kind", "kwargs", "more", "told"),
    [
        (
            "expect_table_row_count_to_be_between",
            {"min_value": 200000},
            {},
            "antalet rader är minst 200\u00a0000",
        ),
        (
            "expect_column_values_to_be_between",
            {"column": "value", "min_value": 0, "strict_min": True, "max_value": 0.5},
            {"where": "status = 'ok'", "query": "x.sql", "compares_with_last_release": True},
            "`value` är större än 0 och högst 0,5 i varje rad, där `status = 'ok'`, enligt frågan `x.sql`, "
            "jämfört med tidigare utgåvor",
        ),
        (
            "expect_column_values_to_not_be_null",
            {"column": "sex", "mostly": 0.95},
            {},
            "`sex` är ifylld i minst 95\u00a0% av raderna",
        ),
        (
            "expect_compound_columns_to_be_unique",
            {"column_list": ["a", "b"]},
            {},
            "`a`, `b` pekar tillsammans ut en enda rad",
        ),
    ],
)
def test_a_requirement_is_a_sentence_with_its_columns_and_limits(
    kind: str, kwargs: dict[str, Any], more: dict[str, Any], told: str
) -> None:
    rule = {"id": "x", "severity": "critical", "owner": "o", "why": "w", "how_to_resolve": "h", "line": 1}
    assert requirement(Expectation(**rule, type=kind, kwargs=kwargs, **more)) == told


SWEDISH = InSwedish(
    requirement="`value` är minst 0 i varje rad, där `a || b = 'xy'`",
    observed="granskade rader: 3, bryter mot kravet: 1, utan värde: 0",
    why="Styrelsen jämför enheter.",
    how_to_resolve="Begär en ny leverans från enheten.",
)


def test_the_report_shows_a_warning_with_reason_and_remedy_and_every_expectation_in_a_table(tmp_path) -> None:
    candidate = release_kit.build(tmp_path, "b1")
    warning = release_kit.expectation(
        "values_are_plausible", severity="warning", success=False, owner="statistics", swedish=SWEDISH
    )
    audit.save(release_kit.record_for(candidate, warning), candidate)
    report = write_quality_report(candidate).read_text(encoding="utf-8")
    assert "## Varningar (1)" in report
    assert f"- Varför det spelar roll: {SWEDISH.why}\n- Åtgärd: {SWEDISH.how_to_resolve}" in report
    assert f"- Krav: {SWEDISH.requirement}.\n- Utfall: {SWEDISH.observed}." in report
    assert "- Ansvarig: statistikansvarig." in report
    for english in (warning.observed, warning.why, warning.how_to_resolve, "critical |", "warning |"):
        assert english not in report
    # A bar in a condition would be read as the end of a cell.
    assert r"där `a \|\| b = 'xy'` | varning | avvikelse | `values_are_plausible__1` |" in report


def test_a_candidate_audited_by_an_earlier_version_is_told_in_the_words_it_has(tmp_path) -> None:
    candidate = release_kit.build(tmp_path, "b1")
    warning = release_kit.expectation("values_are_plausible", severity="warning", success=False)
    audit.save(release_kit.record_for(candidate, warning), candidate)
    report = write_quality_report(candidate).read_text(encoding="utf-8")
    assert warning.why in report
    assert warning.how_to_resolve in report
