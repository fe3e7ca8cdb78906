"""One call of the solver (HiGHS through scipy) over classes of cells, with its outcome in plain terms."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

_OPTIMAL = 0


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
    options: dict[str, object] = {"time_limit": seconds, "mip_rel_gap": 0.0}
    if nodes is not None:
        options["node_limit"] = nodes
    result = milp(
        cost,
        integrality=np.broadcast_to(np.asarray(integers, dtype=np.int64), cost.shape),
        bounds=Bounds(low, high),
        constraints=LinearConstraint(rows, *row_bounds) if rows.shape[0] else (),
        options=options,
    )
    return Solution(result.x, result.status == _OPTIMAL)
