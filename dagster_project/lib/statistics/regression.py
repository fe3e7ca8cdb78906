"""Weighted least squares with errors for unequal variances (HC1), and what each unit does to the fit."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dagster_project.lib.statistics.estimates import Floats, Reason, aligned


@dataclass(frozen=True, eq=False)
class Fit:
    """A linear model of units.

    Attributes:
        coefficients: the intercept, then one per regressor.
        standard_errors: of the coefficients, equal variances assumed.
        robust_errors: of the coefficients, HC1 (MacKinnon & White 1985).
        expected: fitted value per unit.
        residuals: actual minus expected per unit.
        leverage: how much a unit's own value decides its expected one, 0 to 1.
        residual_error: standard error of a residual, ``sqrt(sum w e^2 / (n - p))``.
        r_squared: share of the weighted variation that the regressors account for; ``None`` without any.
    """

    coefficients: Floats
    standard_errors: Floats
    robust_errors: Floats
    expected: Floats
    residuals: Floats
    leverage: Floats
    residual_error: float
    r_squared: float | None

    @property
    def adjusted_r_squared(self) -> float | None:
        """R squared with a deduction for every regressor."""
        units, columns = len(self.residuals), len(self.coefficients)
        return None if self.r_squared is None else 1 - (1 - self.r_squared) * (units - 1) / (units - columns)

    @property
    def deleted_residuals(self) -> Floats:
        """Residual of each unit from the model that the others give; NaN for a unit that fixes the model."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self._is_free, self.residuals / (1 - self.leverage), np.nan)

    @property
    def studentised_residuals(self) -> Floats:
        """Deleted residuals over their standard error (external); for unweighted fits."""
        degrees = len(self.residuals) - len(self.coefficients)
        with np.errstate(divide="ignore", invalid="ignore"):
            standardised = self.residuals / (self.residual_error * np.sqrt(1 - self.leverage))
            studentised = standardised * np.sqrt((degrees - 1) / (degrees - standardised**2))
        return np.where(self._is_free, studentised, np.nan)

    @property
    def _is_free(self) -> NDArray[np.bool_]:
        """Whether the model would have a value for the unit without it."""
        return np.asarray(self.leverage < 1 - 1e-9)


def least_squares(y: ArrayLike, *regressors: ArrayLike, weights: ArrayLike | None = None) -> Fit | Reason:
    """``y = b0 + b1 x1 + ... + e``, one number per unit in every column, weights above 0.

    Returns:
        The fit, or why there is none: ``few_units`` (no degree of freedom left), ``collinear`` (a regressor
        is constant or follows from the others).

    Raises:
        ValueError: columns of different length, a missing or infinite number, a weight that is not above 0.
    """
    outcome, *columns = aligned(y, *regressors)
    weight = np.ones_like(outcome) if weights is None else aligned(outcome, weights)[1]
    if np.isnan([outcome, *columns, weight]).any() or (weight <= 0).any():
        raise ValueError("every unit needs known numbers and a weight above 0")
    design = np.column_stack([np.ones_like(outcome), *columns])
    units, parameters = design.shape
    if units <= parameters:
        return Reason.FEW_UNITS
    root = np.sqrt(weight)
    scaled = design * root[:, None]
    if collinear(scaled):
        return Reason.COLLINEAR
    # By QR, not by normal equations: the columns may be of very different size.
    q, r = np.linalg.qr(scaled)
    coefficients = np.linalg.solve(r, q.T @ (outcome * root))
    expected = design @ coefficients
    residuals = outcome - expected
    leverage = np.einsum("ij,ij->i", q, q)
    inverse = np.linalg.solve(r, q.T)
    degrees = units - parameters
    residual_error = float(np.sqrt(weight @ residuals**2 / degrees))
    meat = inverse * (residuals * root)
    mean = float(weight @ outcome / weight.sum())
    variation = float(weight @ (outcome - mean) ** 2)
    return Fit(
        coefficients=coefficients,
        standard_errors=residual_error * np.sqrt(np.einsum("ij,ij->i", inverse, inverse)),
        robust_errors=np.sqrt(np.einsum("ij,ij->i", meat, meat) * units / degrees),
        expected=expected,
        residuals=residuals,
        leverage=leverage,
        residual_error=residual_error,
        r_squared=1 - float(weight @ residuals**2) / variation if variation else None,
    )


def collinear(design: Floats) -> bool:
    """Whether a column follows from the others, whatever the columns' scales."""
    lengths = np.linalg.norm(design, axis=0)
    return bool((lengths == 0).any() or np.linalg.matrix_rank(design / lengths, tol=1e-10) < design.shape[1])
