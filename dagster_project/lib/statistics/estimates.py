"""A figure with its interval, or the reason why there is none; and the checks that methods begin with."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Floats = NDArray[np.float64]


class Reason(StrEnum):
    """Why a figure is undefined. The macros of ``dbt_project/macros/statistics`` use the same words."""

    MISSING = "missing"
    NO_PUPILS = "no_pupils"
    FEW_PUPILS = "few_pupils"
    GROUP_EMPTY = "group_empty"
    GROUP_IS_ALL = "group_is_all"
    ONE_GROUP = "one_group"
    ONE_UNIT = "one_unit"
    FEW_UNITS = "few_units"
    ONE_PUPIL_PER_UNIT = "one_pupil_per_unit"
    NO_VARIATION = "no_variation"
    ZERO_MEAN = "zero_mean"
    EQUAL_NEED = "equal_need"
    INTERCEPT_NOT_POSITIVE = "intercept_not_positive"
    QUARTER_EMPTY = "quarter_empty"
    COLLINEAR = "collinear"


@dataclass(frozen=True)
class Estimate:
    """A value with its interval, in the unit of the method that made it.

    Attributes:
        value: the figure, or ``None`` with a reason. Never NaN.
        lower: lower limit of the interval, or ``None`` where the method has none.
        upper: upper limit.
        reason: why ``value`` is ``None``; ``None`` otherwise.
    """

    value: float | None
    lower: float | None = None
    upper: float | None = None
    reason: Reason | None = None

    def __post_init__(self) -> None:
        """Refuses a figure that is neither a number nor explained.

        Raises:
            ValueError: NaN or infinite; no value and no reason; a value and a reason.
        """
        if any(
            number is not None and not isfinite(number) for number in (self.value, self.lower, self.upper)
        ):
            raise ValueError("an estimate is a finite number or None with a reason")
        if (self.value is None) != (self.reason is not None):
            raise ValueError("an estimate has either a value or a reason")


def undefined(reason: Reason) -> Estimate:
    """An estimate without a value."""
    return Estimate(None, reason=reason)


def aligned(*columns: ArrayLike | Sequence[float | None]) -> tuple[Floats, ...]:
    """The columns as arrays of floats of one length; ``None`` becomes NaN, to be dropped by the method.

    Raises:
        ValueError: the columns differ in length, are not flat, or hold an infinite number.
    """
    arrays = tuple(np.asarray(column, dtype=np.float64) for column in columns)
    if any(array.ndim != 1 or array.shape != arrays[0].shape for array in arrays):
        raise ValueError("the columns must be flat and of one length")
    if any(np.isinf(array).any() for array in arrays):
        raise ValueError("the columns must hold finite numbers")
    return arrays


def normal_quantile(level: float) -> float:
    """Half-width of a two-sided normal interval in standard errors: ``0.95`` -> 1.96."""
    return float(stats.norm.ppf((1 + level) / 2))
