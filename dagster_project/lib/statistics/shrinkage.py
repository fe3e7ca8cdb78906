"""Empirical Bayes: what is known of a small unit, drawn towards what is known of units like it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize

from dagster_project.lib.statistics.estimates import (
    Estimate,
    Floats,
    Reason,
    aligned,
    normal_quantile,
)
from dagster_project.lib.statistics.regression import collinear
from dagster_project.lib.statistics.variance import UnitSums, VarianceComponents


@dataclass(frozen=True)
class ShrunkMean:
    """A unit's mean after shrinkage.

    Attributes:
        estimate: the mean drawn towards that of all units, with its interval.
        effect: how far it then lies from the mean of all units.
        reliability: ``between / (between + within / n)``: 1 = the unit's own mean, 0 = that of all units.
    """

    estimate: Estimate
    effect: float
    reliability: float


def shrink_means(
    sums: UnitSums, components: VarianceComponents, level: float = 0.95
) -> tuple[ShrunkMean, ...] | Reason:
    """Empirical Bayes means of units, in the order of ``sums``, from :func:`variance.reml` of the same sums.

    ``mean + B_j (m_j - mean)`` with ``B_j = between / (between + within / n_j)``; the interval is that of the
    effect given the components, variance ``between (1 - B_j)``. A reason when there are no components.
    """
    between, within, mean = components.between, components.within, components.mean
    if between is None or within is None or mean is None:
        return components.icc.reason or Reason.MISSING
    reliability = np.where(between > 0, between / (between + within / sums.pupils), 0.0)
    effects = reliability * (sums.mean - mean)
    halves = normal_quantile(level) * np.sqrt(between * (1 - reliability))
    rows = zip(effects.tolist(), halves.tolist(), reliability.tolist(), strict=True)
    return tuple(
        ShrunkMean(Estimate(mean + effect, mean + effect - half, mean + effect + half), effect, share)
        for effect, half, share in rows
    )


@dataclass(frozen=True)
class ShrunkResidual:
    """A unit against units of the same composition.

    Attributes:
        residual: actual minus expected, shrunk; its interval allows for the coefficients' own error and not
            for that of tau squared.
        level: expected plus shrunk residual, with the interval of metafor's ``blup``.
        level_error: standard error of ``level``.
        reliability: the share of the residual that was kept.
    """

    residual: Estimate
    level: Estimate
    level_error: float
    reliability: float


@dataclass(frozen=True, eq=False)
class FayHerriot:
    """``y_j = x_j b + u_j + e_j`` with a known variance of e_j for every unit.

    Attributes:
        tau_squared: variance of u between units of the same composition. At 0 no difference is to be seen and
            all residuals are 0.
        coefficients: the intercept, then one per regressor.
        standard_errors: of the coefficients.
        units: one per unit, in the order given.
    """

    tau_squared: float
    coefficients: Floats
    standard_errors: Floats
    units: tuple[ShrunkResidual, ...]


def fay_herriot(
    y: ArrayLike, variances: ArrayLike, *regressors: ArrayLike, level: float = 0.95
) -> FayHerriot | Reason:
    """Empirical Bayes residuals of units' means, by restricted maximum likelihood (Fay & Herriot 1979).

    Args:
        y: mean per unit.
        variances: sampling variance of that mean, above 0; see :func:`sampling_variances`.
        regressors: composition of the units, a column each; none at all shrinks towards the common mean.
        level: confidence of the intervals.

    Returns:
        The fit, or ``few_units`` (no degree of freedom left) or ``collinear``.

    Raises:
        ValueError: columns of different length, a missing or infinite number, a variance that is not above 0.
    """
    outcome, known, *columns = aligned(y, variances, *regressors)
    if np.isnan([outcome, known, *columns]).any() or (known <= 0).any():
        raise ValueError("every unit needs known numbers and a variance above 0")
    design = np.column_stack([np.ones_like(outcome), *columns])
    if len(outcome) <= design.shape[1]:
        return Reason.FEW_UNITS
    if collinear(design):
        return Reason.COLLINEAR
    tau_squared = _restricted_tau_squared(outcome, known, design)
    coefficients, covariance, residuals = _generalised(outcome, known, design, tau_squared)
    reliability = tau_squared / (tau_squared + known)
    of_expected = np.einsum("ij,jk,ik->i", design, covariance, design)
    shrunk = reliability * residuals
    expected = outcome - residuals
    residual_errors = np.sqrt(reliability * known + reliability**2 * of_expected)
    level_errors = np.sqrt(reliability * known + (1 - reliability) ** 2 * of_expected)
    z = normal_quantile(level)

    def unit(residual: float, se: float, fitted: float, level_se: float, kept: float) -> ShrunkResidual:
        blup = fitted + residual
        return ShrunkResidual(
            Estimate(residual, residual - z * se, residual + z * se),
            Estimate(blup, blup - z * level_se, blup + z * level_se),
            level_se,
            kept,
        )

    rows = (column.tolist() for column in (shrunk, residual_errors, expected, level_errors, reliability))
    return FayHerriot(
        tau_squared=tau_squared,
        coefficients=coefficients,
        standard_errors=np.sqrt(np.diag(covariance)),
        units=tuple(unit(*row) for row in zip(*rows, strict=True)),
    )


def sampling_variances(pupils: ArrayLike, standard_deviations: ArrayLike) -> Floats | Reason:
    """``s_j^2 / n_j`` per unit; the pooled deviation where a unit's own is unknown, of one pupil, or 0.

    Returns:
        One variance per unit, or ``missing`` when no unit's deviation is known and above 0.

    Raises:
        ValueError: columns of different length, a unit without pupils, a negative deviation.
    """
    n, own = aligned(pupils, standard_deviations)
    if not (n >= 1).all() or (own < 0).any():
        raise ValueError("a unit has at least one pupil, and a deviation is never negative")
    usable = (own > 0) & (n > 1)
    if not usable.any():
        return Reason.MISSING
    pooled = (n[usable] - 1) @ own[usable] ** 2 / (n[usable] - 1).sum()
    return np.asarray(np.where(usable, own**2, pooled) / n)


def _generalised(
    y: Floats, variances: Floats, design: Floats, tau_squared: float
) -> tuple[Floats, Floats, Floats]:
    """Coefficients by generalised least squares, their covariance, and the residuals."""
    weights = 1 / (tau_squared + variances)
    covariance = np.linalg.inv((design.T * weights) @ design)
    coefficients = covariance @ (design.T @ (weights * y))
    return coefficients, np.asarray(covariance), y - design @ coefficients


def _restricted_tau_squared(y: Floats, variances: Floats, design: Floats) -> float:
    def deviance(tau_squared: float) -> float:
        weights = 1 / (tau_squared + variances)
        _, _, residuals = _generalised(y, variances, design, tau_squared)
        _, information = np.linalg.slogdet((design.T * weights) @ design)
        return float(-np.log(weights).sum() + information + weights @ residuals**2)

    # On a scale of the sampling variances; zero is compared with the best positive value, and wins ties.
    scale = float(np.median(variances))
    grid = np.linspace(-20.0, 20.0, 161)
    best = int(np.argmin([deviance(scale * np.exp(log_ratio)) for log_ratio in grid]))
    found = optimize.minimize_scalar(
        lambda log_ratio: deviance(scale * np.exp(log_ratio)),
        bounds=(grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]),
        method="bounded",
        options={"xatol": 1e-12},
    )
    return float(scale * np.exp(found.x)) if found.fun < deviance(0.0) else 0.0
