"""Which units a dialogue should begin with; the figures never decide."""

import pytest

from dagster_project.lib.statistics.estimates import Reason
from dagster_project.lib.statistics.screening import Finding, ScreeningRule, screen

EXPECTED = {
    "S1": Finding.REPEATED,
    "S2": Finding.ALARM,
    "S3": Finding.FOLLOW_UP,
    "S4": Finding.REPEATED,
    "S5": None,
}


def test_the_truth_table(vector):
    cases = vector("devschool_rule.json")["cases"]
    assert {case["unit"] for case in cases} == set(EXPECTED)
    for case in cases:
        found = screen(case["z"], case["n"], case["eb_hi"])
        assert found.is_candidate is case["flag"], case["why"]
        assert found.finding is EXPECTED[case["unit"]]
    assert found.reason is Reason.FEW_PUPILS


@pytest.mark.parametrize(
    ("z", "candidate", "finding"),
    [
        ([-3.09, 0.0, 0.0], True, Finding.ALARM),
        ([-3.08, 0.0, 0.0], False, Finding.NOT_LOW),
        ([-1.96, -1.96, 0.0], True, Finding.REPEATED),
        ([-1.95, -1.96, 0.0], False, Finding.NOT_LOW),
        # The years before the last three do not count.
        ([-2.0, 0.0, 0.0, -2.0], False, Finding.NOT_LOW),
        # The latest may be fair, and the unit low in the two before.
        ([0.0, -2.0, -2.0], True, Finding.REPEATED),
        ([-2.0], False, Finding.NOT_LOW),
    ],
)
def test_limits_of_the_rule(z, candidate, finding):
    found = screen(z, [30] * len(z), -0.1)
    assert (found.is_candidate, found.finding) == (candidate, finding)


def test_an_interval_that_reaches_zero_is_no_candidate():
    assert screen([-4.0, None, None], [30, None, None], 0.0).finding is Finding.FOLLOW_UP
    assert screen([-4.0, None, None], [30, None, None], -1e-9).is_candidate is True


def test_an_earlier_year_with_few_pupils_is_no_observation():
    assert screen([-2.1, -2.1, 0.0], [30, 9, 30], -0.1).is_candidate is False
    assert screen([-2.1, -2.1, 0.0], [30, 10, 30], -0.1).is_candidate is True


@pytest.mark.parametrize(
    ("z", "pupils", "upper"),
    [([None, -4.0], [None, 30], -1.0), ([-4.0], [None], -1.0), ([-4.0], [30], None)],
)
def test_what_is_not_known_is_not_judged(z, pupils, upper):
    found = screen(z, pupils, upper)
    assert (found.is_candidate, found.finding, found.reason) == (None, None, Reason.MISSING)


def test_the_rule_is_a_parameter():
    strict = ScreeningRule(alarm_z=-2.0, minimum_pupils=5)
    assert screen([-2.5], [6], -0.1, strict).finding is Finding.ALARM
    assert screen([-2.5], [6], -0.1).reason is Reason.FEW_PUPILS


@pytest.mark.parametrize(("z", "pupils"), [([], []), ([-2.0], [30, 30])])
def test_years_must_match(z, pupils):
    with pytest.raises(ValueError, match="every year"):
        screen(z, pupils, -0.1)
