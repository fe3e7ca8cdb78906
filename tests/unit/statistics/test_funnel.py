"""Where units lie around a target, when they differ more than by chance too."""

import numpy as np
import pandas as pd
import pytest

from dagster_project.lib.statistics.estimates import Reason
from dagster_project.lib.statistics.funnel import Position, drawn_in, exact_limit, funnel, position

# The vector's tables are written with twelve digits.
WRITTEN = 5e-12


@pytest.fixture
def units(vector) -> pd.DataFrame:
    return vector("funnel_input.csv")


@pytest.fixture
def found(units):
    return funnel(units["y"], units["n"])


@pytest.fixture
def summary(vector):
    return vector("funnel_summary.json")


def test_over_dispersion(found, summary):
    assert found.target.value == pytest.approx(summary["target_theta"], rel=1e-12)
    assert found.phi == pytest.approx(summary["phi"], rel=1e-12)
    assert len(found.units) * found.phi == pytest.approx(summary["I_phi_winsorised"], rel=1e-12)
    assert found.p_value == pytest.approx(summary["I_phi_p_chi2_I"], rel=1e-10)
    assert found.is_overdispersed is summary["overdispersed"]
    assert found.tau_squared == pytest.approx(summary["tau2"], rel=1e-12)
    assert len(found.units) == summary["I"]
    assert np.sqrt(found.phi) == pytest.approx(summary["multiplicative_sqrt_phi"], rel=1e-12)


def test_the_tails_are_drawn_in(units, found, summary, vector):
    untouched = funnel(units["y"], units["n"], tail=0)
    assert untouched.phi == pytest.approx(summary["phi_unwinsorised"], rel=1e-12)
    assert len(untouched.units) * untouched.phi == pytest.approx(summary["Q_unwinsorised"], rel=1e-12)
    assert untouched.p_value < found.p_value
    inside = drawn_in(np.array([unit.z for unit in found.units]), summary["winsor_q"])
    assert (inside.min(), inside.max()) == pytest.approx(
        (summary["winsor_lo"], summary["winsor_hi"]), rel=1e-12
    )
    assert inside.tolist() == pytest.approx(vector("funnel_expected.csv")["z_winsor"].to_list(), rel=WRITTEN)


def test_too_few_units_to_draw_in_stay_as_they_are():
    assert drawn_in(np.array([3.0, -9.0, 1.0]), 0.1).tolist() == [3, -9, 1]


@pytest.mark.parametrize(("level", "suffix"), [("warning", "95"), ("alarm", "998")])
@pytest.mark.parametrize("kind", ["exact", "normal", "multiplicative", "additive"])
def test_limits(found, vector, level, suffix, kind):
    prefix = {"multiplicative": "od_mult", "additive": "od_add"}.get(kind, kind)
    answers = vector("funnel_expected.csv")
    for side, name in enumerate(("lo", "hi")):
        limits = [getattr(getattr(unit, level), kind)[side] for unit in found.units]
        expected = answers[f"{prefix}_{name}{suffix}"].clip(0, 1).to_list()
        assert limits == pytest.approx(expected, rel=WRITTEN, abs=5e-13)


def test_distances_from_the_target(found, vector):
    answers = vector("funnel_expected.csv")
    assert [unit.share for unit in found.units] == pytest.approx(answers["p"].to_list(), rel=WRITTEN)
    assert [unit.z for unit in found.units] == pytest.approx(answers["z"].to_list(), rel=WRITTEN)
    assert [unit.z / np.sqrt(found.phi) for unit in found.units] == pytest.approx(
        answers["z_mult"].to_list(), rel=WRITTEN
    )
    assert [unit.adjusted_z for unit in found.units] == pytest.approx(answers["z_add"].to_list(), rel=WRITTEN)


def test_shares_are_drawn_towards_the_target(found, vector):
    answers = vector("funnel_eb_expected.csv")
    for field, name in (("reliability", "B"), ("shrunk_error", "eb_sd")):
        assert [getattr(unit, field) for unit in found.units] == pytest.approx(
            answers[name].to_list(), rel=WRITTEN
        )
    assert [unit.shrunk.value for unit in found.units] == pytest.approx(answers["eb"].to_list(), rel=WRITTEN)


def test_positions_follow_the_adjusted_distance(found):
    positions = {unit.position for unit in found.units}
    assert found.units[3].position is Position.BELOW_998
    assert positions >= {Position.WITHIN, Position.ABOVE_95}


def test_a_limit_lies_inside():
    assert position(-1.959963984540054) is Position.WITHIN
    assert [position(z) for z in (-3.2, -2.0, 0.0, 2.0, 3.2)] == [
        Position.BELOW_998,
        Position.BELOW_95,
        Position.WITHIN,
        Position.ABOVE_95,
        Position.ABOVE_998,
    ]


def test_without_over_dispersion_chance_alone_is_the_limit():
    found = funnel([16, 25, 31], [20, 30, 40])
    assert not found.is_overdispersed
    assert found.tau_squared == 0
    for unit in found.units:
        assert unit.adjusted_z == unit.z
        assert unit.warning.multiplicative == unit.warning.normal == unit.warning.additive
        assert (unit.shrunk.value, unit.reliability) == (found.target.value, 0)


def test_less_spread_than_by_chance_is_not_over_dispersion():
    found = funnel([80] * 20, [100] * 20)
    assert (found.phi, found.is_overdispersed, found.tau_squared) == (pytest.approx(0, abs=1e-20), False, 0)


def test_a_target_from_outside_and_one_unit():
    found = funnel([4], [30], target=0.8)
    assert found.target.value == 0.8
    assert found.is_overdispersed
    # Between one unit and nothing there is no variance to estimate.
    assert found.tau_squared == 0
    assert found.units[0].position is Position.BELOW_998


def test_units_without_pupils_or_with_unknown_counts_keep_their_place(units, found):
    k = [0, *units["y"], None]
    n = [0, *units["n"], 30]
    first, *rest, last = funnel(k, n).units
    assert (first, last) == (None, None)
    assert tuple(rest) == found.units


def test_undefined_has_a_reason():
    assert funnel([], []).target.reason is Reason.NO_PUPILS
    assert funnel([0, None], [0, 5]).target.reason is Reason.NO_PUPILS
    for k in ([0, 0], [10, 20]):
        nothing = funnel(k, [10, 20])
        assert nothing.target.reason is Reason.NO_VARIATION
        assert nothing.units == (None, None)


def test_exact_limits_reach_the_ends_for_small_units():
    assert exact_limit(3, 0.9, 0.999) == pytest.approx(1, abs=1e-2)
    assert exact_limit(1, 0.2, 0.001) == 0
    low, high = (exact_limit(1000, 0.5, p) for p in (0.025, 0.975))
    assert (low, high) == pytest.approx((0.469, 0.531), abs=1e-3)


@pytest.mark.parametrize(("k", "n", "target"), [([6], [5], None), ([1], [5], 1.2), ([1], [5], -0.1)])
def test_impossible_figures_are_refused(k, n, target):
    with pytest.raises(ValueError, match=r"successes|target"):
        funnel(k, n, target=target)
