"""What an attacker can compute: the smallest and largest value a hidden cell may have.

The attacker knows every relation, every published value and that figures are whole numbers. Each end of an
interval is backed by a witness: a whole table that agrees with everything published. Witnesses are checked in
integer arithmetic against the relations as they were given, so that an error of the solver or of the
reduction can only make an interval look narrower than it is.
"""

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import sparse

from dagster_project.lib.disclosure.reduction import Reduction, reduce
from dagster_project.lib.disclosure.solver import WORKERS, Programme, minimise

_NEARLY_WHOLE = 1e-5


@dataclass(frozen=True)
class Demand:
    """What an attacker must be left with about one cell (or class of cells).

    Attributes:
        index: number of the cell.
        below, above: how far it must be able to deviate from its true value each way.
        width: both together, at least one.
        known: cells of which this attacker knows more: lowest and highest deviation.
    """

    index: int
    below: int
    above: int
    width: int
    known: Mapping[int, tuple[int, int]] = field(default_factory=dict)

    @property
    def enough(self) -> int:
        """A deviation each way that meets the demand, whatever the other way is."""
        return max(self.below, self.above, self.width, 1)

    def is_met(self, least: float, most: float) -> bool:
        """Whether deviations from ``least`` to ``most`` are enough."""
        return -least >= self.below and most >= self.above and most - least >= max(self.width, 1)

    def merged(self, other: "Demand") -> "Demand":
        """Both demands on the same cell in one."""
        return replace(
            self,
            below=max(self.below, other.below),
            above=max(self.above, other.above),
            width=max(self.width, other.width),
        )


@dataclass(frozen=True)
class Reach:
    """How far a cell can deviate.

    Attributes:
        least, most: deviations proven possible, ``least <= 0 <= most``.
        is_final: whether nothing beyond is possible, or beyond what was asked for.
    """

    least: int = 0
    most: int = 0
    is_final: bool = False


@dataclass(frozen=True)
class Witness:
    """A table that agrees with all that is published: deviations of some cells; all others are zero."""

    cells: np.ndarray
    deviations: np.ndarray


@dataclass
class _Question:
    """How far can the class deviate, down (sign -1) or up (+1)?"""

    demand: Demand
    direction: int
    at: int
    sign: int
    component: int
    low: np.ndarray
    high: np.ndarray
    found: int = 0
    is_final: bool = False


@dataclass(frozen=True)
class _Component:
    classes: np.ndarray
    rows: sparse.csr_array
    cells: np.ndarray
    expand: sparse.csr_array
    matrix: sparse.csr_array
    low: np.ndarray
    high: np.ndarray


