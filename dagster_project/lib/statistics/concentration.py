"""Do resources and competence go where need is greatest? The slope over need, its error, and the answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from dagster_project.lib.statistics.estimates import (
    Estimate,
    Floats,
    Reason,
    aligned,
    normal_quantile,
    undefined,
)
from dagster_project.lib.statistics.regression import Fit, least_squares

MINIMUM_UNITS = 3
Column = ArrayLike | Sequence[float | None]


@dataclass(frozen=True)
class Slope:
    """Slope index of inequality over units in order of need.

    Attributes:
        index: SII, predicted at most need minus predicted at least need, with an HC1 interval.
        standard_error: HC1, of the index.
        least_need: predicted at least need.
        most_need: predicted at most need.
        ratio: RII, ``most_need / least_need``; no interval.
        units: number of units with known need and outcome.
        coverage: their share of all pupils; ``None`` without pupils.
    """

    index: Estimate
    standard_error: float | None
    least_need: float | None
    most_need: float | None
    ratio: Estimate
    units: int
    coverage: float | None


def slope_index(need: Column, outcome: Column, pupils: Column, level: float = 0.95) -> Slope:
    """Weighted least squares of the outcome over ridits from least to most need; weights are pupils.

    Errors are HC1 and the interval normal. Units whose need or outcome is not known are left out, and lower
    the coverage. World Health Organization 2013, handbook on health inequality monitoring, annex 11; there
    the order is the reverse.

    Args:
        need: index per unit, higher is more need; ``None`` where missing.
        outcome: teachers, kronor or a share per unit.
        pupils: weight per unit; units without pupils are left out.

    Returns:
        The slope; ``few_units`` under three, ``equal_need`` when all have the same; a ratio with
        ``intercept_not_positive`` when the prediction at least need is not above 0.

    Raises:
        ValueError: columns of different length, infinite numbers, negative or missing pupils.
    """
    x, y, weight, coverage = _known(need, outcome, pupils)
    reason = _undefined_because(x)
    if reason is not None:
        return Slope(undefined(reason), None, None, None, undefined(reason), len(x), coverage)
    intercept, slope, error = _line(least_squares(y, ridits(x, weight), weights=weight), y)
    half = normal_quantile(level) * error
    most = intercept + slope
    return Slope(
        index=Estimate(slope, slope - half, slope + half),
        standard_error=error,
        least_need=intercept,
        most_need=most,
        ratio=Estimate(most / intercept) if intercept > 0 else undefined(Reason.INTERCEPT_NOT_POSITIVE),
        units=len(x),
        coverage=coverage,
    )


@dataclass(frozen=True)
class Companions:
    """Simple measures beside the slope.

    Attributes:
        pearson: correlation of need and outcome, weighted by pupils.
        spearman: correlation of their ranks, each unit counting once.
        spearman_p: p-value of ``spearman``.
        slope_per_sd: change of the outcome per standard deviation of need, both weighted by pupils, with an
            HC1 interval.
        slope_per_sd_error: its standard error.
    """

    pearson: Estimate
    spearman: Estimate
    spearman_p: float | None
    slope_per_sd: Estimate
    slope_per_sd_error: float | None


def companions(need: Column, outcome: Column, pupils: Column, level: float = 0.95) -> Companions:
    """Correlations and slope per standard deviation; arguments and errors as :func:`slope_index`.

    ``few_units`` under three, ``equal_need`` when all need is equal, ``no_variation`` of a correlation when
    all outcomes are.
    """
    x, y, weight, _ = _known(need, outcome, pupils)
    reason = _undefined_because(x)
    if reason is not None:
        return Companions(undefined(reason), undefined(reason), None, undefined(reason), None)
    _, slope, error = _line(
        least_squares(y, x / np.sqrt(np.cov(x, aweights=weight, ddof=0)), weights=weight), y
    )
    half = normal_quantile(level) * error
    per_sd = Estimate(slope, slope - half, slope + half)
    if np.ptp(y) == 0:
        none = undefined(Reason.NO_VARIATION)
        return Companions(none, none, None, per_sd, error)
    covariance = np.cov(x, y, aweights=weight)
    pearson = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
    ranks = stats.spearmanr(x, y)
    return Companions(
        pearson=Estimate(float(pearson)),
        spearman=Estimate(float(ranks.statistic)),
        spearman_p=float(ranks.pvalue),
        slope_per_sd=per_sd,
        slope_per_sd_error=error,
    )


class Answer(StrEnum):
    """Does it go where need is greatest? In the board's words."""

    YES = "ja"
    NO = "nej"
    UNDECIDED = "kan inte avgöras"


@dataclass(frozen=True)
class Verdict:
    """An answer, and why it is not a firm one: ``None`` when the interval simply holds 0."""

    answer: Answer
    reason: Reason | None = None


def verdict(slope: Slope, *, minimum_units: int = 8) -> Verdict:
    """``ja`` when the whole interval of the slope lies above 0, ``nej`` when it lies below, else undecided.

    With fewer than ``minimum_units`` units only the table of quarters says something: ``few_units``.
    """
    index = slope.index
    if index.reason is not None:
        return Verdict(Answer.UNDECIDED, index.reason)
    if slope.units < minimum_units:
        return Verdict(Answer.UNDECIDED, Reason.FEW_UNITS)
    if index.lower is not None and index.lower > 0:
        return Verdict(Answer.YES)
    if index.upper is not None and index.upper < 0:
        return Verdict(Answer.NO)
    return Verdict(Answer.UNDECIDED)


def ridits(need: Floats, pupils: Floats) -> Floats:
    """Middle of each unit's part of the line of pupils, from least to most need; equal need shares one."""
    _, place = np.unique(need, return_inverse=True)
    tied = np.bincount(place, weights=pupils)
    middle = (np.cumsum(tied) - tied / 2) / tied.sum()
    return np.asarray(middle[place])


def _known(need: Column, outcome: Column, pupils: Column) -> tuple[Floats, Floats, Floats, float | None]:
    """Need, outcome and pupils of units where all are known, and their share of all pupils."""
    x, y, weight = aligned(need, outcome, pupils)
    if not (weight >= 0).all():
        raise ValueError("every unit needs a known number of pupils, 0 or more")
    usable = ~np.isnan(x) & ~np.isnan(y) & (weight > 0)
    everyone = float(weight.sum())
    coverage = float(weight[usable].sum()) / everyone if everyone else None
    return x[usable], y[usable], weight[usable], coverage


def _undefined_because(need: Floats) -> Reason | None:
    if len(need) < MINIMUM_UNITS:
        return Reason.FEW_UNITS
    return Reason.EQUAL_NEED if np.ptp(need) == 0 else None


def _line(fit: Fit | Reason, outcome: Floats) -> tuple[float, float, float]:
    """Intercept, slope and its HC1 error of a fit on three units or more of unequal need."""
    if isinstance(fit, Reason):
        raise ValueError(f"a line through units of unequal need cannot be {fit}")  # noqa: TRY004 - a state
    if np.ptp(outcome) == 0:
        # Equal outcomes have no slope, whatever rounding says.
        return float(outcome[0]), 0.0, 0.0
    return float(fit.coefficients[0]), float(fit.coefficients[1]), float(fit.robust_errors[1])
