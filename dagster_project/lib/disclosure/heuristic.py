"""A good pattern for problems that are too large for the optimum.

Demand by demand, the cheapest deviation that meets it (a linear program in which what is hidden already is
nearly free), then everything that turns out not to be needed is shown again. Each demand is proven to be met
by the pattern that comes out.
"""

import time
from collections.abc import Sequence

import numpy as np
from scipy import sparse

from dagster_project.lib.disclosure.attack import Demand
from dagster_project.lib.disclosure.problem import Problem
from dagster_project.lib.disclosure.solver import Programme, minimise

_REPAIRS = 3
_MOVED = 1e-6
# What is hidden already costs this share of what it would cost, so that detours do not come for free.
_REUSE = 1e-4


def good(problem: Problem, *, seconds: float) -> np.ndarray | None:
    """A pattern that meets every demand, or ``None``: none was found, or the time ran out.

    Args:
        problem: see :class:`Problem`; no primary cell may be impossible.
        seconds: limit of time; showing again stops early without harm.
    """
    deadline = time.monotonic() + seconds
    hidden = _by_flows(problem, deadline)
    if hidden is None:
        # Hiding more never helps an attacker: if anything does, hiding everything does.
        hidden = np.ones(problem.size, dtype=bool)
        if problem.unmet(hidden, problem.demands, seconds=deadline - time.monotonic()):
            return None
    needed = problem.forced.copy()
    for classes, part in problem.open_parts(hidden):
        needed[classes] |= _show_again(part, hidden[classes], deadline)
    return needed


def _by_flows(problem: Problem, deadline: float) -> np.ndarray | None:
    flows = _Flows(problem)
    todo = sorted(problem.demands, key=lambda demand: (-problem.cost[demand.index], demand.index))
    for attempt in range(_REPAIRS):
        for demand in todo:
            if not flows.tables.prove(demand) and not flows.meet(demand, deadline, whole=attempt > 0):
                return None
        unproven = [demand for demand in problem.demands if not flows.tables.prove(demand)]
        todo = problem.unmet(flows.hidden, unproven, seconds=deadline - time.monotonic())
        if not todo:
            return flows.hidden
    return None


class _Tables:
    """Tables that agree with a pattern (deviation per class), found for whatever demand."""

    def __init__(self, tables: np.ndarray) -> None:
        self._tables = tables
        self._low, self._high = tables.min(axis=0, initial=0), tables.max(axis=0, initial=0)

    def add(self, tables: Sequence[np.ndarray] | np.ndarray) -> None:
        if len(tables):
            self._tables = np.concatenate([self._tables, np.array(tables, dtype=np.int64)])
            self._low = np.minimum(self._low, np.min(tables, axis=0))
            self._high = np.maximum(self._high, np.max(tables, axis=0))

    def that_show(self, index: int) -> "_Tables":
        """Those in which a class has its true value."""
        return _Tables(self._tables[self._tables[:, index] == 0])

    def prove(self, demand: Demand) -> bool:
        """Whether the demand is met by these tables alone; never for an attacker who knows more."""
        return not demand.known and demand.is_met(self._low[demand.index], self._high[demand.index])