class Attacker:
    """Knows of the deviations from the true table: ``matrix @ deviation == 0``, ``low <= deviation <= high``.

    Args:
        matrix: relations by cells.
        low, high: bounds per cell, ``low <= 0 <= high``; both zero for a cell that is published exactly.
        seconds: limit of time for each call of the solver.

    Attributes:
        witnesses: found so far; they hold for attackers without further knowledge.
    """

    def __init__(
        self, matrix: sparse.csr_array, low: np.ndarray, high: np.ndarray, *, seconds: float
    ) -> None:
        self._columns, self._low, self._high, self._seconds = sparse.csc_array(matrix), low, high, seconds
        self._reduced: Reduction = reduce(matrix, low, high, tighten=True)
        self._classes = _members(self._reduced.component)
        rows = self._reduced.rows
        self._rows = _members(self._reduced.component[rows.indices[rows.indptr[:-1]]])
        self._components: dict[int, _Component] = {}
        self._programmes: dict[int, Programme] = {}
        self._seen_low, self._seen_high = np.zeros((2, matrix.shape[1]), dtype=np.int64)
        self._alone_low, self._alone_high = self._extents()
        self.witnesses: list[Witness] = []
        self._noting = threading.Lock()

    def component(self, cell: int) -> int | None:
        """Number of the cell's component; ``None`` when the cell can be computed exactly."""
        found = self._reduced.class_of(cell)
        return None if found is None else int(self._reduced.component[found[0]])

    def prove(self, demands: Sequence[Demand], *, stop: bool = False) -> list[Reach]:
        """How far each cell can deviate, as far as it takes to see whether the demand is met.

        Args:
            demands: about any cells.
            stop: leave the rest unanswered when one is found that is not met.
        """
        answers = [self._reach_alone(demand) or Reach() for demand in demands]
        if stop and any(self._fails(d, a) for d, a in zip(demands, answers, strict=True)):
            return answers
        for number, demand in enumerate(demands):
            if not answers[number].is_final:
                answers[number] = self._reach_seen(demand) or self._reach_asked(demand, in_full=False)
                if stop and self._fails(demand, answers[number]):
                    break
        return answers

    def compute(self, demands: Sequence[Demand]) -> list[Reach]:
        """How far each cell can deviate at all."""
        answers = [self._reach_alone(demand) for demand in demands]
        by_component: dict[int | None, list[int]] = {}
        for number, demand in enumerate(demands):
            if answers[number] is None:
                by_component.setdefault(self.component(demand.index), []).append(number)

        def ask(numbers: list[int]) -> list[Reach]:
            return [self._reach_asked(demands[number], in_full=True) for number in numbers]

        # Components know nothing of each other.
        with ThreadPoolExecutor(WORKERS) as workers:
            for numbers, found in zip(
                by_component.values(), workers.map(ask, by_component.values()), strict=True
            ):
                for number, answer in zip(numbers, found, strict=True):
                    answers[number] = answer
        return [answer or Reach() for answer in answers]

    def _fails(self, demand: Demand, answer: Reach) -> bool:
        return answer.is_final and not demand.is_met(answer.least, answer.most)

    def _reach_seen(self, demand: Demand) -> Reach | None:
        """The answer, when tables that were found for other cells give it."""
        least, most = int(self._seen_low[demand.index]), int(self._seen_high[demand.index])
        if demand.known or not demand.is_met(least, most):
            return None
        return Reach(least, most, is_final=True)

    def _reach_asked(self, demand: Demand, *, in_full: bool) -> Reach:
        down, up = self._questions(demand, in_full=in_full)
        self._answer(down)
        self._answer(up)
        return Reach(down.found, up.found, down.is_final and up.is_final)

    def _extents(self) -> tuple[np.ndarray, np.ndarray]:
        """How far each class deviates that is alone in its component; zero for all others.

        Drawn from the relations and bounds as given, so that they need no witness.
        """
        expand = self._reduced.expand
        n = expand.shape[1]
        alone = np.bincount(self._reduced.component, minlength=n)[self._reduced.component] == 1
        left_over = sparse.csc_array(self._columns @ expand)
        left_over.eliminate_zeros()
        alone &= np.diff(left_over.indptr) == 0
        cell = np.repeat(np.arange(expand.shape[0]), np.diff(expand.indptr))
        plain = expand.data > 0
        low, high = np.full(n, -np.inf), np.full(n, np.inf)
        np.maximum.at(low, expand.indices, np.where(plain, self._low[cell], -self._high[cell]))
        np.minimum.at(high, expand.indices, np.where(plain, self._high[cell], -self._low[cell]))
        return np.where(alone, low, 0).astype(np.int64), np.where(alone, high, 0).astype(np.int64)

    def _reach_alone(self, demand: Demand) -> Reach | None:
        """The answer, when the cell's class is alone in its component."""
        found = self._reduced.class_of(demand.index)
        if found is None:
            return Reach(is_final=True)
        least, most = int(self._alone_low[found[0]]), int(self._alone_high[found[0]])
        if demand.known or least == most:
            return None
        return Reach(least, most, is_final=True) if found[1] > 0 else Reach(-most, -least, is_final=True)

    def _questions(self, demand: Demand, *, in_full: bool) -> tuple[_Question, _Question]:
        found = self._reduced.class_of(demand.index)
        if found is None:
            raise ValueError("a cell that can be computed exactly is no question")
        index, sign = found
        number = int(self._reduced.component[index])
        classes = self._classes[number]
        low, high = self._reduced.low[classes].copy(), self._reduced.high[classes].copy()
        for cell, bounds in demand.known.items():
            other = self._reduced.class_of(cell)
            if other is not None and self._reduced.component[other[0]] == number:
                _narrow(low, high, int(np.searchsorted(classes, other[0])), other[1], bounds)
        at = int(np.searchsorted(classes, index))
        if not in_full:
            _narrow(low, high, at, 1, (-demand.enough, demand.enough))
        return (
            _Question(demand, -1, at, -sign, number, low, high),
            _Question(demand, 1, at, sign, number, low, high),
        )

    def _answer(self, question: _Question) -> None:
        """First the linear relaxation: where its answer is a whole table, it is final. Then integers."""
        if self._solve_alone(question):
            return
        cost = np.zeros(len(question.low))
        cost[question.at] = -question.sign
        programme = self._programmes.get(question.component)
        if programme is None:
            programme = self._programmes[question.component] = Programme(
                self._component(question.component).rows
            )
        relaxed = programme.minimise(cost, low=question.low, high=question.high, seconds=self._seconds)
        if relaxed.x is not None:
            self._note(question, relaxed.x, relaxed.is_optimal)
        if question.is_final:
            return
        whole = minimise(
            cost,
            self._component(question.component).rows,
            low=question.low,
            high=question.high,
            integers=True,
            seconds=self._seconds,
        )
        if whole.x is not None:
            self._note(question, whole.x, whole.is_optimal)

    def _solve_alone(self, question: _Question) -> bool:
        """A class without relations deviates as far as its bounds."""
        if len(question.low) > 1:
            return False
        self._note(question, question.high if question.sign > 0 else question.low, is_final=True)
        return question.is_final

    def _note(self, question: _Question, point: np.ndarray, is_final: bool) -> None:
        """Take ``point`` for an answer if, rounded, it is a table that agrees with all that is known."""
        whole = np.rint(point).astype(np.int64)
        if np.abs(point - whole).max() > _NEARLY_WHOLE:
            return
        part = self._component(question.component)
        table = part.expand @ whole
        if (part.matrix @ table).any() or (table < part.low).any() or (table > part.high).any():
            return
        known = question.demand.known
        for cell, (least, most) in known.items():
            if not least <= table[part.cells == cell].sum() <= most:
                return
        deviation = int(table[part.cells == question.demand.index].sum())
        if deviation * question.direction < abs(question.found):
            return
        question.found, question.is_final = deviation, is_final
        if known:
            return
        with self._noting:
            self.witnesses.append(Witness(part.cells, table))
            self._seen_low[part.cells] = np.minimum(self._seen_low[part.cells], table)
            self._seen_high[part.cells] = np.maximum(self._seen_high[part.cells], table)

    def _component(self, number: int) -> _Component:
        if number not in self._components:
            classes = self._classes[number]
            rows = self._reduced.rows[self._rows[number]] if number < len(self._rows) else None
            expand = sparse.csr_array(self._reduced.expand[:, classes])
            cells = np.flatnonzero(np.diff(expand.indptr))
            matrix = sparse.csr_array(self._columns[:, cells])
            self._components[number] = _Component(
                classes=classes,
                rows=sparse.csr_array((0, len(classes)))
                if rows is None
                else sparse.csr_array(rows[:, classes]),
                cells=cells,
                expand=expand[cells],
                matrix=matrix[np.flatnonzero(np.diff(matrix.indptr))],
                low=self._low[cells],
                high=self._high[cells],
            )
        return self._components[number]


def _narrow(low: np.ndarray, high: np.ndarray, at: int, sign: int, bounds: tuple[int, int]) -> None:
    least, most = bounds if sign > 0 else (-bounds[1], -bounds[0])
    low[at], high[at] = max(low[at], least), min(high[at], most)


def _members(labels: np.ndarray) -> list[np.ndarray]:
    """Places of each label 0..k, in order."""
    if not len(labels):
        return []
    order = np.argsort(labels, kind="stable")
    return np.split(order, np.cumsum(np.bincount(labels))[:-1])
