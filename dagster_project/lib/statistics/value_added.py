"""Results against what the pupils' background lets expect: SALSA's published model, and a local fit."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from dagster_project.lib.statistics.estimates import Estimate, Reason, aligned, undefined
from dagster_project.lib.statistics.regression import least_squares


@dataclass(frozen=True)
class LinearModel:
    """Published coefficients, by the regressor's name.

    Attributes:
        intercept: value where all regressors are 0.
        coefficients: change per unit of each regressor.
    """

    intercept: float
    coefficients: Mapping[str, float]

    def expected(self, regressors: Mapping[str, ArrayLike]) -> tuple[Estimate, ...]:
        """Expected value per unit, no interval; ``missing`` where a regressor is not known.

        Raises:
            KeyError: a regressor of the model is not given.
            ValueError: columns of different length.
        """
        columns = aligned(*(regressors[name] for name in self.coefficients))
        values = self.intercept + sum(
            slope * column for slope, column in zip(self.coefficients.values(), columns, strict=True)
        )
        return tuple(_estimate(value) for value in np.asarray(values).tolist())

    def residuals(self, actual: ArrayLike, regressors: Mapping[str, ArrayLike]) -> tuple[Estimate, ...]:
        """Actual minus expected per unit; ``missing`` where either is not known. As :meth:`expected`."""
        (known,) = aligned(actual)
        return tuple(
            undefined(Reason.MISSING) if expected.value is None else _estimate(value - expected.value)
            for value, expected in zip(known.tolist(), self.expected(regressors), strict=True)
        )


@dataclass(frozen=True)
class LocalResidual:
    """A unit in a model fitted on the units themselves.

    Attributes:
        expected: value that the model gives the unit.
        residual: actual minus expected.
        deleted: residual from the model that the other units give; ``None`` when the unit fixes the model.
        leverage: how much the unit's own value decides its expected one, 0 to 1.
        studentised: deleted residual over its standard error; ``None`` when undefined.
    """

    expected: float
    residual: float
    deleted: float | None
    leverage: float
    studentised: float | None


def local_residuals(actual: ArrayLike, *regressors: ArrayLike) -> tuple[LocalResidual, ...] | Reason:
    """Residuals per unit of an ordinary least squares fit on these units.

    With the units of one municipality such a fit is unstable: prefer Skolverket's published residuals, and
    read the deleted ones and the leverage beside these. Reasons and errors are those of
    :func:`regression.least_squares`.
    """
    fit = least_squares(actual, *regressors)
    if isinstance(fit, Reason):
        return fit
    columns = (fit.expected, fit.residuals, fit.deleted_residuals, fit.leverage, fit.studentised_residuals)
    return tuple(
        LocalResidual(expected, residual, _finite(deleted), leverage, _finite(studentised))
        for expected, residual, deleted, leverage, studentised in zip(
            *(column.tolist() for column in columns), strict=True
        )
    )


def is_shown(
    pupils: int,
    background_known: float,
    *,
    minimum_pupils: int = 15,
    minimum_background: float = 0.75,
) -> bool:
    """Whether SALSA shows a unit: enough pupils in year 9, and their background known for enough of them.

    Args:
        pupils: pupils in year 9.
        background_known: share of them, 0 to 1, whose background is known.
        minimum_pupils: Skolverket's rule is 15.
        minimum_background: Skolverket's rule is 75 %.
    """
    return pupils >= minimum_pupils and background_known >= minimum_background


def _estimate(value: float) -> Estimate:
    return undefined(Reason.MISSING) if np.isnan(value) else Estimate(value)


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
