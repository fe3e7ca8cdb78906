"""The attacker audit: proof that no cell that may not be shown can be computed from what is shown.

A cell is protected when an attacker must reckon with values far enough below and above the true one, and with
a wide enough interval (its protection levels). A pass rests on witnesses checked in integer arithmetic; a
solver that fails, or has no time left, can therefore only make the audit fail.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dagster_project.lib.disclosure.attack import Attacker, Demand, Reach
from dagster_project.lib.disclosure.cells import LARGEST_VALUE, LinkedCells, suppressible_cells
from dagster_project.lib.disclosure.errors import UnsoundCellsError

OUTSIDER = "outsider"


@dataclass(frozen=True)
class Audit:
    """What an attacker can compute. As confidential as the figures.

    Attributes:
        proof: one row per primary cell and attacker: ``cell_id``, ``attacker`` (``outsider`` or an insider's
            id), ``lower``, ``upper`` (whole numbers; the true value lies within), ``is_exact`` (the attacker
            cannot exclude more; otherwise the interval is at least this wide), ``rule``, ``is_protected``.
            ``rule`` is ``protected``, or the first of these that holds: ``exactly_disclosed``,
            ``interval_too_narrow``, ``too_close_below``, ``too_close_above``; ``not_proven`` when the solver
            could not show that the rule is kept, nor that it is broken.
    """

    proof: pd.DataFrame

    @property
    def is_passed(self) -> bool:
        """Every primary cell is protected against every attacker."""
        return bool(self.proof["is_protected"].all())

    @property
    def failures(self) -> pd.DataFrame:
        """The rows of the proof that are not protected."""
        return self.proof[~self.proof["is_protected"]]

    @property
    def narrowest(self) -> int | None:
        """Width of the narrowest interval left to an outsider; ``None`` when nothing had to be protected."""
        outsider = self.proof[self.proof["attacker"] == OUTSIDER]
        return None if outsider.empty else int((outsider["upper"] - outsider["lower"]).min())


def audit(
    linked: LinkedCells,
    suppressed: np.ndarray,
    *,
    insiders: pd.DataFrame | None = None,
    insider_width: int = 1,
    exact: bool = True,
    seconds: float = 30.0,
) -> Audit:
    """Attack every primary cell.

    Args:
        linked: cells and relations.
        suppressed: boolean per cell: not shown. A cell that is published before, or zero by structure, is
            known all the same; a hidden one is unknown all the same.
        insiders: see :mod:`insiders`; each attacks every primary cell but those that are among its own.
        insider_width: width of the interval that must be left to an insider.
        exact: compute the farthest ends; otherwise stop at what the protection levels ask for.
        seconds: limit of time for each call of the solver.
    """
    low, high = bounds_of(linked, suppressed)
    attacker = Attacker(linked.matrix, low, high, seconds=seconds)
    cases = [*_outsider(linked), *_insiders(linked, attacker, insiders, insider_width)]
    demands = [demand for _, demand in cases]
    reached = attacker.compute(demands) if exact else attacker.prove(demands)
    value = linked.frame["value"].to_numpy()
    ids = linked.frame["cell_id"].to_numpy()
    rows = [
        (
            ids[demand.index],
            name,
            int(value[demand.index]) + reach.least,
            int(value[demand.index]) + reach.most,
            exact and reach.is_final,
            _rule(demand, reach),
        )
        for (name, demand), reach in zip(cases, reached, strict=True)
    ]
    proof = pd.DataFrame(rows, columns=["cell_id", "attacker", "lower", "upper", "is_exact", "rule"])
    return Audit(proof.assign(is_protected=proof["rule"] == "protected").astype({"is_exact": bool}))


def bounds_of(linked: LinkedCells, suppressed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest deviation of each cell from its value, for who sees all that is not suppressed."""
    frame = linked.frame
    value = frame["value"].to_numpy(float)
    unseen = (suppressed | frame["is_hidden"].to_numpy()) & ~frame["is_published_before"].to_numpy()
    low, high = frame["lower_bound"].to_numpy(float), frame["upper_bound"].to_numpy(float)
    low = np.where(unseen, low, np.maximum(low, frame["published_low"].to_numpy(float)))
    high = np.where(unseen, high, np.minimum(high, frame["published_high"].to_numpy(float)))
    zero = frame["is_structural_zero"].to_numpy()
    # An attacker who would reckon with larger values than these only has a wider interval.
    reach = 1000.0 + 10.0 * max(
        value.max(initial=0.0), frame["upper_protection"].max(), frame["sliding_protection"].max(), 0
    )
    return np.where(zero, 0.0, np.maximum(low - value, -reach)), np.where(
        zero, 0.0, np.minimum(high - value, reach)
    )


