"""Estimates of many sets of units at once: a frame with a row per unit in, a frame with a row per set out.

The dbt Python models call these. A *set* is what is compared with itself: the units of one municipality in
one school year, for one measure. ``by`` names the columns that tell one set from the next; they come back
first, in the same order. Figures that are undefined are missing, and the column ``reason`` says why.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from dagster_project.lib import school_year as school_years
from dagster_project.lib.statistics.concentration import slope_index, verdict
from dagster_project.lib.statistics.estimates import Estimate, Reason
from dagster_project.lib.statistics.funnel import overdispersion
from dagster_project.lib.statistics.gaps import GroupMean, newcombe, welch
from dagster_project.lib.statistics.screening import ScreeningRule, screen
from dagster_project.lib.statistics.segregation import bias_corrected_dissimilarity
from dagster_project.lib.statistics.shrinkage import fay_herriot, sampling_variances
from dagster_project.lib.statistics.variance import UnitSums, anova_icc, reml, reml_adjusted

Row = Mapping[str, Any]

# Text also where every value is missing: DuckDB would take an empty column of objects for numbers.
TEXT = "string"


def corrected_dissimilarity(units: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Bootstrap-corrected D per set.

    Args:
        units: ``focal`` and ``pupils``, counts per unit; units with a missing count are left out.
        by: columns of the set.

    Returns:
        ``value`` and ``reason``; source in :func:`segregation.bias_corrected_dissimilarity`.
    """

    def estimate(counted: pd.DataFrame) -> Row:
        return _columns(bias_corrected_dissimilarity(counted["focal"], counted["pupils"]), interval=False)

    known = units[units["focal"].notna() & units["pupils"].notna()]
    return _per_set(known, by, {"value": float, "reason": TEXT}, estimate)


