"""How great the need of each unit is: an index from the chance that its pupils do not become eligible.

Statistics Sweden's index is bought, and its coefficients are not public. It is a logistic model of whether a
pupil becomes eligible for a national programme, given background; so is this, of the municipality's own
pupils and of the background that the warehouse knows. The optimiser is scipy's: statsmodels, which has the
model and with which it is compared, would be installed for this alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import optimize, special

from dagster_project.lib.statistics.estimates import Floats, Reason, aligned
from dagster_project.lib.statistics.regression import collinear

# Log odds beyond this are those of a group in which everybody or nobody is: the model has no end there.
_ENDLESS = 12.0
_TEXT = "string"


@dataclass(frozen=True, eq=False)
class Logistic:
    """A logistic model.

    Attributes:
        coefficients: log odds: the intercept, then one per regressor.
        standard_errors: of the coefficients, from the observed information.
        log_likelihood: of the model, persons taken one by one.
    """

    coefficients: Floats
    standard_errors: Floats
    log_likelihood: float

    def chance(self, *regressors: ArrayLike) -> Floats:
        """Expected share per row of the regressors."""
        columns = aligned(*regressors)
        return np.asarray(special.expit(_design(columns) @ self.coefficients))


def logistic(reached: ArrayLike, persons: ArrayLike, *regressors: ArrayLike) -> Logistic | Reason:
    """``log(p / (1 - p)) = b0 + b1 x1 + ...`` by maximum likelihood, of groups of persons who are alike.

    Args:
        reached: how many of each group did what the model is about, 0 to ``persons``.
        persons: number of persons per group; a group of one is a person.
        regressors: a number per group in every column.

    Returns:
        The model, or why there is none: ``no_pupils``; ``no_variation``, everybody or nobody did, in all or
        in a group that a regressor sets apart; ``collinear``, a regressor is constant or follows from others.

    Raises:
        ValueError: columns of different length, a missing or infinite number, more reached than persons.
    """
    y, n, *columns = aligned(reached, persons, *regressors)
    if np.isnan([y, n, *columns]).any() or (y < 0).any() or (y > n).any():
        raise ValueError(
            "every group needs known numbers, and at most as many who reached as there are persons"
        )
    if not n.sum():
        return Reason.NO_PUPILS
    if y.sum() in {0, n.sum()}:
        return Reason.NO_VARIATION
    design = _design(columns)
    if collinear(design[n > 0]):
        return Reason.COLLINEAR

    def loss(b: Floats) -> float:
        return float(n @ np.logaddexp(0, design @ b) - y @ (design @ b))

    def gradient(b: Floats) -> Floats:
        return np.asarray(design.T @ (n * special.expit(design @ b) - y))

    def information(b: Floats) -> Floats:
        p = special.expit(design @ b)
        return np.asarray(design.T @ (design * (n * p * (1 - p))[:, None]))

    found = optimize.minimize(
        loss, np.zeros(design.shape[1]), jac=gradient, hess=information, method="trust-exact"
    )
    if np.abs(found.x).max() > _ENDLESS:
        return Reason.NO_VARIATION
    return Logistic(
        coefficients=found.x,
        standard_errors=np.sqrt(np.diag(np.linalg.inv(information(found.x)))),
        log_likelihood=-float(found.fun),
    )


def _design(columns: Sequence[Floats]) -> Floats:
    return np.column_stack([np.ones_like(columns[0]), *columns])


def unit_need(
    groups: pd.DataFrame, background: Sequence[str], *, minimum_per_coefficient: int
) -> pd.DataFrame:
    """Index of need per unit and school year: 100 times the expected share over that of all pupils.

    The model is of the pupils with an outcome in all school years together; what it expects is reckoned for
    all pupils of the unit. The mean over all pupils of a school year is 100.

    Args:
        groups: of one municipality; ``unit_key``, ``school_year``, the columns of background (numbers,
            missing when not known), ``n_pupils``, ``n_outcomes`` (those of whom the outcome is known) and
            ``n_not_eligible`` (of these).
        background: names of columns of numbers.
        minimum_per_coefficient: of the rarer outcome, for each column of background; below it a model tells
            of single pupils (Peduzzi and others 1996, doi 10.1016/S0895-4356(96)00236-3, propose ten).

    Returns:
        A row per unit and school year with pupils: ``n_pupils``; ``coverage``, share of them with a known
        background, which the index is of; ``expected_share``, ``index_value``; ``reason`` when these are
        missing: ``no_pupils`` (none with a known background), ``few_pupils``, or that of :func:`logistic`.
    """
    known = groups[groups[list(background)].notna().all(axis=1)]
    model = _model(known, background, minimum_per_coefficient)
    by = ["unit_key", "school_year"]
    units = groups.groupby(by, as_index=False)["n_pupils"].sum()
    units = units[units["n_pupils"] > 0].reset_index(drop=True)
    if isinstance(model, Reason):
        expected, reason = np.full(len(known), np.nan), model.value
    else:
        expected = model.chance(*(known[name] for name in background)) * known["n_pupils"]
        reason = Reason.NO_PUPILS.value
    sums = known.assign(n_known=known["n_pupils"], expected=expected).groupby(by, as_index=False)
    units = units.merge(sums[["n_known", "expected"]].sum(min_count=1), on=by, how="left")
    of_all = units.groupby("school_year")[["expected", "n_known"]].transform("sum")
    share = units["expected"] / units["n_known"].where(units["n_known"] > 0)
    return pd.DataFrame(
        {
            "unit_key": units["unit_key"],
            "school_year": units["school_year"],
            "n_pupils": units["n_pupils"].astype(int),
            "coverage": units["n_known"].fillna(0) / units["n_pupils"],
            "expected_share": share,
            "index_value": 100 * share / (of_all["expected"] / of_all["n_known"]),
            "reason": pd.Series(reason, index=units.index, dtype=_TEXT).where(share.isna()),
        }
    )


def _model(known: pd.DataFrame, background: Sequence[str], minimum: int) -> Logistic | Reason:
    with_outcome = known[known["n_outcomes"] > 0]
    not_eligible, persons = with_outcome["n_not_eligible"], with_outcome["n_outcomes"]
    rarer = min(int(not_eligible.sum()), int((persons - not_eligible).sum()))
    if rarer < minimum * len(background):
        return Reason.FEW_PUPILS
    return logistic(not_eligible, persons, *(with_outcome[name] for name in background))
