"""Units' shares of successes in a funnel around a target: limits for chance alone and for over-dispersion."""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from dagster_project.lib.statistics.estimates import Estimate, Floats, Reason, normal_quantile, undefined
from dagster_project.lib.statistics.proportions import counts

WARNING, ALARM = 0.95, 0.998


class Position(StrEnum):
    """Where a unit lies, in the board's words. There is no rank."""

    WITHIN = "inom"
    BELOW_95 = "under 95"
    BELOW_998 = "under 99,8"
    ABOVE_95 = "över 95"
    ABOVE_998 = "över 99,8"


@dataclass(frozen=True)
class Limits:
    """Lower and upper limit of a share at one level, cut at 0 and 1.

    Attributes:
        exact: of the binomial, interpolated between counts (Spiegelhalter 2005, doi 10.1002/sim.1970).
        normal: ``target -+ z s``.
        multiplicative: ``target -+ z s sqrt(phi)``, when there is over-dispersion.
        additive: ``target -+ z sqrt(s^2 + tau squared)``, likewise; preferred: kinder to large units.
    """

    exact: tuple[float, float]
    normal: tuple[float, float]
    multiplicative: tuple[float, float]
    additive: tuple[float, float]


@dataclass(frozen=True)
class FunnelUnit:
    """A unit with pupils.

    Attributes:
        share: successes over trials.
        z: distance from the target in standard errors of chance alone.
        adjusted_z: the same with the variance between units added.
        warning: limits at 95 %.
        alarm: limits at 99.8 %.
        shrunk: empirical Bayes share with its 95 % interval, drawn towards the target.
        shrunk_error: standard error of ``shrunk``.
        reliability: ``tau squared / (tau squared + s^2)``, the part of the distance that was kept.
        position: by ``adjusted_z``.
    """

    share: float
    z: float
    adjusted_z: float
    warning: Limits
    alarm: Limits
    shrunk: Estimate
    shrunk_error: float
    reliability: float
    position: Position


@dataclass(frozen=True)
class Funnel:
    """All units against one target.

    Attributes:
        target: the share that chance alone is drawn around, or the reason why there is no funnel.
        phi: mean of the squared winsorised z: 1 when pupils' chance explains the differences.
        p_value: of phi, by chi-squared with as many degrees as units.
        is_overdispersed: whether units differ more than by chance.
        tau_squared: variance between units that chance does not explain; 0 without over-dispersion.
        units: in the order given; ``None`` for a unit without pupils or with an unknown count.
    """

    target: Estimate
    phi: float | None = None
    p_value: float | None = None
    is_overdispersed: bool = False
    tau_squared: float = 0.0
    units: tuple[FunnelUnit | None, ...] = ()


def funnel(
    successes: ArrayLike,
    trials: ArrayLike,
    *,
    target: float | None = None,
    tail: float = 0.1,
    significance: float = 0.05,
) -> Funnel:
    """Funnel of units' shares, with over-dispersion after Spiegelhalter 2005.

    ``z_j = (p_j - target) / s_j`` with ``s_j^2 = target (1 - target) / n_j``, drawn in at both ends;
    ``phi`` is the mean of its squares. With I units, w = 1 / s^2 and I phi significant,
    ``tau squared = max(0, (I phi - (I - 1)) / (sum w - sum w^2 / sum w))``.

    Args:
        successes: pupils who reached the level, one number per unit.
        trials: all pupils of the unit.
        target: share to compare with, such as the nation's; otherwise that of all these units together.
        tail: part of the units in each tail that are drawn in, below a half.
        significance: below which phi is more than chance.

    Returns:
        The funnel; without one unit with pupils ``no_pupils``, and with a target of 0 or 1, where chance has
        no room, ``no_variation``.

    Raises:
        ValueError: columns of different length, negative counts, more successes than trials, a target that is
            no share, a tail of half or more.
    """
    found = overdispersion(successes, trials, target=target, tail=tail, significance=significance)
    k, n = counts(successes, trials)
    centre = found.target.value
    if centre is None:
        none = () if found.target.reason is Reason.NO_PUPILS else (None,) * len(k)
        return Funnel(found.target, units=none)
    usable = (n > 0) & ~np.isnan(k)
    errors = np.sqrt(centre * (1 - centre) / n[usable])
    stretch = float(np.sqrt(found.phi)) if found.phi is not None and found.is_overdispersed else 1.0
    placed = iter(
        [
            _unit(*row, target=centre, tau_squared=found.tau_squared, stretch=stretch)
            for row in zip(k[usable].tolist(), n[usable].tolist(), errors.tolist(), strict=True)
        ]
    )
    return replace(found, units=tuple(next(placed) if known else None for known in usable))