def variance_components(units: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Intraclass correlation per set: by ANOVA with its F interval, and by REML with its components.

    Args:
        units: ``n_pupils``, ``mean_value`` and ``squares_within`` per unit, as the macro ``unit_moments``
            gives them.
        by: columns of the set.

    Returns:
        ``icc_low``, ``icc_high`` of the ANOVA; ``icc_reml``, ``variance_between``, ``variance_within``,
        ``mean_of_units`` of the mixed model; ``reason`` of both.
    """

    def estimate(moments: pd.DataFrame) -> Row:
        sums = UnitSums.of(moments["n_pupils"], moments["mean_value"], moments["squares_within"])
        interval, components = anova_icc(sums), reml(sums)
        return {
            "icc_low": interval.lower,
            "icc_high": interval.upper,
            "icc_reml": components.icc.value,
            "variance_between": components.between,
            "variance_within": components.within,
            "mean_of_units": components.mean,
            "reason": components.icc.reason and components.icc.reason.value,
        }

    numbers = ("icc_low", "icc_high", "icc_reml", "variance_between", "variance_within", "mean_of_units")
    return _per_set(units, by, {**dict.fromkeys(numbers, float), "reason": TEXT}, estimate)


def adjusted_components(pupils: pd.DataFrame, by: Sequence[str], background: Sequence[str]) -> pd.DataFrame:
    """What of the differences between units is left when pupils' background is allowed for, per set.

    Args:
        pupils: ``unit_key``, ``result`` and the columns of background, one row per pupil; pupils with an
            unknown background are left out.
        by: columns of the set.
        background: names of columns of 0 and 1.

    Returns:
        ``icc_adjusted``, ``explained`` (share of the variance between units), ``n_pupils`` with a known
        background, ``coverage`` (their share), ``reason`` of the correlation.
    """

    def estimate(everyone: pd.DataFrame) -> Row:
        known = everyone[everyone[list(background)].notna().all(axis=1)]
        found = reml_adjusted(known["unit_key"], known["result"], *(known[name] for name in background))
        return {
            "icc_adjusted": found.icc.value,
            "explained": found.explained.value,
            "n_pupils": len(known),
            "coverage": len(known) / len(everyone),
            "reason": found.icc.reason and found.icc.reason.value,
        }

    kinds: dict[str, type | str] = {
        "icc_adjusted": float,
        "explained": float,
        "n_pupils": int,
        "coverage": float,
        "reason": TEXT,
    }
    return _per_set(pupils, by, kinds, estimate)


def group_gaps(pairs: pd.DataFrame, by: Sequence[str], minimum: int) -> pd.DataFrame:
    """Difference between two groups with its interval, one row per row of ``pairs``.

    Args:
        pairs: ``by``, ``kind`` (``share`` or ``mean``), and for each of ``first`` and ``second`` the columns
            ``{first}_pupils`` and ``{first}_reached`` (counts, for a share) or ``{first}_mean`` and
            ``{first}_deviation`` (for a mean).
        by: columns that name the pair.
        minimum: pupils that both groups must have.

    Returns:
        ``value``, ``lower``, ``upper``, ``reason``: a share's difference as a part of 1, Newcombe's interval;
        a mean's in its own unit, Welch's interval.
    """

    def estimate(pair: pd.DataFrame) -> Row:
        row = pair.iloc[0]
        if row["kind"] == "share":
            counts = [
                int(row[f"{group}_{count}"])
                for group in ("first", "second")
                for count in ("reached", "pupils")
            ]
            k1, n1, k2, n2 = counts
            return _columns(newcombe(k1, n1, k2, n2, minimum=minimum))
        first, second = (
            GroupMean(
                int(row[f"{group}_pupils"]), _number(row[f"{group}_mean"]), _number(row[f"{group}_deviation"])
            )
            for group in ("first", "second")
        )
        return _columns(welch(first, second, minimum=minimum))

    return _per_set(pairs, by, _ESTIMATE, estimate)


def need_slopes(units: pd.DataFrame, by: Sequence[str], minimum_units: int) -> pd.DataFrame:
    """Slope index over units in order of need with its HC1 interval, and the answer it gives.

    Args:
        units: ``need``, ``outcome`` and ``n_pupils`` per unit; need or outcome may be missing.
        by: columns of the set.
        minimum_units: fewer units with known need and outcome give no slope, and no firm answer.

    Returns:
        ``value``, ``lower``, ``upper``, ``relative`` (RII), ``verdict`` (``yes``, ``no`` or ``undecided``),
        ``n_units`` with known need and outcome, ``coverage`` in pupils, ``reason``.
    """

    def estimate(ranked: pd.DataFrame) -> Row:
        slope = slope_index(ranked["need"], ranked["outcome"], ranked["n_pupils"])
        answer = verdict(slope, minimum_units=minimum_units)
        is_enough = slope.units >= minimum_units
        few = Estimate(None, reason=Reason.FEW_UNITS)
        return {
            **_columns(slope.index if is_enough else few),
            "relative": slope.ratio.value if is_enough else None,
            "verdict": answer.answer.name.lower(),
            "n_units": slope.units,
            "coverage": slope.coverage,
        }

    kinds = {**_ESTIMATE, "relative": float, "verdict": TEXT, "n_units": int, "coverage": float}
    return _per_set(units, by, kinds, estimate)


def funnel_targets(
    units: pd.DataFrame, by: Sequence[str], *, tail: float, significance: float
) -> pd.DataFrame:
    """What a funnel is drawn around, per set: the share, and the variance that chance leaves over.

    Args:
        units: ``successes`` and ``trials`` per unit, counts; ``reference``, the share to compare with, the
            same for all units of a set and missing where they are compared with themselves.
        by: columns of the set.
        tail: part of the units in each end that is drawn in before the spread is measured.
        significance: below which the spread is more than chance.

    Returns:
        ``target``, ``phi``, ``tau_squared`` and ``reason``.
    """

    def estimate(counted: pd.DataFrame) -> Row:
        found = overdispersion(
            counted["successes"],
            counted["trials"],
            target=_number(counted["reference"].iloc[0]),
            tail=tail,
            significance=significance,
        )
        return {
            "target": found.target.value,
            "phi": found.phi,
            "tau_squared": found.tau_squared,
            "reason": found.target.reason and found.target.reason.value,
        }

    kinds: dict[str, type | str] = {"target": float, "phi": float, "tau_squared": float, "reason": TEXT}
    return _per_set(units, by, kinds, estimate)


def shrunk_residuals(
    units: pd.DataFrame, by: Sequence[str], regressors: Sequence[str], minimum_pupils: int
) -> pd.DataFrame:
    """Means of units against units of the same composition, one row per unit (Fay & Herriot 1979).

    Args:
        units: ``unit_key``, ``n_pupils``, ``mean_value``, ``squares_within`` and the regressors. Units with a
            missing regressor or fewer pupils than ``minimum_pupils`` are left out.
        by: columns of the set.
        regressors: columns that say what a unit's pupils are like.

    Returns:
        ``unit_key``, ``expected`` (what the composition gives), ``residual`` (actual minus expected), ``z``
        (residual in standard errors, the variance between like units included), ``shrunk``, ``shrunk_low``,
        ``shrunk_high``, ``reliability``; and ``reason`` where the set has no model.
    """
    numbers = ("expected", "residual", "z", "shrunk", "shrunk_low", "shrunk_high", "reliability")
    usable = units[
        (units["n_pupils"] >= max(minimum_pupils, 2)) & units[list(regressors)].notna().all(axis=1)
    ]
    found = [pd.DataFrame(columns=[*by, "unit_key", *numbers, "reason"])]
    for key, alike in _sets(usable, by):
        deviations = np.sqrt(alike["squares_within"] / (alike["n_pupils"] - 1))
        variances = sampling_variances(alike["n_pupils"], deviations)
        fit = (
            variances
            if isinstance(variances, Reason)
            else fay_herriot(alike["mean_value"], variances, *(alike[name] for name in regressors))
        )
        rows = pd.DataFrame({**key, "unit_key": alike["unit_key"].to_numpy()})
        if isinstance(fit, Reason):
            found.append(rows.assign(**dict.fromkeys(numbers, np.nan), reason=fit.value))
            continue
        reliability = np.array([unit.reliability for unit in fit.units])
        shrunk = np.array([unit.residual.value for unit in fit.units])
        expected = np.array([unit.level.value for unit in fit.units]) - shrunk
        residual = alike["mean_value"].to_numpy() - expected
        found.append(
            rows.assign(
                expected=expected,
                residual=residual,
                z=residual / np.sqrt(fit.tau_squared + np.asarray(variances)),
                shrunk=shrunk,
                shrunk_low=np.array([unit.residual.lower for unit in fit.units]),
                shrunk_high=np.array([unit.residual.upper for unit in fit.units]),
                reliability=reliability,
                reason=None,
            )
        )
    frame = pd.concat([part for part in found if len(part)] or found, ignore_index=True)
    text = dict.fromkeys([*by, "unit_key", "reason"], TEXT)
    return frame.astype({**text, **dict.fromkeys(numbers, float)})


def screened(units: pd.DataFrame, by: Sequence[str], rule: ScreeningRule) -> pd.DataFrame:
    """Whether each unit is a candidate for support, for every school year it has a figure for.

    Args:
        units: ``school_year``, ``z``, ``pupils`` and ``shrunk_high`` (upper limit of the shrunk residual, low
            is bad), one row per unit, measure and school year.
        by: columns that tell one unit and measure from the next.
        rule: parameters.

    Returns:
        ``by``, ``school_year``, ``is_candidate`` (missing when the figures cannot tell), ``finding``,
        ``reason``, ``n_observed`` (years with enough pupils among those looked at).
    """
    rows: list[dict[str, Any]] = []
    for key, history in _sets(units, by):
        years = history.set_index("school_year")
        for school_year in years.index:
            latest = school_years.autumn(str(school_year))
            window = [school_years.from_autumn(latest - back) for back in range(rule.years)]
            seen = years.reindex(window)
            z = [_number(value) for value in seen["z"]]
            pupils = [None if pd.isna(value) else int(value) for value in seen["pupils"]]
            found = screen(z, pupils, _number(seen["shrunk_high"].iloc[0]), rule)
            rows.append(
                {
                    **key,
                    "school_year": school_year,
                    "is_candidate": found.is_candidate,
                    "finding": found.finding and found.finding.value,
                    "reason": found.reason and found.reason.value,
                    "n_observed": sum(
                        value is not None and n is not None and n >= rule.minimum_pupils
                        for value, n in zip(z, pupils, strict=True)
                    ),
                }
            )
    columns = [*by, "school_year", "is_candidate", "finding", "reason", "n_observed"]
    text = dict.fromkeys([*by, "school_year", "finding", "reason"], TEXT)
    return pd.DataFrame(rows, columns=columns).astype({**text, "is_candidate": "boolean", "n_observed": int})


_ESTIMATE: Mapping[str, type | str] = {"value": float, "lower": float, "upper": float, "reason": TEXT}


class _Set(NamedTuple):
    key: Mapping[str, Any]
    units: pd.DataFrame


def _sets(units: pd.DataFrame, by: Sequence[str]) -> Iterator[_Set]:
    # Rows come in any order, and the last digits of a sum of floats depend on it.
    for values, rows in units.sort_values(list(units.columns)).groupby(list(by), sort=True):
        yield _Set(dict(zip(by, values, strict=True)), rows)


def _per_set(
    units: pd.DataFrame,
    by: Sequence[str],
    kinds: Mapping[str, type | str],
    estimate: Callable[[pd.DataFrame], Row],
) -> pd.DataFrame:
    """One row per set, typed also where no set has a figure."""
    rows = [{**key, **estimate(of_set)} for key, of_set in _sets(units, by)]
    return pd.DataFrame(rows, columns=[*by, *kinds]).astype({**dict.fromkeys(by, TEXT), **kinds})


def _columns(estimate: Estimate, *, interval: bool = True) -> Row:
    columns = {"value": estimate.value, "reason": estimate.reason and estimate.reason.value}
    return {**columns, "lower": estimate.lower, "upper": estimate.upper} if interval else columns


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)
