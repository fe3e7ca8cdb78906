"""The question of secondary suppression, in classes of cells that must be shown or hidden together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from dagster_project.lib.disclosure.attack import Attacker, Demand
from dagster_project.lib.disclosure.audit import bounds_of, outsider_demands
from dagster_project.lib.disclosure.cells import LinkedCells
from dagster_project.lib.disclosure.reduction import Reduction, components, reduce


@dataclass(frozen=True)
class Problem:
    """Classes, relations and demands. A pattern is a boolean per class: hidden.

    Attributes:
        rows: relations by classes; ``rows @ deviation == 0``.
        low, high: bounds of a hidden class's deviation.
        shut_low, shut_high: the same of a shown class; zero but for rounded values.
        cost: of hiding the class.
        forced: hidden in any case.
        demands: what hiding must achieve.
        impossible: primary cells that can be computed, or computed too closely, whatever is hidden.
        reduced: how the classes are made of cells.
        suppressible, is_primary: boolean per cell.
    """

    rows: sparse.csr_array
    low: np.ndarray
    high: np.ndarray
    shut_low: np.ndarray
    shut_high: np.ndarray
    cost: np.ndarray
    forced: np.ndarray
    demands: Sequence[Demand]
    impossible: Sequence[int]
    reduced: Reduction
    suppressible: np.ndarray
    is_primary: np.ndarray

    @property
    def size(self) -> int:
        """Number of classes."""
        return len(self.low)

    def bounds(self, hidden: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Lowest and highest deviation per class under a pattern."""
        return np.where(hidden, self.low, self.shut_low), np.where(hidden, self.high, self.shut_high)

    def cells(self, hidden: np.ndarray) -> np.ndarray:
        """The pattern as a boolean per cell."""
        inside = np.asarray(abs(self.reduced.expand) @ hidden.astype(np.int64))
        return np.asarray((inside > 0) & self.suppressible)

    def primaries(self, demands: Iterable[Demand]) -> list[int]:
        """Primary cells of the classes that demands are about."""
        asked = np.zeros(self.size, dtype=np.int64)
        asked[[demand.index for demand in demands]] = 1
        return [
            int(cell) for cell in np.flatnonzero((abs(self.reduced.expand) @ asked > 0) & self.is_primary)
        ]

    def loss(self, hidden: np.ndarray) -> float:
        """Cost of a pattern, forced classes included."""
        return float(self.cost[hidden].sum())

    def open_parts(self, hidden: np.ndarray) -> Iterator[tuple[np.ndarray, "Problem"]]:
        """The parts that a pattern falls into: their classes, and the problem that remains within each.

        Parts without a demand are left out: nothing in them need be hidden.
        """
        low, high = self.bounds(hidden)
        unsure = np.flatnonzero(low < high)
        rows = sparse.csr_array(self.rows[:, unsure])
        component = components(rows)
        place = np.full(self.size, -1)
        place[unsure] = np.arange(len(unsure))
        by_component: dict[int, list[Demand]] = {}
        for demand in self.demands:
            if place[demand.index] >= 0:
                by_component.setdefault(int(component[place[demand.index]]), []).append(demand)
        for number, demands in sorted(by_component.items()):
            classes = unsure[component == number]
            yield classes, self._within(classes, demands)

    def _within(self, classes: np.ndarray, demands: Sequence[Demand]) -> "Problem":
        place = {int(name): number for number, name in enumerate(classes)}
        rows = sparse.csr_array(self.rows[:, classes])
        return replace(
            self,
            rows=rows[np.flatnonzero(np.diff(rows.indptr))],
            low=self.low[classes],
            high=self.high[classes],
            shut_low=self.shut_low[classes],
            shut_high=self.shut_high[classes],
            cost=self.cost[classes],
            forced=self.forced[classes],
            demands=[
                replace(
                    demand,
                    index=place[demand.index],
                    known={place[name]: bounds for name, bounds in demand.known.items() if name in place},
                )
                for demand in demands
            ],
        )

    def attacker(self, hidden: np.ndarray, *, seconds: float) -> Attacker:
        """Who sees all classes but the hidden ones."""
        return Attacker(self.rows, *self.bounds(hidden), seconds=seconds)

    def unmet(self, hidden: np.ndarray, demands: Sequence[Demand], *, seconds: float) -> list[Demand]:
        """Demands that a pattern is not proven to meet."""
        reached = self.attacker(hidden, seconds=seconds).prove(demands)
        return [
            demand
            for demand, reach in zip(demands, reached, strict=True)
            if not demand.is_met(reach.least, reach.most)
        ]