def overdispersion(
    successes: ArrayLike,
    trials: ArrayLike,
    *,
    target: float | None = None,
    tail: float = 0.1,
    significance: float = 0.05,
) -> Funnel:
    """The set's part of :func:`funnel`, without its units: target, phi and tau squared.

    Arguments and errors as :func:`funnel`; SQL draws the limits and positions from it.
    """
    if (target is not None and not 0 <= target <= 1) or not 0 <= tail < 0.5:
        raise ValueError("the target is a share from 0 to 1, and a tail less than half")
    k, n = counts(successes, trials)
    usable = (n > 0) & ~np.isnan(k)
    if not usable.any():
        return Funnel(undefined(Reason.NO_PUPILS))
    centre = float(k[usable].sum() / n[usable].sum()) if target is None else target
    if centre in {0.0, 1.0}:
        return Funnel(undefined(Reason.NO_VARIATION))
    errors = np.sqrt(centre * (1 - centre) / n[usable])
    z = (k[usable] / n[usable] - centre) / errors
    phi = float(np.mean(drawn_in(z, tail) ** 2))
    p_value = float(stats.chi2.sf(len(z) * phi, len(z)))
    is_overdispersed = p_value < significance
    return Funnel(
        target=Estimate(centre),
        phi=phi,
        p_value=p_value,
        is_overdispersed=is_overdispersed,
        tau_squared=_additive_variance(phi, errors) if is_overdispersed else 0.0,
    )


def drawn_in(z: Floats, tail: float) -> Floats:
    """Winsorised: the lowest and highest ``tail`` of the units, rounded down, take the next unit's value."""
    ends = int(tail * len(z) + 1e-9)
    ordered = np.sort(z)
    return np.clip(z, ordered[ends], ordered[-1 - ends])


def position(z: float) -> Position:
    """Place of an adjusted z; a limit itself lies inside."""
    if abs(z) <= normal_quantile(WARNING):
        return Position.WITHIN
    if abs(z) <= normal_quantile(ALARM):
        return Position.BELOW_95 if z < 0 else Position.ABOVE_95
    return Position.BELOW_998 if z < 0 else Position.ABOVE_998


def exact_limit(trials: float, target: float, probability: float) -> float:
    """Share that a unit of ``trials`` pupils falls below with ``probability``, interpolated between counts.

    ``(r - a) / n`` with r the binomial quantile and ``a = (F(r) - probability) / f(r)``; cut at 0 and 1.
    """
    law = stats.binom(trials, target)
    r = float(law.ppf(probability))
    excess = (float(law.cdf(r)) - probability) / float(law.pmf(r))
    return min(max((r - excess) / trials, 0.0), 1.0)


def _additive_variance(phi: float, errors: Floats) -> float:
    weights = 1 / errors**2
    units = len(errors)
    if units == 1:
        return 0.0
    excess = units * phi - (units - 1)
    return max(0.0, float(excess / (weights.sum() - (weights**2).sum() / weights.sum())))


def _unit(
    k: float, n: float, error: float, *, target: float, tau_squared: float, stretch: float
) -> FunnelUnit:
    share = k / n
    adjusted_error = float(np.sqrt(error**2 + tau_squared))
    adjusted_z = (share - target) / adjusted_error
    reliability = tau_squared / (tau_squared + error**2)
    shrunk = target + reliability * (share - target)
    shrunk_error = float(np.sqrt(reliability)) * error

    def around(half: float) -> tuple[float, float]:
        return max(target - half, 0.0), min(target + half, 1.0)

    def limits(level: float) -> Limits:
        z = normal_quantile(level)
        low, high = (exact_limit(n, target, p) for p in ((1 - level) / 2, (1 + level) / 2))
        return Limits((low, high), around(z * error), around(z * error * stretch), around(z * adjusted_error))

    half = normal_quantile(WARNING) * shrunk_error
    return FunnelUnit(
        share=share,
        z=(share - target) / error,
        adjusted_z=adjusted_z,
        warning=limits(WARNING),
        alarm=limits(ALARM),
        shrunk=Estimate(shrunk, max(shrunk - half, 0.0), min(shrunk + half, 1.0)),
        shrunk_error=shrunk_error,
        reliability=reliability,
        position=position(adjusted_z),
    )
