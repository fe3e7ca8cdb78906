"""Differences between units: intraclass correlation by ANOVA and REML, from sums per unit."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, stats

from dagster_project.lib.statistics.estimates import Estimate, Floats, Reason, aligned, undefined
from dagster_project.lib.statistics.regression import collinear

# How far apart means of equal values may be rounded, relative to their size.
_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class UnitSums:
    """What is known of pupils' results, one number per unit: rows of the macro ``unit_moments``.

    Attributes:
        pupils: number of pupils with a result, at least 1.
        mean: their mean.
        squares_within: sum of their squared deviations from it.
    """

    pupils: Floats
    mean: Floats
    squares_within: Floats

    @classmethod
    def of(cls, pupils: ArrayLike, mean: ArrayLike, squares_within: ArrayLike) -> "UnitSums":
        """Sums from columns of one length.

        Raises:
            ValueError: a number is missing, a unit has no pupil, or squares are negative.
        """
        sums = cls(*aligned(pupils, mean, squares_within))
        if np.isnan([sums.pupils, sums.mean, sums.squares_within]).any():
            raise ValueError("every unit needs its number of pupils, their mean and their squares")
        if (sums.pupils < 1).any() or (sums.squares_within < 0).any():
            raise ValueError("a unit has at least one pupil, and squares are never negative")
        return sums

    @property
    def all_pupils(self) -> float:
        """Number of pupils in all units."""
        return float(self.pupils.sum())

    @property
    def all_squares_within(self) -> float:
        """SSW, over all units."""
        return float(self.squares_within.sum())

    @property
    def squares_between(self) -> float:
        """SSB: the squared deviations of the units' means from the mean of all pupils."""
        grand_mean = float(self.pupils @ self.mean) / self.all_pupils
        return float(self.pupils @ (self.mean - grand_mean) ** 2)

    def undefined_because(self) -> Reason | None:
        """Why there is no intraclass correlation, if so."""
        if not len(self.pupils):
            return Reason.NO_PUPILS
        if len(self.pupils) == 1:
            return Reason.ONE_UNIT
        if self.all_pupils == len(self.pupils):
            return Reason.ONE_PUPIL_PER_UNIT
        rounding = self.all_pupils * (_ROUNDING * float(np.abs(self.mean).max())) ** 2
        return Reason.NO_VARIATION if self.squares_between + self.all_squares_within <= rounding else None


@dataclass(frozen=True)
class VarianceComponents:
    """A mixed model with one mean: ``y_ij = mean + u_j + e_ij``.

    Attributes:
        icc: ``between / (between + within)``, or the reason why there is none.
        between: variance of u, tau squared.
        within: variance of e, sigma squared.
        mean: of the units, weighted by how well each is known.
    """

    icc: Estimate
    between: float | None = None
    within: float | None = None
    mean: float | None = None


def anova_icc(sums: UnitSums, level: float = 0.95) -> Estimate:
    """Intraclass correlation of a one-way ANOVA, as it comes: below 0 when units differ less than by chance.

    ``(MSB - MSW) / (MSB + (n0 - 1) MSW)`` with ``n0 = (N - sum n_j^2 / N) / (J - 1)``. The interval is that
    of the F distribution with n0 pupils in every unit: exact only when units are of equal size. Publish 0 for
    less.
    """
    reason = sums.undefined_because()
    if reason is not None:
        return undefined(reason)
    units, pupils = len(sums.pupils), sums.all_pupils
    size = (pupils - float(sums.pupils @ sums.pupils) / pupils) / (units - 1)
    between = sums.squares_between / (units - 1)
    within = sums.all_squares_within / (pupils - units)
    if within == 0:
        return Estimate(1.0, 1.0, 1.0)
    ratio = between / within
    law = stats.f(units - 1, pupils - units)

    def correlation(f: float) -> float:
        return (f - 1) / (f - 1 + size)

    low, high = (float(ratio / law.ppf(p)) for p in ((1 + level) / 2, (1 - level) / 2))
    return Estimate(correlation(ratio), correlation(low), correlation(high))


def reml(sums: UnitSums) -> VarianceComponents:
    """Variance between and within units by restricted maximum likelihood; needs no row per pupil.

    With ``l = between / within``, ``w_j = n_j / (1 + l n_j)``, ``mean = sum w_j m_j / sum w_j`` and
    ``q = SSW + sum w_j (m_j - mean)^2``, minimises over ``l >= 0``
    ``1/2 [(N - 1) ln(q / (N - 1)) + sum ln(1 + l n_j) + ln sum w_j]``. Agrees with lme4's ``lmer``.
    Zero is compared with the best positive ratio, and wins ties: no difference between units to be seen.
    """
    reason = sums.undefined_because()
    if reason is not None:
        return VarianceComponents(undefined(reason))
    if sums.all_squares_within == 0:
        # Pupils of a unit are all alike: all variance lies between, and the likelihood has no maximum.
        between = float(np.var(sums.mean, ddof=1))
        return VarianceComponents(Estimate(1.0), between, 0.0, float(sums.mean.mean()))

    def deviance(ratio: float) -> float:
        weights, _, squares = _fit(sums, ratio)
        degrees = sums.all_pupils - 1
        return float(
            degrees * np.log(squares / degrees) + np.log1p(ratio * sums.pupils).sum() + np.log(weights.sum())
        )

    ratio = _best_ratio(deviance)
    _, mean, squares = _fit(sums, ratio)
    within = squares / (sums.all_pupils - 1)
    return VarianceComponents(Estimate(ratio / (1 + ratio)), ratio * within, within, mean)


