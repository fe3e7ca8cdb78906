"""D corrected for small units, without a simulation."""

import numpy as np
import pytest

from dagster_project.lib.statistics.estimates import Reason
from dagster_project.lib.statistics.segregation import (
    bias_corrected_dissimilarity,
    density_corrected_dissimilarity,
)

METHODS = [bias_corrected_dissimilarity, density_corrected_dissimilarity]


@pytest.fixture(params=["handmade", "schools00_subset"])
def case(request, vector):
    expected = vector("seg_expected.json")
    if request.param == "handmade":
        table = vector("seg_handmade.csv")
        groups, answers = table.iloc[:, 3:], expected["two_group_forgymnasial_vs_other"]
        return groups["forgymnasial"], groups.sum(axis=1), answers
    table = vector("seg_schools00_subset.csv")
    groups = table.iloc[:, 2:]
    return groups["hisp"], groups.sum(axis=1), expected["schools00_subset"]["hisp_vs_other"]


def test_the_bootstrap_correction_is_its_own_expectation(case):
    focal, total, answers = case
    found = bias_corrected_dissimilarity(focal, total).value
    closed = answers["closed_form"]
    assert found == pytest.approx(closed["D_bias_corrected_analytic"], rel=1e-12)
    assert found == pytest.approx(2 * closed["D"] - closed["E_D_bootstrap_analytic"], rel=1e-12)


def test_the_bootstrap_correction_is_what_five_bootstraps_scatter_around(case):
    focal, total, answers = case
    draws = answers["pysal"]["bias_corrected_5seeds_B2000"]
    found = bias_corrected_dissimilarity(focal, total).value
    assert min(draws) - 5e-4 < found < max(draws) + 5e-4


def test_the_density_correction(case):
    focal, total, answers = case
    found = density_corrected_dissimilarity(focal, total).value
    assert found == pytest.approx(answers["closed_form"]["D_density_corrected_root"], rel=1e-9)
    # Its own search stops earlier.
    assert found == pytest.approx(answers["pysal"]["density_corrected"], abs=2e-6)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("focal", "total", "reason"),
    [
        ([], [], Reason.NO_PUPILS),
        ([0, 0], [0, 0], Reason.NO_PUPILS),
        ([0, 0], [100, 50], Reason.GROUP_EMPTY),
        ([100, 50], [100, 50], Reason.GROUP_IS_ALL),
    ],
)
def test_undefined_has_a_reason(method, focal, total, reason):
    found = method(focal, total)
    assert (found.value, found.reason) == (None, reason)


@pytest.mark.parametrize("method", METHODS)
def test_one_unit_is_not_segregated_and_separate_units_are_wholly(method):
    assert method([10], [100]).value == pytest.approx(0, abs=1e-15)
    assert method([50, 0, 0], [50, 100, 30]).value == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("method", METHODS)
def test_empty_units_count_for_nothing(method):
    assert method([10, 0, 30], [100, 0, 60]) == method([10, 30], [100, 60])


def test_separate_units_cannot_be_moved_by_a_draw():
    assert bias_corrected_dissimilarity([50, 0], [50, 30]).value == pytest.approx(1, rel=1e-12)
    assert density_corrected_dissimilarity([50, 0], [50, 30]).value == 1


def test_even_units_have_a_density_corrected_d_of_exactly_zero_and_a_bootstrapped_one_below():
    assert density_corrected_dissimilarity([10, 20], [100, 200]).value == 0
    assert bias_corrected_dissimilarity([10, 20], [100, 200]).value < 0


def test_a_large_municipality_is_no_more_work_than_its_spread():
    sizes = np.full(60, 500)
    focal = np.linspace(20, 300, 60).round()
    found = bias_corrected_dissimilarity(focal, sizes).value
    observed = np.abs(focal / focal.sum() - (sizes - focal) / (sizes - focal).sum()).sum() / 2
    assert found == pytest.approx(observed, abs=0.01)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("focal", [[-1, 5], [11, 5], [None, 5], [1]])
def test_impossible_counts_are_refused(method, focal):
    with pytest.raises(ValueError, match=r"counts|columns"):
        method(focal, [10, 20])
