"""Which units a development dialogue should begin with: a screening from three years, and people decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from dagster_project.lib.statistics.estimates import Reason


@dataclass(frozen=True)
class ScreeningRule:
    """Parameters, proposed and to be decided locally.

    Attributes:
        alarm_z: an adjusted z so low that one year is enough.
        low_z: an adjusted z that is low when it comes back.
        years: number of years looked at, the latest included.
        low_years: number of them that must be low.
        minimum_pupils: a year with fewer is no observation.
    """

    alarm_z: float = -3.09
    low_z: float = -1.96
    years: int = 3
    low_years: int = 2
    minimum_pupils: int = 10


class Finding(StrEnum):
    """What the years say."""

    ALARM = "alarm"
    REPEATED = "repeated"
    FOLLOW_UP = "follow_up"
    NOT_LOW = "not_low"


@dataclass(frozen=True)
class Screening:
    """The answer for one unit.

    Attributes:
        is_candidate: ``None`` when the figures cannot tell; dialogue only.
        finding: ``alarm`` or ``repeated`` for a candidate; ``follow_up`` when low but within what chance may
            do; ``not_low``.
        reason: why ``is_candidate`` is ``None``.
    """

    is_candidate: bool | None
    finding: Finding | None = None
    reason: Reason | None = None


def screen(
    z: Sequence[float | None],
    pupils: Sequence[int | None],
    shrunk_upper: float | None,
    rule: ScreeningRule | None = None,
) -> Screening:
    """Whether a unit is a candidate for support as a development unit.

    A candidate is low enough in the latest year alone, or low in enough of the last years; and in both cases
    the upper 95 % limit of its empirical Bayes residual lies below 0.

    Args:
        z: adjusted z of each year, the latest first; ``None`` where not observed.
        pupils: pupils behind it, in the same order.
        shrunk_upper: upper limit of the latest shrunk residual, share or points.
        rule: parameters.

    Returns:
        ``few_pupils`` when the latest year has too few, ``missing`` when it or its limit is not known.

    Raises:
        ValueError: no year, or years and pupils differ in number.
    """
    rule = rule or ScreeningRule()
    if not z or len(z) != len(pupils):
        raise ValueError("every year needs a z and a number of pupils, or None for both")
    latest, latest_pupils = z[0], pupils[0]
    if latest_pupils is not None and latest_pupils < rule.minimum_pupils:
        return Screening(None, reason=Reason.FEW_PUPILS)
    if latest is None or latest_pupils is None or shrunk_upper is None:
        return Screening(None, reason=Reason.MISSING)
    observed = [
        value
        for value, n in zip(z[: rule.years], pupils, strict=False)
        if value is not None and n is not None and n >= rule.minimum_pupils
    ]
    if latest <= rule.alarm_z:
        finding = Finding.ALARM
    elif sum(value <= rule.low_z for value in observed) >= rule.low_years:
        finding = Finding.REPEATED
    else:
        return Screening(False, Finding.NOT_LOW)
    return Screening(True, finding) if shrunk_upper < 0 else Screening(False, Finding.FOLLOW_UP)
