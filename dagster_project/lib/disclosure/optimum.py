"""The cheapest pattern: Fischetti and Salazar's model of secondary suppression, solved to proven optimality.

For each demand the model holds two tables that differ from the true one in hidden classes only, one far
enough above and one far enough below. Demands enter the model when a pattern violates them; a pattern that
violates none is optimal for all.
"""

import time
from collections.abc import Mapping, Sequence

import numpy as np
from scipy import sparse

from dagster_project.lib.disclosure.attack import Demand
from dagster_project.lib.disclosure.problem import Problem
from dagster_project.lib.disclosure.reduction import components
from dagster_project.lib.disclosure.solver import Solution, minimise

_DEMANDS_PER_ROUND = 6
# The solver takes costs for equal that differ by less than 1e-6; the dearest class costs this much.
_COST_SCALE = 1e4


def cheapest(problem: Problem, *, seconds: float, nodes: int, at_most: float = np.inf) -> np.ndarray | None:
    """The pattern of least cost that meets every demand; ``None`` if there is none within the limits.

    Args:
        problem: see :class:`Problem`; no primary cell may be impossible.
        seconds, nodes: limits over all calls of the solver, and per call.
        at_most: cost of a pattern that is known to do, which prunes the search.
    """
    deadline = time.monotonic() + seconds
    component = components(problem.rows)
    hidden = problem.forced
    chosen: list[Demand] = []
    while unmet := problem.unmet(hidden, problem.demands, seconds=deadline - time.monotonic()):
        new = [demand for demand in unmet if demand not in chosen]
        if not new:
            return None
        chosen += _worst(problem, component, new)
        left = deadline - time.monotonic()
        found = _solve(problem, component, chosen, seconds=left, nodes=nodes, at_most=at_most)
        if found is None:
            return None
        hidden = found
    return hidden


def _worst(problem: Problem, component: np.ndarray, unmet: Sequence[Demand]) -> list[Demand]:
    """A few demands of each component, those on the dearest classes."""
    taken: dict[int, int] = {}
    worst: list[Demand] = []
    for demand in sorted(unmet, key=lambda demand: (-problem.cost[demand.index], demand.index)):
        number = int(component[demand.index])
        taken[number] = taken.get(number, 0) + 1
        if taken[number] <= _DEMANDS_PER_ROUND:
            worst.append(demand)
    return worst


def _solve(
    problem: Problem,
    component: np.ndarray,
    demands: Sequence[Demand],
    *,
    seconds: float,
    nodes: int,
    at_most: float,
) -> np.ndarray | None:
    model = _Model(problem)
    for demand in demands:
        classes = np.flatnonzero(component == component[demand.index])
        below = model.add_table(demand, classes, (-np.inf, -demand.below))
        above = model.add_table(demand, classes, (demand.above, np.inf))
        if below is None or above is None:
            return None
        model.add_rows({below: -np.ones((1, 1)), above: np.ones((1, 1))}, low=demand.width)
    model.add_rows({0: _cover(problem)}, low=0.0)
    if np.isfinite(at_most):
        model.add_rows({0: problem.cost[None, :]}, high=at_most * (1 + 1e-9))
    solution = model.minimise(seconds=seconds, nodes=nodes)
    if solution.x is None or not solution.is_optimal:
        return None
    return np.asarray(solution.x[: problem.size] > 0.5)