def insider_facts(
    linked: LinkedCells, insiders: pd.DataFrame | None
) -> dict[str, dict[int, tuple[int, int]]]:
    """What each insider knows: number of a cell -> lowest and highest deviation from its value.

    Raises:
        UnsoundCellsError: a cell that is not listed, or a fact that is not true.
    """
    if insiders is None or insiders.empty:
        return {}
    places = pd.Index(linked.frame["cell_id"]).get_indexer(pd.Index(insiders["cell_id"]))
    if (places < 0).any():
        raise UnsoundCellsError("An insider's cell is not listed among the cells.")
    value = linked.frame["value"].to_numpy()[places]
    least = insiders["known_low"].astype("Int64").fillna(0).to_numpy("int64") - value
    most = insiders["known_high"].astype("Int64").fillna(LARGEST_VALUE).to_numpy("int64") - value
    if (least > 0).any() or (most < 0).any():
        raise UnsoundCellsError("An insider is said to know something that is not true.")
    facts: dict[str, dict[int, tuple[int, int]]] = {}
    for name, *fact in zip(
        insiders["insider_id"].astype("str"), places.tolist(), least.tolist(), most.tolist(), strict=True
    ):
        facts.setdefault(name, {})[fact[0]] = (fact[1], fact[2])
    return dict(sorted(facts.items()))


def outsider_demands(linked: LinkedCells) -> list[Demand]:
    """What anybody must be left with about each primary cell."""
    frame = linked.frame
    # Below zero there is nothing to reckon with.
    levels = frame.assign(lower_protection=frame[["lower_protection", "value"]].min(axis=1))
    levels = levels.loc[levels["is_primary"], ["lower_protection", "upper_protection", "sliding_protection"]]
    return [
        Demand(cell, below, above, width)
        for cell, (below, above, width) in zip(
            np.flatnonzero(frame["is_primary"]).tolist(), levels.to_numpy().tolist(), strict=True
        )
    ]


def best_reach(linked: LinkedCells, cells: Sequence[int], *, seconds: float) -> list[Reach]:
    """How far each of these cells could deviate if all that can still be hidden were hidden."""
    attacker = Attacker(linked.matrix, *bounds_of(linked, suppressible_cells(linked)), seconds=seconds)
    return attacker.compute([Demand(cell, 0, 0, 0) for cell in cells])


def _outsider(linked: LinkedCells) -> Iterator[tuple[str, Demand]]:
    for demand in outsider_demands(linked):
        yield OUTSIDER, demand


def _insiders(
    linked: LinkedCells, attacker: Attacker, insiders: pd.DataFrame | None, width: int
) -> Iterator[tuple[str, Demand]]:
    primaries: dict[int | None, list[int]] = {}
    places: list[int] = np.flatnonzero(linked.frame["is_primary"]).tolist()
    for place in places:
        primaries.setdefault(attacker.component(place), []).append(place)
    for name, facts in insider_facts(linked, insiders).items():
        near = {attacker.component(own) for own in facts} - {None}
        for cell in sorted(cell for component in near for cell in primaries.get(component, [])):
            if cell not in facts:
                yield name, Demand(cell, 0, 0, width, facts)


def _rule(demand: Demand, reach: Reach) -> str:
    below, above = -reach.least, reach.most
    rules = (
        ("exactly_disclosed", below + above > 0),
        ("interval_too_narrow", below + above >= demand.width),
        ("too_close_below", below >= demand.below),
        ("too_close_above", above >= demand.above),
    )
    broken = next((rule for rule, kept in rules if not kept), None)
    if broken is None:
        return "protected"
    return broken if reach.is_final else "not_proven"
