"""Differences between two groups, with intervals: of shares and of means."""

import math
from dataclasses import dataclass

from scipy import stats

from dagster_project.lib.statistics.estimates import Estimate, Reason, normal_quantile, undefined
from dagster_project.lib.statistics.proportions import counts, wilson_limits


@dataclass(frozen=True)
class GroupMean:
    """A group's results: their number, mean and standard deviation (n - 1), which one pupil has not."""

    pupils: int
    mean: float | None
    standard_deviation: float | None


def newcombe(k1: int, n1: int, k2: int, n2: int, *, minimum: int = 10, level: float = 0.95) -> Estimate:
    """Share of the first group minus that of the second; Newcombe's hybrid of two Wilson intervals.

    ``p1 - p2 - sqrt((p1 - l1)^2 + (u2 - p2)^2)`` and ``p1 - p2 + sqrt((u1 - p1)^2 + (p2 - l2)^2)``.
    Newcombe 1998, method 10, doi 10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I.

    Args:
        k1: successes in the first group.
        n1: pupils in the first group.
        k2: successes in the second group.
        n2: pupils in the second group.
        minimum: pupils that both groups must have; ``few_pupils`` otherwise, ``no_pupils`` for none.
        level: confidence of the two-sided interval.

    Raises:
        ValueError: negative counts, or more successes than pupils.
    """
    reason = _too_few(k1, n1, k2, n2, minimum)
    if reason is not None:
        return undefined(reason)
    (l1, l2), (u1, u2) = wilson_limits(*counts([k1, k2], [n1, n2]), level)
    p1, p2 = k1 / n1, k2 / n2
    return Estimate(
        p1 - p2,
        p1 - p2 - math.hypot(p1 - l1, u2 - p2),
        p1 - p2 + math.hypot(u1 - p1, p2 - l2),
    )


def agresti_caffo(k1: int, n1: int, k2: int, n2: int, *, minimum: int = 10, level: float = 0.95) -> Estimate:
    """As :func:`newcombe`, by Wald's interval after one success and one failure more in each group.

    The value is the difference itself. Agresti & Caffo 2000, doi 10.1080/00031305.2000.10474560.
    """
    reason = _too_few(k1, n1, k2, n2, minimum)
    if reason is not None:
        return undefined(reason)
    shares = [(k + 1) / (n + 2) for k, n in ((k1, n1), (k2, n2))]
    half = normal_quantile(level) * math.sqrt(
        sum(share * (1 - share) / (n + 2) for share, n in zip(shares, (n1, n2), strict=True))
    )
    centre = shares[0] - shares[1]
    return Estimate(k1 / n1 - k2 / n2, max(centre - half, -1.0), min(centre + half, 1.0))


def welch(one: GroupMean, two: GroupMean, *, minimum: int = 10, level: float = 0.95) -> Estimate:
    """Mean of the first group minus that of the second, with Welch's interval for unequal variances.

    Undefined: ``few_pupils`` when a group has fewer pupils than ``minimum`` or than two; ``missing`` when a
    mean or deviation is not known.
    """
    groups = _known(one, two, minimum)
    if isinstance(groups, Reason):
        return undefined(groups)
    first, second = groups
    difference = first.mean - second.mean
    variance = first.variance_of_mean + second.variance_of_mean
    if variance == 0:
        return Estimate(difference, difference, difference)
    degrees = variance**2 / sum(group.variance_of_mean**2 / (group.pupils - 1) for group in groups)
    half = float(stats.t.ppf((1 + level) / 2, degrees)) * math.sqrt(variance)
    return Estimate(difference, difference - half, difference + half)


def standardised_difference(one: GroupMean, two: GroupMean, *, minimum: int = 10) -> Estimate:
    """Cohen's d: the difference of means over the pooled standard deviation; no interval.

    ``no_variation`` when all pupils of both groups are alike; otherwise as :func:`welch`.
    """
    groups = _known(one, two, minimum)
    if isinstance(groups, Reason):
        return undefined(groups)
    first, second = groups
    squares = sum((group.pupils - 1) * group.standard_deviation**2 for group in groups)
    if squares == 0:
        return undefined(Reason.NO_VARIATION)
    pooled = math.sqrt(squares / (first.pupils + second.pupils - 2))
    return Estimate((first.mean - second.mean) / pooled)


@dataclass(frozen=True)
class _KnownMean:
    pupils: int
    mean: float
    standard_deviation: float

    @property
    def variance_of_mean(self) -> float:
        return self.standard_deviation**2 / self.pupils


def _known(one: GroupMean, two: GroupMean, minimum: int) -> tuple[_KnownMean, _KnownMean] | Reason:
    if min(one.pupils, two.pupils) < max(minimum, 2):
        return Reason.FEW_PUPILS
    if (
        one.mean is None
        or one.standard_deviation is None
        or two.mean is None
        or two.standard_deviation is None
    ):
        return Reason.MISSING
    return (
        _KnownMean(one.pupils, one.mean, one.standard_deviation),
        _KnownMean(two.pupils, two.mean, two.standard_deviation),
    )


def _too_few(k1: int, n1: int, k2: int, n2: int, minimum: int) -> Reason | None:
    counts([k1, k2], [n1, n2])
    if min(n1, n2) == 0:
        return Reason.NO_PUPILS
    return Reason.FEW_PUPILS if min(n1, n2) < minimum else None
