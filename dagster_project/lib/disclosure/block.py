"""One block: its pattern, or which of its breakdowns must go for there to be one."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from dagster_project.lib.disclosure import heuristic, optimum
from dagster_project.lib.disclosure.attack import Reach
from dagster_project.lib.disclosure.audit import OUTSIDER, audit, best_reach, insider_facts
from dagster_project.lib.disclosure.cells import LinkedCells, suppressible_cells
from dagster_project.lib.disclosure.problem import Problem, insider_demand, pose
from dagster_project.lib.disclosure.reduction import components

_ROUNDS_OF_INSIDERS = 5
Method = Literal["forced", "optimum", "heuristic", "refused"]
Reason = Literal["cannot_be_protected", "known_already", "out_of_time"]


@dataclass(frozen=True)
class Limits:
    """How much work a pattern is worth.

    Attributes:
        optimum_classes, optimum_demands: blocks larger than this are left to the heuristic.
        heuristic_first_classes: where so many hang together, the heuristic's pattern bounds the search for
            the optimum.
        optimum_nodes: branches per call of the solver; unlike seconds the same on every machine.
        optimum_seconds: per block; what is not solved by then keeps the heuristic's pattern.
        heuristic_seconds: per block.
        audit_seconds: per call of the solver.
        total_seconds: blocks not reached by then are refused.
    """

    optimum_classes: int = 400
    heuristic_first_classes: int = 60
    optimum_demands: int = 200
    optimum_nodes: int = 2000
    optimum_seconds: float = 30.0
    heuristic_seconds: float = 300.0
    audit_seconds: float = 30.0
    total_seconds: float = 3000.0


@dataclass(frozen=True)
class Outcome:
    """What became of a block.

    Attributes:
        suppressed: boolean per cell: hidden, primary or secondary.
        refused: boolean per cell: hidden because its breakdown is refused.
        method: how the pattern was found; ``forced``: there was no choice; ``refused``: nothing is shown.
        reasons: why each refused breakdown was refused.
        seconds: spent.
    """

    suppressed: np.ndarray
    refused: np.ndarray
    method: Method
    reasons: Mapping[str, Reason]
    seconds: float


@dataclass(frozen=True)
class Insiders:
    """Attackers with knowledge of their own.

    Attributes:
        frame: see :mod:`insiders`; ``None`` when there are none.
        width: of the interval that must be left to each.
    """

    frame: pd.DataFrame | None = None
    width: int = 1

    def about(self, part: LinkedCells) -> "Insiders":
        """Those who know something of these cells."""
        if self.frame is None:
            return self
        return replace(self, frame=self.frame[self.frame["cell_id"].isin(part.frame["cell_id"])])


class _NoPatternError(Exception):
    """No pattern was proven to protect.

    Attributes:
        cells: primary cells for which there is none; empty when it is for lack of time.
        is_hopeless: not even hiding everything would do.
    """

    def __init__(self, cells: Sequence[int], reason: Reason, *, is_hopeless: bool = False) -> None:
        super().__init__(reason)
        self.cells, self.reason, self.is_hopeless = list(cells), reason, is_hopeless


def protect_block(part: LinkedCells, insiders: Insiders, limits: Limits, deadline: float) -> Outcome:
    """A proven pattern; a breakdown that stands in the way of one is refused, and the whole block at worst.

    Of a cell that not even hiding everything protects, the breakdown is refused, and the rest must leave the
    cell as well protected as it can be.

    Args:
        part: the block's cells, with the relations among them.
        insiders: those who know something of these cells.
        limits: of work.
        deadline: on the monotonic clock; from then on nothing is shown.
    """
    started = time.monotonic()
    suppressible = suppressible_cells(part)
    breakdown = part.frame["breakdown"].to_numpy()
    refused = np.zeros(len(breakdown), dtype=bool)
    reasons: dict[str, Reason] = {}
    frame = part.frame
    while (left := suppressible & ~refused).any():
        hidden = part.frame["is_hidden"].to_numpy() | refused
        now = LinkedCells(frame.assign(is_hidden=hidden), part.matrix)
        try:
            suppressed, method = _pattern(now, left, insiders, limits, deadline)
        except _NoPatternError as stuck:
            names, reason = set(breakdown[stuck.cells]), stuck.reason
            if stuck.is_hopeless:
                best = best_reach(part, stuck.cells, seconds=_until(deadline, limits.audit_seconds))
                frame = _capped(frame, stuck.cells, best)
                if not all(reach.is_final for reach in best):
                    names, reason = set(breakdown[left]), "out_of_time"
            else:
                names = names & set(breakdown[left]) or set(breakdown[left])
            reasons |= dict.fromkeys(sorted(names), reason)
            refused |= left & np.isin(breakdown, sorted(names))
        else:
            return Outcome(suppressed, refused, method, reasons, time.monotonic() - started)
    if not reasons:
        # All its cells are known already: there is nothing to hide, only to report.
        primaries = part.frame["is_primary"].to_numpy()
        reasons = dict.fromkeys(sorted(set(breakdown[primaries])), "known_already")
    nothing = np.zeros(len(breakdown), dtype=bool)
    return Outcome(nothing, refused, "refused", reasons, time.monotonic() - started)


def _capped(frame: pd.DataFrame, cells: Sequence[int], reached: Sequence[Reach]) -> pd.DataFrame:
    """The frame with the protection levels of these cells as high as hiding everything would meet."""
    levels = frame.loc[list(cells), ["lower_protection", "upper_protection", "sliding_protection"]]
    best = pd.DataFrame(
        [(-reach.least, reach.most, reach.most - reach.least) for reach in reached],
        columns=levels.columns,
        index=levels.index,
    )
    capped = frame.copy()
    capped.loc[cells, levels.columns] = levels.where(levels < best, best)
    # Without any room there is nothing left to protect.
    capped.loc[cells, "is_primary"] = (best["sliding_protection"] > 0).to_numpy()
    return capped


def _pattern(
    part: LinkedCells, suppressible: np.ndarray, insiders: Insiders, limits: Limits, deadline: float
) -> tuple[np.ndarray, Method]:
    facts = insider_facts(part, insiders.frame)
    places = pd.Index(part.frame["cell_id"])
    problem = pose(part, suppressible)
    if problem.impossible:
        known = part.frame["is_published_before"].to_numpy()[list(problem.impossible)]
        reason: Reason = "known_already" if known.all() else "cannot_be_protected"
        raise _NoPatternError(problem.impossible, reason, is_hopeless=True)
    for _ in range(_ROUNDS_OF_INSIDERS):
        hidden, method = _solve(problem, limits, deadline)
        suppressed = problem.cells(hidden) | (part.frame["is_primary"].to_numpy() & suppressible)
        if not facts:
            return suppressed, method
        found = audit(
            part,
            suppressed,
            insiders=insiders.frame,
            insider_width=insiders.width,
            exact=False,
            seconds=_until(deadline, limits.audit_seconds),
        )
        inside = found.failures[found.failures["attacker"] != OUTSIDER]
        stated = [
            insider_demand(problem, int(places.get_loc(cell)), facts[attacker], insiders.width)
            for cell, attacker in zip(inside["cell_id"], inside["attacker"], strict=True)
        ]
        demands = [demand for demand in stated if demand is not None and demand not in problem.demands]
        if not demands:
            return suppressed, method
        problem = replace(problem, demands=[*problem.demands, *demands])
    raise _NoPatternError(problem.primaries(demands), "cannot_be_protected")


def _solve(problem: Problem, limits: Limits, deadline: float) -> tuple[np.ndarray, Method]:
    """Classes to hide, the cheapest that can be had within the limits."""
    if problem.forced.all():
        _blame(problem, limits, deadline)
        return problem.forced, "forced"
    within = problem.size <= limits.optimum_classes and len(problem.demands) <= limits.optimum_demands
    is_small = np.bincount(components(problem.rows)).max() < limits.heuristic_first_classes
    if within and is_small and (best := _cheapest(problem, limits, deadline)) is not None:
        return best, "optimum"
    fair = heuristic.good(problem, seconds=_until(deadline, limits.heuristic_seconds))
    if within and not is_small:
        at_most = np.inf if fair is None else problem.loss(fair)
        if (best := _cheapest(problem, limits, deadline, at_most)) is not None:
            return best, "optimum"
    if fair is None:
        _blame(problem, limits, deadline)
        raise _NoPatternError([], "out_of_time")
    return fair, "heuristic"


def _cheapest(
    problem: Problem, limits: Limits, deadline: float, at_most: float = np.inf
) -> np.ndarray | None:
    seconds = _until(deadline, limits.optimum_seconds)
    return optimum.cheapest(problem, seconds=seconds, nodes=limits.optimum_nodes, at_most=at_most)


def _blame(problem: Problem, limits: Limits, deadline: float) -> None:
    """Raise for the demands that are not met even when everything is hidden; return when there are none."""
    everything = np.ones(problem.size, dtype=bool)
    unmet = problem.unmet(everything, problem.demands, seconds=_until(deadline, limits.audit_seconds))
    if unmet and time.monotonic() > deadline:
        raise _NoPatternError([], "out_of_time")
    if unmet:
        raise _NoPatternError(problem.primaries(unmet), "cannot_be_protected", is_hopeless=True)


def _until(deadline: float, at_most: float) -> float:
    return min(at_most, deadline - time.monotonic())