class _Flows:
    """Cheapest deviations, and the pattern that they make up."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._rows = sparse.csr_array(sparse.hstack([problem.rows, -problem.rows]))
        self._programme = Programme(self._rows)
        self.hidden = problem.forced.copy()
        self.tables = _none(problem)

    def meet(self, demand: Demand, deadline: float, *, whole: bool) -> bool:
        """Hide what it takes to meet the demand. ``False`` if no way was found."""
        low, high = self._problem.low[demand.index], self._problem.high[demand.index]
        below = demand.below
        above = max(demand.above, demand.width - below)
        if above > high:
            above, below = int(high), max(below, demand.width - int(high))
        if -low < below or not self._move(demand, above, deadline, whole):
            # The other end may leave more room.
            below, above = max(demand.below, demand.width - demand.above), demand.above
            if not self._move(demand, above, deadline, whole):
                return False
        return self.tables.prove(demand) or self._move(demand, -below, deadline, whole)

    def _move(self, demand: Demand, by: int, deadline: float, whole: bool) -> bool:
        """Hide what it takes for the class to deviate by exactly ``by``."""
        problem, n = self._problem, self._problem.size
        if by == 0:
            return True
        up, down = problem.high.copy(), -problem.low
        for index, (least, most) in demand.known.items():
            up[index], down[index] = min(up[index], most), min(down[index], -least)
        if (by > 0 and up[demand.index] < by) or (by < 0 and down[demand.index] < -by):
            return False
        price = problem.cost * np.where(self.hidden, _REUSE, 1.0) + _REUSE
        size = float(abs(by))
        cost = np.concatenate([price / np.clip(up, 1.0, size), price / np.clip(down, 1.0, size)])
        low = np.zeros(2 * n)
        high = np.concatenate([up, down])
        high[[demand.index, n + demand.index]] = 0.0
        at = demand.index if by > 0 else n + demand.index
        low[at] = high[at] = size
        is_whole = False
        if not whole:
            relaxed = self._programme.minimise(cost, low=low, high=high, seconds=deadline - time.monotonic())
            if relaxed.x is None:
                return False
            moved, table, is_whole = self._moved(relaxed.x)
        if not is_whole:
            solution = minimise(
                cost,
                self._rows,
                low=low,
                high=high,
                integers=True,
                seconds=deadline - time.monotonic(),
            )
            if solution.x is None:
                return False
            moved, table, is_whole = self._moved(solution.x)
        self.hidden |= np.abs(moved) > _MOVED
        if is_whole:
            self.tables.add([table])
            self._add_mirrored(table, int(size), demand.below if by > 0 else demand.above)
        return True

    def _moved(self, point: np.ndarray) -> tuple[np.ndarray, np.ndarray, bool]:
        """Deviations of a point, the same in whole numbers, and whether these are a table that holds."""
        moved = point[: self._problem.size] - point[self._problem.size :]
        table = np.rint(moved).astype(np.int64)
        return (
            moved,
            table,
            bool(np.abs(moved - table).max() < _MOVED and not (self._problem.rows @ table).any()),
        )

    def _add_mirrored(self, table: np.ndarray, size: int, by: int) -> None:
        """The same deviation the other way, as far as it is asked for, often proves the other end."""
        mirrored = -(table // size) * by if not (table % size).any() else -table
        if (mirrored >= self._problem.low).all() and (mirrored <= self._problem.high).all():
            self.tables.add([mirrored])


def _show_again(problem: Problem, hidden: np.ndarray, deadline: float) -> np.ndarray:
    """The pattern without what its demands do not need, dearest first; each step is proven."""
    tables = _none(problem)
    _is_met(problem, hidden, tables, deadline)
    order: list[int] = np.flatnonzero(hidden & ~problem.forced).tolist()
    for index in sorted(order, key=lambda index: (-problem.cost[index], index)):
        if time.monotonic() > deadline:
            break
        kept = tables.that_show(index)
        without = hidden.copy()
        without[index] = False
        if _is_met(problem, without, kept, deadline):
            hidden, tables = without, kept
    return hidden


def _none(problem: Problem) -> _Tables:
    return _Tables(np.zeros((0, problem.size), dtype=np.int64))


def _is_met(problem: Problem, hidden: np.ndarray, tables: _Tables, deadline: float) -> bool:
    """Whether a pattern is proven to meet every demand; ``tables`` agree with it, and more are added."""
    doubtful = [demand for demand in problem.demands if not tables.prove(demand)]
    if not doubtful:
        return True
    attacker = problem.attacker(hidden, seconds=deadline - time.monotonic())
    reached = attacker.prove(doubtful, stop=True)
    found = np.zeros((len(attacker.witnesses), problem.size), dtype=np.int64)
    for table, witness in zip(found, attacker.witnesses, strict=True):
        table[witness.cells] = witness.deviations
    tables.add(found)
    return all(
        demand.is_met(reach.least, reach.most) for demand, reach in zip(doubtful, reached, strict=True)
    )