@dataclass(frozen=True)
class AdjustedComponents:
    """What of the differences between units is left when pupils' background is allowed for.

    Attributes:
        icc: ``between / (between + within)`` after the background, or the reason why there is none.
        between: variance between units of pupils alike.
        within: variance between pupils alike of one unit.
        explained: ``1 - between / between without the background``; below 0 where units differ more among
            pupils alike than among all, and ``no_variation`` where units did not differ to begin with.
    """

    icc: Estimate
    between: float | None
    within: float | None
    explained: Estimate


def reml_adjusted(units: ArrayLike, results: ArrayLike, *background: ArrayLike) -> AdjustedComponents:
    """Variance between and within units after pupils' background, by restricted maximum likelihood.

    ``y_ij = x_ij b + u_j + e_ij``. With ``l = between / within`` and ``w_j = l / (1 + l n_j)`` the inverse
    covariance of a unit is ``I - w_j 1 1'``, so sums per unit suffice; the criterion is that of :func:`reml`
    with ``ln |X' V^-1 X|`` for its last term.

    Args:
        units: the unit of each pupil.
        results: the result of each pupil.
        background: numbers about each pupil, a column each; a constant one says nothing and is left out.

    Returns:
        The components; the reasons of :func:`reml`, and ``collinear`` when a column follows from others.

    Raises:
        ValueError: columns of different length, a missing or infinite number, a result without a unit.
    """
    y, *columns = aligned(results, *background)
    if np.isnan([y, *columns]).any() or len(y) != len(np.asarray(units)):
        raise ValueError("every pupil needs a unit, a result and a known background")
    _, place = np.unique(np.asarray(units), return_inverse=True)
    told = [column for column in columns if len(column) and np.ptp(column) > 0]
    raw, adjusted = _pupil_reml(place, y, []), _pupil_reml(place, y, told)
    if isinstance(raw, Reason):
        return AdjustedComponents(undefined(raw), None, None, undefined(raw))
    if isinstance(adjusted, Reason):
        return AdjustedComponents(undefined(adjusted), None, None, undefined(adjusted))
    between, within = adjusted
    explained = Estimate(1 - between / raw[0]) if raw[0] > 0 else undefined(Reason.NO_VARIATION)
    return AdjustedComponents(Estimate(between / (between + within)), between, within, explained)


def _pupil_reml(place: NDArray[np.intp], y: Floats, columns: list[Floats]) -> tuple[float, float] | Reason:
    """Variance between and within units of a mixed model on pupils, ``place`` the number of their unit."""
    design = np.column_stack([np.ones_like(y), *columns])
    pupils, regressors = design.shape
    size = np.bincount(place) if pupils else np.array([])
    if not pupils:
        return Reason.NO_PUPILS
    if len(size) == 1:
        return Reason.ONE_UNIT
    if len(size) == pupils:
        return Reason.ONE_PUPIL_PER_UNIT
    if np.ptp(y) == 0:
        return Reason.NO_VARIATION
    if collinear(design):
        return Reason.COLLINEAR
    centred = y - y.mean()
    of_unit = np.array([np.bincount(place, weights=column) for column in design.T]).T
    total = np.bincount(place, weights=centred)

    def squares(ratio: float) -> tuple[float, float]:
        """Weighted residual squares, and the logarithm of the information's determinant."""
        weight = ratio / (1 + ratio * size)
        information = design.T @ design - (of_unit.T * weight) @ of_unit
        moments = design.T @ centred - of_unit.T @ (weight * total)
        left = float(centred @ centred - weight @ total**2 - moments @ np.linalg.solve(information, moments))
        return left, float(np.linalg.slogdet(information)[1])

    degrees = pupils - regressors

    def deviance(ratio: float) -> float:
        left, determinant = squares(ratio)
        return float(degrees * np.log(left / degrees) + np.log1p(ratio * size).sum() + determinant)

    ratio = _best_ratio(deviance)
    within = squares(ratio)[0] / degrees
    return ratio * within, within


def _best_ratio(deviance: Callable[[float], float]) -> float:
    """The ratio of variances, 0 or more, where the deviance is least; 0 wins ties."""
    # A grid first: the function may have more than one valley.
    grid = np.linspace(-25.0, 25.0, 201)
    best = int(np.argmin([deviance(np.exp(log_ratio)) for log_ratio in grid]))
    found = optimize.minimize_scalar(
        lambda log_ratio: deviance(np.exp(log_ratio)),
        bounds=(grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]),
        method="bounded",
        options={"xatol": 1e-12},
    )
    return float(np.exp(found.x)) if found.fun < deviance(0.0) else 0.0


def _fit(sums: UnitSums, ratio: float) -> tuple[Floats, float, float]:
    weights = sums.pupils / (1 + ratio * sums.pupils)
    mean = float(weights @ sums.mean / weights.sum())
    return weights, mean, float(sums.all_squares_within + weights @ (sums.mean - mean) ** 2)
