"""Smaller, equivalent form of a linear system, in terms of deviations from the true table.

Every table an attacker must reckon with is ``value + deviation`` with ``matrix @ deviation == 0``. Cells
that cannot deviate are constants; cells that must deviate together (a group of which the size is known:
reached up, not reached down) form one class. What is left falls into components that know nothing of each
other.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

_ROUNDS_OF_BOUNDS = 8


@dataclass(frozen=True)
class Reduction:
    """Classes of cells that deviate together.

    Attributes:
        expand: cells by classes; deviation of the cells = ``expand @ deviation`` of the classes. Rows of
            constant cells are empty.
        rows: relations by classes, each with at least two classes; ``rows @ deviation == 0``.
        low, high: bounds of the classes' deviations, ``low <= 0 <= high``.
        component: number of the component of each class.
    """

    expand: sparse.csr_array
    rows: sparse.csr_array
    low: np.ndarray
    high: np.ndarray
    component: np.ndarray

    def class_of(self, cell: int) -> tuple[int, int] | None:
        """Class and sign of a cell; ``None`` when it is a constant."""
        start, end = self.expand.indptr[cell : cell + 2]
        if start == end:
            return None
        return int(self.expand.indices[start]), int(self.expand.data[start])


def reduce(
    matrix: sparse.csr_array,
    low: np.ndarray,
    high: np.ndarray,
    *,
    mergeable: np.ndarray | None = None,
    tighten: bool = False,
) -> Reduction:
    """Reduce ``matrix @ d == 0, low <= d <= high`` over the integers.

    Args:
        matrix: relations by cells.
        low, high: bounds of each cell's deviation, ``low <= 0 <= high``.
        mergeable: cells that may share a class; all by default.
        tighten: also draw the bounds that the relations imply.
    """
    n_cells = matrix.shape[1]
    may_merge = np.ones(n_cells, dtype=bool) if mergeable is None else mergeable
    free = np.flatnonzero(low < high)
    expand = _columns(sparse.eye_array(n_cells, dtype=np.int64, format="csr"), free)
    low, high, may_merge = low[free], high[free], may_merge[free]
    while True:
        rows = sparse.csr_array(matrix @ expand)
        rows.eliminate_zeros()
        width = np.diff(rows.indptr)
        rows = rows[np.flatnonzero(width)]
        if tighten:
            low, high = _implied_bounds(rows, low, high)
        merge = _merge(rows, low, high, may_merge)
        if merge is None:
            break
        step, low, high, may_merge = merge
        expand = sparse.csr_array(expand @ step)
    return Reduction(expand, _without_repeats(rows), low, high, components(rows))


def _columns(matrix: sparse.csr_array, chosen: np.ndarray) -> sparse.csr_array:
    return sparse.csr_array(matrix[:, chosen])


def _merge(
    rows: sparse.csr_array, low: np.ndarray, high: np.ndarray, may_merge: np.ndarray
) -> tuple[sparse.csr_array, np.ndarray, np.ndarray, np.ndarray] | None:
    """One step: constants out, pairs together. ``None`` when there is nothing to do."""
    n = len(low)
    constant = low == high
    width = np.diff(rows.indptr)
    constant[rows.indices[rows.indptr[:-1][width == 1]]] = True
    first = rows.indptr[:-1][width == 2]
    a, b = rows.indices[first], rows.indices[first + 1]
    ca, cb = rows.data[first], rows.data[first + 1]
    pair = (np.abs(ca) == np.abs(cb)) & may_merge[a] & may_merge[b]
    a, b, opposite = a[pair], b[pair], (ca == cb)[pair]
    if not constant.any() and not len(a):
        return None
    # Each class twice, as it is and with its sign turned; a pair ties the copies that deviate alike.
    turned = b + np.where(opposite, n, 0)
    turned_back = b + np.where(opposite, 0, n)
    graph = sparse.coo_array(
        (np.ones(2 * len(a)), (np.r_[a, a + n], np.r_[turned, turned_back])), shape=(2 * n, 2 * n)
    )
    _, label = csgraph.connected_components(graph, directed=False)
    plain, minus = label[:n], label[n:]
    group = np.minimum(plain, minus)
    dead = np.zeros(2 * n, dtype=bool)
    dead[group[constant | (plain == minus)]] = True
    alive = np.flatnonzero(~dead[group])
    labels, new = np.unique(group[alive], return_inverse=True)
    sign = np.where(plain[alive] == group[alive], 1, -1)
    step = sparse.csr_array((sign, (alive, new)), shape=(n, len(labels)), dtype=np.int64)
    new_low, new_high = np.full(len(labels), -np.inf), np.full(len(labels), np.inf)
    np.maximum.at(new_low, new, np.where(sign > 0, low[alive], -high[alive]))
    np.minimum.at(new_high, new, np.where(sign > 0, high[alive], -low[alive]))
    new_may = np.ones(len(labels), dtype=bool)
    np.logical_and.at(new_may, new, may_merge[alive])
    return step, new_low, new_high, new_may


def _implied_bounds(
    rows: sparse.csr_array, low: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Bounds that follow from each relation and the bounds of the others in it."""
    row = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    column, coefficient = rows.indices, rows.data
    for _ in range(_ROUNDS_OF_BOUNDS):
        least = np.minimum(coefficient * low[column], coefficient * high[column])
        most = np.maximum(coefficient * low[column], coefficient * high[column])
        rest_least = np.bincount(row, least, rows.shape[0])[row] - least
        rest_most = np.bincount(row, most, rows.shape[0])[row] - most
        from_most, from_least = -rest_most / coefficient, -rest_least / coefficient
        new_low, new_high = low.copy(), high.copy()
        # Rounded outwards by less than any true fraction here, against errors of division.
        np.maximum.at(new_low, column, np.ceil(np.minimum(from_most, from_least) - 1e-6))
        np.minimum.at(new_high, column, np.floor(np.maximum(from_most, from_least) + 1e-6))
        if np.array_equal(new_low, low) and np.array_equal(new_high, high):
            break
        low, high = new_low, new_high
    return low, high


def _without_repeats(rows: sparse.csr_array) -> sparse.csr_array:
    """Each relation once, whichever its sign."""
    rows.sort_indices()
    seen: dict[tuple[bytes, bytes], int] = {}
    for number in range(rows.shape[0]):
        part = slice(rows.indptr[number], rows.indptr[number + 1])
        data = rows.data[part]
        seen.setdefault((rows.indices[part].tobytes(), (data * np.sign(data[0])).tobytes()), number)
    return sparse.csr_array(rows[sorted(seen.values())])


def components(rows: sparse.csr_array) -> np.ndarray:
    """Number 0..k of the component of each column: columns in the same row belong together."""
    n_rows, n = rows.shape
    _, label = csgraph.connected_components(
        sparse.block_array([[None, abs(rows)], [abs(rows).T, None]]) if n_rows else sparse.csr_array((n, n)),
        directed=False,
    )
    _, component = np.unique(label[n_rows:], return_inverse=True)
    return np.asarray(component)
