"""Intervals of a share in a small group: Wilson, Clopper-Pearson and Agresti-Coull."""

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


def wilson(successes: ArrayLike, trials: ArrayLike, level: float = 0.95) -> tuple[Estimate, ...]:
    """Score interval: ``(k + z^2/2 -+ z sqrt(k (n - k) / n + z^2/4)) / (n + z^2)``; the default.

    Args:
        successes: pupils who reached the level, one number per group.
        trials: all pupils of the group.
        level: confidence of the two-sided interval.

    Returns:
        One estimate per group, shares from 0 to 1: ``no_pupils`` without trials, ``missing`` without a count.

    Raises:
        ValueError: columns of different length, negative counts, or more successes than trials.
    """
    k, n = counts(successes, trials)
    return _estimates(k, n, *wilson_limits(k, n, level))


def clopper_pearson(successes: ArrayLike, trials: ArrayLike, level: float = 0.95) -> tuple[Estimate, ...]:
    """Exact interval: quantiles of Beta(k, n - k + 1) and Beta(k + 1, n - k); 0 and 1 at the ends.

    Arguments, results and errors as :func:`wilson`.
    """
    k, n = counts(successes, trials)
    lower = stats.beta.ppf((1 - level) / 2, k, n - k + 1)
    upper = stats.beta.ppf((1 + level) / 2, k + 1, n - k)
    return _estimates(k, n, np.where(k == 0, 0, lower), np.where(k == n, 1, upper))


def agresti_coull(successes: ArrayLike, trials: ArrayLike, level: float = 0.95) -> tuple[Estimate, ...]:
    """Wald's interval around ``(k + z^2/2) / (n + z^2)``, cut at 0 and 1. As :func:`wilson` otherwise."""
    k, n = counts(successes, trials)
    z = normal_quantile(level)
    centre = (k + z**2 / 2) / (n + z**2)
    half = z * np.sqrt(centre * (1 - centre) / (n + z**2))
    return _estimates(k, n, np.clip(centre - half, 0, 1), np.clip(centre + half, 0, 1))


def wilson_limits(k: Floats, n: Floats, level: float) -> tuple[Floats, Floats]:
    """Lower and upper limits of :func:`wilson`, of what :func:`counts` returns; NaN without trials."""
    z2 = normal_quantile(level) ** 2
    with np.errstate(invalid="ignore"):
        half = np.sqrt(z2 * (k * (n - k) / n + z2 / 4))
    lower, upper = (k + z2 / 2 - half) / (n + z2), (k + z2 / 2 + half) / (n + z2)
    return np.where(k == 0, 0.0, lower), np.where(k == n, 1.0, upper)


def counts(successes: ArrayLike, trials: ArrayLike) -> tuple[Floats, Floats]:
    """Both columns as numbers, NaN where not known.

    Raises:
        ValueError: columns of different length, negative counts, or more successes than trials.
    """
    k, n = aligned(successes, trials)
    if (k < 0).any() or (n < 0).any() or (k > n).any():
        raise ValueError("successes lie between 0 and the number of trials")
    return k, n


def _estimates(k: Floats, n: Floats, lower: Floats, upper: Floats) -> tuple[Estimate, ...]:
    def estimate(successes: float, trials: float, low: float, high: float) -> Estimate:
        if np.isnan(successes) or np.isnan(trials):
            return undefined(Reason.MISSING)
        if trials == 0:
            return undefined(Reason.NO_PUPILS)
        return Estimate(successes / trials, low, high)

    rows = zip(*(column.tolist() for column in (k, n, lower, upper)), strict=True)
    return tuple(estimate(*row) for row in rows)