class _Model:
    """Variables: per class, whether it is hidden; per table, deviations of the classes it may change."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._parts: list[tuple[int, int, sparse.coo_array]] = []
        self._row_low: list[np.ndarray] = []
        self._row_high: list[np.ndarray] = []
        self._low, self._high = [problem.forced.astype(float)], [np.ones(problem.size)]
        self._n_rows, self._n_columns = 0, problem.size

    def add_rows(
        self,
        parts: Mapping[int, sparse.csr_array | np.ndarray],
        *,
        low: np.ndarray | float = -np.inf,
        high: np.ndarray | float = np.inf,
    ) -> None:
        """Rows with coefficients from these columns on, and their bounds."""
        matrices = {column: sparse.coo_array(part) for column, part in parts.items()}
        n = next(iter(matrices.values())).shape[0]
        self._parts += [(self._n_rows, column, matrix) for column, matrix in matrices.items()]
        self._row_low.append(np.broadcast_to(low, n))
        self._row_high.append(np.broadcast_to(high, n))
        self._n_rows += n

    def add_table(self, demand: Demand, classes: np.ndarray, needed: tuple[float, float]) -> int | None:
        """A table of ``classes`` in which the demand's class deviates by ``needed``.

        Returns:
            The column of that class's deviation; ``None`` when its bounds forbid it.
        """
        problem, first = self._problem, self._n_columns
        low, high = problem.low.copy(), problem.high.copy()
        shut_low, shut_high = problem.shut_low.copy(), problem.shut_high.copy()
        for index, (least, most) in demand.known.items():
            low[index], high[index] = max(low[index], least), min(high[index], most)
            shut_low[index], shut_high[index] = max(shut_low[index], least), min(shut_high[index], most)
        rows = sparse.csr_array(problem.rows[:, classes])
        self.add_rows({first: rows[np.flatnonzero(np.diff(rows.indptr))]}, low=0.0, high=0.0)
        one = sparse.eye_array(len(classes))
        # Shown, a class deviates within its shut bounds; hidden, within the open ones.
        for shut, opened, end in ((shut_high, high, "high"), (shut_low, low, "low")):
            room = sparse.coo_array(
                ((shut - opened)[classes], (np.arange(len(classes)), classes)),
                shape=(len(classes), problem.size),
            )
            self.add_rows({0: room, first: one}, **{end: shut[classes]})
        low[demand.index] = max(low[demand.index], needed[0])
        high[demand.index] = min(high[demand.index], needed[1])
        self._low.append(low[classes])
        self._high.append(high[classes])
        self._n_columns += len(classes)
        if low[demand.index] > high[demand.index]:
            return None
        return first + int(np.searchsorted(classes, demand.index))

    def minimise(self, *, seconds: float, nodes: int) -> Solution:
        """Least cost of what is hidden."""
        row, column, data = (
            np.concatenate(each)
            for each in zip(
                *((part.row + row, part.col + column, part.data) for row, column, part in self._parts),
                strict=True,
            )
        )
        deviations = np.zeros(self._n_columns - self._problem.size)
        scale = _COST_SCALE / max(float(self._problem.cost.max(initial=0.0)), 1e-9)
        return minimise(
            np.concatenate([scale * self._problem.cost, deviations]),
            sparse.csr_array((data, (row, column)), shape=(self._n_rows, self._n_columns), dtype=float),
            row_bounds=(np.concatenate(self._row_low), np.concatenate(self._row_high)),
            low=np.concatenate(self._low),
            high=np.concatenate(self._high),
            integers=np.concatenate([np.ones(self._problem.size), deviations]),
            seconds=seconds,
            nodes=nodes,
        )


def _cover(problem: Problem) -> sparse.csr_array:
    """A class that is alone hidden in a relation is not hidden: the others must outnumber it.

    Holds for relations of which every other class is shown exactly or hidden.
    """
    exact = (problem.shut_low == 0) & (problem.shut_high == 0)
    inexact = abs(problem.rows) @ (~exact).astype(np.int64)
    rows = abs(problem.rows[np.flatnonzero(inexact == 0)]).sign()
    row = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    # One inequality per class and relation: the sum of the others is at least the class itself.
    picked = sparse.csr_array(rows[row], dtype=float)
    own = sparse.csr_array((np.full(len(row), -2.0), (np.arange(len(row)), rows.indices)), shape=picked.shape)
    return sparse.csr_array(picked + own)