def pose(linked: LinkedCells, suppressible: np.ndarray) -> Problem:
    """The problem of hiding enough of ``suppressible`` (boolean per cell) to protect the primary cells."""
    frame = linked.frame
    low, high = bounds_of(linked, suppressible)
    rounded = (frame["published_low"] < frame["published_high"]).to_numpy()
    reduced = reduce(linked.matrix, low, high, mergeable=~(rounded & suppressible), tighten=True)
    shown_low, shown_high = bounds_of(linked, np.zeros(len(frame), dtype=bool))
    n = len(reduced.low)
    members = abs(reduced.expand)
    cost = members.T @ np.where(suppressible, frame["weight"].to_numpy(), 0.0)
    has_choice = (members.T @ suppressible.astype(np.int64)) > 0
    has_primary = (members.T @ frame["is_primary"].to_numpy(np.int64)) > 0
    shut_low, shut_high = np.zeros(n), np.zeros(n)
    # A class with a rounded cell that could be hidden has that cell only, so its sign is +1.
    for cell in np.flatnonzero(rounded & suppressible):
        found = reduced.class_of(int(cell))
        if found is not None:
            shut_low[found[0]] = max(shown_low[cell], reduced.low[found[0]])
            shut_high[found[0]] = min(shown_high[cell], reduced.high[found[0]])
    demands, impossible = _demands(linked, reduced)
    return Problem(
        rows=reduced.rows,
        low=reduced.low,
        high=reduced.high,
        shut_low=shut_low,
        shut_high=shut_high,
        cost=np.asarray(cost),
        forced=np.asarray(has_primary | ~has_choice),
        demands=demands,
        impossible=impossible,
        reduced=reduced,
        suppressible=suppressible,
        is_primary=frame["is_primary"].to_numpy(),
    )


def _demands(linked: LinkedCells, reduced: Reduction) -> tuple[list[Demand], list[int]]:
    by_class: dict[int, Demand] = {}
    impossible: list[int] = []
    for demand in outsider_demands(linked):
        found = reduced.class_of(demand.index)
        if found is None or not demand.is_met(*_signed(found, reduced)):
            impossible.append(demand.index)
            continue
        index, sign = found
        below, above = (demand.below, demand.above) if sign > 0 else (demand.above, demand.below)
        stated = Demand(index, below, above, demand.width)
        by_class[index] = stated.merged(by_class[index]) if index in by_class else stated
    return [by_class[index] for index in sorted(by_class)], impossible


def _signed(found: tuple[int, int], reduced: Reduction) -> tuple[float, float]:
    """Bounds of the deviation of a cell of a class."""
    index, sign = found
    low, high = float(reduced.low[index]), float(reduced.high[index])
    return (low, high) if sign > 0 else (-high, -low)


def insider_demand(
    problem: Problem, cell: int, facts: Mapping[int, tuple[int, int]], width: int
) -> Demand | None:
    """The demand that an insider who knows ``facts`` (cell -> deviations) is left with about ``cell``."""
    found = problem.reduced.class_of(cell)
    if found is None:
        return None
    known: dict[int, tuple[int, int]] = {}
    for place, (least, most) in facts.items():
        other = problem.reduced.class_of(place)
        if other is not None:
            bounds = (least, most) if other[1] > 0 else (-most, -least)
            before = known.get(other[0], bounds)
            known[other[0]] = (max(before[0], bounds[0]), min(before[1], bounds[1]))
    return Demand(found[0], 0, 0, width, known)
