"""Segregation of one group of pupils, corrected for what small units do to D; the rest is SQL."""

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, stats

from dagster_project.lib.statistics.estimates import Estimate, Floats, Reason, aligned, undefined

# Outcomes of a binomial beyond this many standard deviations weigh less than the last digit of a float.
_NEGLIGIBLE_SD = 40.0


def bias_corrected_dissimilarity(focal: ArrayLike, total: ArrayLike) -> Estimate:
    """``2 D - E[D*]``, where D* is the dissimilarity of a bootstrap sample (Allen et al. 2015).

    The bootstrap draws the focal pupils of the units as multinomial (X; x_j / X) and the others as
    multinomial (Y; y_j / Y). Its mean is computed and not simulated:
    ``E[D*] = 1/2 sum_j E|A_j / X - B_j / Y|`` with binomial A_j and B_j.

    Source: Allen, Burgess, Davidson & Windmeijer 2015, doi 10.1111/ectj.12039.

    Args:
        focal: pupils of the group, one number per unit.
        total: all pupils, one number per unit; units without pupils are left out.

    Returns:
        The corrected D, 0 to 1 but for chance; no interval. Undefined when the group is empty or everyone.

    Raises:
        ValueError: columns of different length, missing or negative counts, more in the group than there are.
    """
    counts = _counts(focal, total)
    if isinstance(counts, Reason):
        return undefined(counts)
    ours, others = counts
    expected = sum(
        _mean_absolute_difference(float(a), float(ours.sum()), float(b), float(others.sum()))
        for a, b in zip(ours, others, strict=True)
    )
    observed = np.abs(ours / ours.sum() - others / others.sum()).sum()
    return Estimate(float(observed - expected / 2))


def density_corrected_dissimilarity(focal: ArrayLike, total: ArrayLike) -> Estimate:
    """D from the units' differences shrunk to their most likely true size (Allen et al. 2015).

    With shares p1 = x_j / X and p0 = y_j / Y, ``s_j^2 = p1 (1 - p1) / X + p0 (1 - p0) / Y`` and
    ``t_j = |p1 - p0| / s_j``: the true difference is 0 where t_j <= 1 and otherwise the root of
    ``t = t_j tanh(t t_j)``; ``D = 1/2 sum_j s_j t``. Arguments, errors and source as
    :func:`bias_corrected_dissimilarity`.
    """
    counts = _counts(focal, total)
    if isinstance(counts, Reason):
        return undefined(counts)
    ours, others = (column / column.sum() for column in counts)
    size_ours, size_others = (column.sum() for column in counts)
    errors = np.sqrt(ours * (1 - ours) / size_ours + others * (1 - others) / size_others)
    differences = np.abs(ours - others)
    return Estimate(
        sum(
            _most_likely_difference(float(difference), float(error))
            for difference, error in zip(differences, errors, strict=True)
        )
        / 2
    )


def _counts(focal: ArrayLike, total: ArrayLike) -> tuple[Floats, Floats] | Reason:
    """Pupils in the group and the others, by unit that has pupils; or why no index is defined."""
    ours, everyone = aligned(focal, total)
    if not np.all((ours >= 0) & (ours <= everyone)):
        raise ValueError("every unit needs known counts, the group's between 0 and the unit's")
    ours, others = ours[everyone > 0], (everyone - ours)[everyone > 0]
    if not ours.size:
        return Reason.NO_PUPILS
    if not ours.any():
        return Reason.GROUP_EMPTY
    return (ours, others) if others.any() else Reason.GROUP_IS_ALL


def _mean_absolute_difference(a: float, all_a: float, b: float, all_b: float) -> float:
    """``E|A / all_a - B / all_b|`` with A ~ Bin(all_a, a / all_a) and B likewise."""
    shares_a, weights_a = _binomial_shares(a, all_a)
    shares_b, weights_b = _binomial_shares(b, all_b)
    # Of B at and below each outcome of A: its probability, and its part of the mean.
    below = np.searchsorted(shares_b, shares_a, side="right")
    probability = np.concatenate([[0.0], np.cumsum(weights_b)])[below]
    part = np.concatenate([[0.0], np.cumsum(weights_b * shares_b)])[below]
    mean = float(weights_b @ shares_b)
    return float(weights_a @ (shares_a * (2 * probability - weights_b.sum()) + mean - 2 * part))


def _binomial_shares(k: float, n: float) -> tuple[Floats, Floats]:
    share = k / n
    reach = _NEGLIGIBLE_SD * math.sqrt(n * share * (1 - share)) + 1
    outcomes = np.arange(max(0, math.floor(k - reach)), min(n, math.ceil(k + reach)) + 1)
    return outcomes / n, np.asarray(stats.binom.pmf(outcomes, n, share))


def _most_likely_difference(difference: float, error: float) -> float:
    if difference <= error or error == 0:
        return 0.0 if error else difference
    observed = difference / error
    root = optimize.brentq(lambda t: t - observed * math.tanh(t * observed), 1e-9, observed, xtol=1e-14)
    return error * float(root)
