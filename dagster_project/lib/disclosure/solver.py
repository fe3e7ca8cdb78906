"""Calls of the solver (HiGHS) over classes of cells, with their outcome in plain terms.

Through highspy and not `scipy.optimize`, which cannot start from the answer before (two thirds of the time of
linear programmes) and goes through variables one by one in Python (a fifth of all).
"""

from dataclasses import dataclass

import numpy as np
from highspy import Highs, HighsModelStatus, MatrixFormat, ObjSense, kHighsInf
from scipy import sparse

# Threads that ask side by side: the solver leaves the interpreter free while it works.
WORKERS = 2
_MAY_HAVE_A_POINT = (
    HighsModelStatus.kTimeLimit,
    HighsModelStatus.kIterationLimit,
    HighsModelStatus.kSolutionLimit,
)


@dataclass(frozen=True)
class Solution:
    """What the solver said.

    Attributes:
        x: best point found; ``None`` when there is none.
        is_optimal: nothing better exists.
    """

    x: np.ndarray | None
    is_optimal: bool


OUT_OF_TIME = Solution(None, is_optimal=False)


class Programme:
    """A linear programme over the same rows, asked again and again: each answer starts from the last.

    Args:
        rows: ``rows @ x == 0``.

    Not to be asked by two threads at once.
    """

    def __init__(self, rows: sparse.csr_array) -> None:
        self._columns = np.arange(rows.shape[1], dtype=np.int32)
        nothing = np.zeros(rows.shape[1])
        self._solver = _loaded(
            rows,
            (0.0, 0.0),
            cost=nothing,
            low=nothing,
            high=nothing,
            integrality=nothing.astype(np.int32),
        )

    @property
    def seconds_spent(self) -> float:
        """On all questions together."""
        return float(self._solver.getRunTime())

    def minimise(self, cost: np.ndarray, *, low: np.ndarray, high: np.ndarray, seconds: float) -> Solution:
        """Minimise ``cost @ x`` over ``low <= x <= high``; see :func:`minimise`."""
        if seconds <= 0:
            return OUT_OF_TIME
        solver, size = self._solver, len(self._columns)
        solver.changeColsCost(size, self._columns, cost)
        solver.changeColsBounds(size, self._columns, low, high)
        # The solver's clock goes on from run to run.
        solver.setOptionValue("time_limit", self.seconds_spent + seconds)
        solver.run()
        return _outcome(solver, has_integers=False)


def minimise(
    cost: np.ndarray,
    rows: sparse.csr_array,
    *,
    row_bounds: tuple[np.ndarray | float, np.ndarray | float] = (0.0, 0.0),
    low: np.ndarray,
    high: np.ndarray,
    integers: np.ndarray | bool = False,
    seconds: float,
    nodes: int | None = None,
) -> Solution:
    """Minimise ``cost @ x`` over ``low <= x <= high``, with ``rows @ x`` within ``row_bounds``.

    Args:
        integers: which variables are whole numbers, or all or none of them.
        seconds: limit of time; zero or less is out of time at once.
        nodes: limit of branches, which unlike time gives the same answer on every machine.

    Never raises for what the solver meets: a failure is a solution without a point.
    """
    if seconds <= 0:
        return OUT_OF_TIME
    integrality = np.broadcast_to(np.asarray(integers, dtype=np.int32), cost.shape)
    solver = _loaded(rows, row_bounds, cost=cost, low=low, high=high, integrality=integrality)
    solver.setOptionValue("time_limit", float(seconds))
    if nodes is not None:
        solver.setOptionValue("mip_max_nodes", nodes)
    solver.run()
    return _outcome(solver, has_integers=bool(integrality.any()))


def _loaded(
    rows: sparse.csr_array,
    row_bounds: tuple[np.ndarray | float, np.ndarray | float],
    *,
    cost: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    integrality: np.ndarray,
) -> Highs:
    columns = sparse.csc_array(rows)
    row_low, row_high = (np.broadcast_to(bound, rows.shape[:1]) for bound in row_bounds)
    solver = Highs()
    solver.silent()
    # Those who call already work side by side.
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.passModel(
        len(cost),
        rows.shape[0],
        columns.nnz,
        int(MatrixFormat.kColwise),
        int(ObjSense.kMinimize),
        0.0,
        cost,
        low,
        high,
        row_low,
        row_high,
        columns.indptr,
        columns.indices,
        columns.data,
        integrality,
    )
    return solver


def _outcome(solver: Highs, *, has_integers: bool) -> Solution:
    status = solver.getModelStatus()
    is_optimal = status == HighsModelStatus.kOptimal
    # Of a linear programme that was not solved to its end no point holds.
    is_usable = is_optimal or (
        has_integers
        and status in _MAY_HAVE_A_POINT
        and solver.getInfo().objective_function_value != kHighsInf
    )
    return Solution(np.array(solver.getSolution().col_value) if is_usable else None, is_optimal)
