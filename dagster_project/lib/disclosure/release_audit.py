"""The audit of a candidate: what its readers can compute from what stands in the file.

The pattern says what should be hidden; this looks at what is shown. Each audience is attacked with everything
its readers have: their own file, those of wider audiences, and all earlier releases.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from dagster_project.lib.disclosure.audiences import AUDIENCES, of_audience, readable_by
from dagster_project.lib.disclosure.audit import Audit, audit
from dagster_project.lib.disclosure.block import Insiders
from dagster_project.lib.disclosure.cells import LinkedCells, suppressible_cells
from dagster_project.lib.disclosure.errors import UnsoundCellsError
from dagster_project.lib.disclosure.protect import adds_nothing

_KEY = ["entity_type", "entity_key", "school_year", "indicator_id", "group_id"]
_SHOWN = """
    select
        entity_type, entity_key, school_year, indicator_id, group_id,
        coalesce(cast(numerator as double), value, interval_low, interval_high) is not null as shows_figure,
        denominator is not null as shows_persons
    from {table}
    where starts_with(indicator_id, 'own_') and ends_with(indicator_id, '__level')
"""
# What a candidate shows of own data, read from its file alone.
SHOWN_ROWS: Mapping[str, str] = MappingProxyType(
    {
        "public": _SHOWN.format(table="pub_indicators"),
        "internal": _SHOWN.format(table="pub_internal_indicators"),
    }
)


@dataclass(frozen=True)
class ReleaseAudit:
    """What came of it.

    Attributes:
        reasons: why the candidate may not be published, without a figure; empty when it may.
        summary: one row per audience, to be published: ``audience``, ``cells`` (shown or hidden),
            ``hidden``, ``primaries`` (that may not be shown), ``protected`` (of them, proven), ``exposed``
            (of them, known from elsewhere whatever is hidden), ``narrowest`` (width of the narrowest
            interval that is left to an attacker of a protected one, in persons or whole units).
        proofs: by audience; as confidential as the figures.
    """

    reasons: list[str]
    summary: list[dict[str, Any]]
    proofs: Mapping[str, Audit] = field(repr=False)

    @property
    def is_passed(self) -> bool:
        """The candidate discloses nobody."""
        return not self.reasons


def audit_release(
    rows: pd.DataFrame,
    cells: pd.DataFrame,
    relations: pd.DataFrame,
    shown: Mapping[str, pd.DataFrame],
    *,
    register: pd.DataFrame | None = None,
    margins: pd.DataFrame | None = None,
    seconds: float = 30.0,
) -> ReleaseAudit:
    """Attack every cell that may not be shown, with what a candidate shows.

    Args:
        rows: table ``ind_disclosure_rows``: what may leave, with the ids of its cells.
        cells, relations: tables ``ind_disclosure_cells`` and ``ind_disclosure_relations``, of all audiences.
        shown: by audience, what :data:`SHOWN_ROWS` finds in its candidate. An audience whose file is not
            being published may be left out; wider ones may not.
        register, margins: see :func:`audiences.of_audience`.
        seconds: limit of time for each call of the solver. Out of time, nothing is proven.

    Raises:
        UnsoundCellsError: the file of a wider audience is missing, or a row is shown that is none of
            ``rows``.
        UnsoundRelationsError: see :func:`cells.link`.
    """
    unknown = set(shown) - set(AUDIENCES)
    if unknown or not shown:
        raise UnsoundCellsError(
            f"Audiences are {', '.join(AUDIENCES)}; given were {sorted(shown) or 'none'}."
        )
    reasons: list[str] = []
    summary: list[dict[str, Any]] = []
    proofs: dict[str, Audit] = {}
    for audience in AUDIENCES:
        if audience not in shown:
            continue
        if absent := set(readable_by(audience)) - set(shown):
            raise UnsoundCellsError(
                f"Readers of {audience} also read {min(absent)}: audit both files together."
            )
        visible = {name: visible_cells(rows, shown[name], name) for name in readable_by(audience)}
        wider = set().union(*(ids for name, ids in visible.items() if name != audience))
        linked = of_audience(cells, relations, audience, seen=wider, register=register, margins=margins)
        hidden = suppressible_cells(linked) & ~linked.frame["cell_id"].isin(visible[audience]).to_numpy()
        proof = audit(linked, hidden, seconds=seconds)
        proofs[audience] = proof
        exposed = _exposed(linked, proof, hidden, seconds)
        summary.append(_row(audience, len(visible[audience]), hidden, proof, exposed))
        reasons += _reasons(audience, linked, proof, exposed)
    return ReleaseAudit(reasons, summary, proofs)


def visible_cells(rows: pd.DataFrame, shown: pd.DataFrame, audience: str) -> set[str]:
    """Ids of the cells that a file shows.

    Args:
        rows: table ``ind_disclosure_rows``.
        shown: what :data:`SHOWN_ROWS` finds in the file.
        audience: of the file.

    Raises:
        UnsoundCellsError: a row is shown that is none of ``rows``.
    """
    own = rows.loc[rows["audience"] == audience, [*_KEY, "figure_cell_id", "persons_cell_id"]]
    told = shown[shown["shows_figure"] | shown["shows_persons"]]
    found = told.merge(own, on=_KEY, how="left", validate="one_to_one")
    strange = found["figure_cell_id"].isna()
    if strange.any():
        first = found.loc[strange, _KEY].iloc[0].str.cat(sep=", ")
        raise UnsoundCellsError(
            f"{int(strange.sum())} rows are shown to {audience} that no relation protects, {first} among "
            "them. Nothing is published. Look at ind_disclosure_rows: its condition left them out."
        )
    return {
        *found.loc[found["shows_figure"], "figure_cell_id"],
        # A share beside its numerator tells the denominator.
        *found.loc[found["shows_figure"] | found["shows_persons"], "persons_cell_id"],
    }


def _exposed(linked: LinkedCells, proof: Audit, hidden: np.ndarray, seconds: float) -> bool:
    """Whether all that fails does so whatever is hidden, so that this file adds nothing."""
    return not proof.is_passed and adds_nothing(linked, proof, hidden, Insiders(), seconds)


def _row(audience: str, shown: int, hidden: np.ndarray, proof: Audit, exposed: bool) -> dict[str, Any]:
    kept = proof.proof[proof.proof["is_protected"]]
    return {
        "audience": audience,
        "cells": shown + int(hidden.sum()),
        "hidden": int(hidden.sum()),
        "primaries": len(proof.proof),
        "protected": len(kept),
        "exposed": len(proof.failures) if exposed else 0,
        "narrowest": None if kept.empty else int((kept["upper"] - kept["lower"]).min()),
    }


def _reasons(audience: str, linked: LinkedCells, proof: Audit, exposed: bool) -> list[str]:
    if proof.is_passed or exposed:
        return []
    breakdowns = linked.frame.set_index("cell_id")["breakdown"]
    failures = proof.failures.assign(breakdown=proof.failures["cell_id"].map(breakdowns))
    return [
        f"{audience}: {len(failed)} hidden figures of {breakdown} can be computed from what is shown, or too "
        f"closely ({', '.join(sorted(set(failed['rule'])))}). Nothing is published. Build anew; if it comes "
        "again, take the breakdown out of the catalogue until the cause is found."
        for breakdown, failed in failures.groupby("breakdown", sort=True)
    ]
