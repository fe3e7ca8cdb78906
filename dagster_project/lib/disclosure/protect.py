"""From cells and relations to a pattern that discloses nobody, with its proof, or a named refusal.

Cells fall into blocks that know nothing of each other. Each block gets the cheapest pattern where that can be
found within the limits, a good one otherwise, and is refused, breakdown by breakdown, where neither can be
proven to protect. The proof at the end is made anew from the cells and relations as they were given.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd
from scipy import sparse

from dagster_project.lib.disclosure.audit import OUTSIDER, Audit, audit, bounds_of
from dagster_project.lib.disclosure.block import Insiders, Limits, Outcome, protect_block
from dagster_project.lib.disclosure.cells import LinkedCells, suppressible_cells
from dagster_project.lib.disclosure.reduction import components
from dagster_project.lib.disclosure.solver import WORKERS

# Cells of small blocks that are solved together.
_BUNDLE = 400


@dataclass(frozen=True)
class Protection:
    """Pattern and proof. All but ``log`` is as confidential as the figures.

    Attributes:
        pattern: one row per cell, in the order given: ``cell_id``, ``block``, ``state``. ``state`` is
            ``shown``, ``primary``, ``secondary``, ``refused`` (hidden with its breakdown), ``known``
            (published before, or zero by structure), ``unseen`` (of no table). To readers, primary, secondary
            and refused must look alike.
        audit: of the whole pattern, from the cells and relations as given.
        is_publishable: whether every primary cell is proven to be protected, or, where not even hiding
            everything would do, at least as well protected as that.
        refusals: one row per breakdown of a block that is not published: ``block``, ``breakdown``, ``reason``
            (``cannot_be_protected``, ``known_already``, ``out_of_time``), ``is_exposed``: a cell of it can be
            computed from what is known already, which no refusal mends.
        blocks: one row per block with primary cells: ``block``, ``cells``, ``primaries``, ``hidden``,
            ``method`` (``forced``, ``optimum``, ``heuristic``, ``refused``), ``loss`` (weight of what is
            hidden), ``seconds``.
        log: one row per breakdown: ``breakdown``, ``cells`` (shown or hidden now), ``hidden``, ``refused``,
            ``lost`` (share of the weight that is hidden). Sums over all blocks: may be published.
    """

    pattern: pd.DataFrame
    audit: Audit
    is_publishable: bool
    refusals: pd.DataFrame
    blocks: pd.DataFrame
    log: pd.DataFrame


def protect(
    linked: LinkedCells,
    *,
    insiders: pd.DataFrame | None = None,
    insider_width: int = 1,
    limits: Limits | None = None,
    exact_intervals: bool = True,
) -> Protection:
    """Hide enough for every primary cell to be protected, and no more than it takes.

    The same input gives the same pattern, unless a limit of time is reached.

    Args:
        linked: cells and relations.
        insiders: attackers with knowledge of their own, see :mod:`insiders`.
        insider_width: width of the interval left to each of them.
        limits: of work.
        exact_intervals: whether the proof tells the whole interval left to an attacker, or only that it is
            wide enough, which is faster.

    Raises:
        UnsoundCellsError: an insider knows of a cell that is not listed, or something that is not true.
    """
    limits = limits or Limits()
    deadline = time.monotonic() + limits.total_seconds
    inside = Insiders(insiders, insider_width)
    number = blocks(linked)
    suppressed, refused = np.zeros((2, len(number)), dtype=bool)
    outcomes: list[tuple[int, LinkedCells, Outcome]] = []
    protect_bundle = partial(_protect_bundle, linked, inside=inside, limits=limits, deadline=deadline)
    # Bundles know nothing of each other.
    with ThreadPoolExecutor(WORKERS) as workers:
        for done in workers.map(protect_bundle, _bundles(_with_primary(linked, number))):
            for block, cells, part, outcome in done:
                suppressed[cells], refused[cells] = outcome.suppressed, outcome.refused
                outcomes.append((block, part, outcome))
    proof = audit(
        linked,
        suppressed | refused,
        insiders=insiders,
        insider_width=insider_width,
        exact=exact_intervals,
        seconds=limits.audit_seconds,
    )
    return Protection(
        pattern=_pattern(linked, number, suppressed, refused),
        audit=proof,
        is_publishable=proof.is_passed
        or adds_nothing(linked, proof, suppressed | refused, inside, limits.audit_seconds),
        refusals=_refusals(outcomes, proof),
        blocks=_summary(outcomes),
        log=_log(linked, suppressed, refused),
    )


def adds_nothing(
    linked: LinkedCells, proof: Audit, hidden: np.ndarray, insiders: Insiders, seconds: float
) -> bool:
    """Whether the cells that fail an audit are as well protected as if nothing at all were shown.

    Args:
        linked: cells and relations.
        proof: of ``hidden``.
        hidden: boolean per cell: not shown.
        insiders: those of the proof.
        seconds: limit of time for each call of the solver.
    """
    failed = linked.frame["cell_id"].isin(proof.failures["cell_id"])
    doubtful = LinkedCells(linked.frame.assign(is_primary=failed), linked.matrix)
    now, at_best = (
        audit(doubtful, pattern, insiders=insiders.frame, insider_width=insiders.width, seconds=seconds).proof
        for pattern in (hidden, suppressible_cells(linked))
    )
    # An insider without a counterpart counts as one who found out more.
    both = at_best.merge(now, on=["cell_id", "attacker"], how="left", suffixes=("_best", ""))
    levels = linked.frame.set_index("cell_id").loc[both["cell_id"]].reset_index()
    is_insider = both["attacker"] != OUTSIDER
    wanted = {
        "below": levels[["lower_protection", "value"]].min(axis=1).mask(is_insider, 0),
        "above": levels["upper_protection"].mask(is_insider, 0),
        "width": levels["sliding_protection"].mask(is_insider, insiders.width).clip(lower=1),
    }
    best = _room(both, levels["value"], "_best")
    left = _room(both, levels["value"], "")
    kept = [left[side] >= np.minimum(wanted[side], best[side]) for side in wanted]
    return bool(both["is_exact_best"].all() and np.logical_and.reduce(kept).all())


def _room(proof: pd.DataFrame, value: pd.Series, suffix: str) -> dict[str, pd.Series]:
    lower, upper = proof[f"lower{suffix}"], proof[f"upper{suffix}"]
    return {"below": value - lower, "above": upper - value, "width": upper - lower}


def blocks(linked: LinkedCells) -> np.ndarray:
    """Number of the block of each cell; what is known ties nothing together."""
    low, high = bounds_of(linked, suppressible_cells(linked))
    unknown = sparse.csr_array(
        linked.matrix @ sparse.diags_array((low < high).astype(np.int64), dtype=np.int64)
    )
    unknown.eliminate_zeros()
    return components(unknown)


def _with_primary(linked: LinkedCells, number: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Blocks with a primary cell, and the places of their cells."""
    order = np.argsort(number, kind="stable")
    wanted = np.unique(number[linked.frame["is_primary"].to_numpy()])
    starts = np.searchsorted(number[order], wanted)
    ends = np.searchsorted(number[order], wanted, side="right")
    for block, start, end in zip(wanted.tolist(), starts, ends, strict=True):
        yield block, order[start:end]


def _bundles(blocks: Iterable[tuple[int, np.ndarray]]) -> Iterator[list[tuple[int, np.ndarray]]]:
    """Small blocks together: they know nothing of each other, and one call of the solver serves them all."""
    bundle: list[tuple[int, np.ndarray]] = []
    size = 0
    for block, cells in blocks:
        if bundle and size + len(cells) > _BUNDLE:
            yield bundle
            bundle, size = [], 0
        bundle.append((block, cells))
        size += len(cells)
    if bundle:
        yield bundle


def _protect_bundle(
    linked: LinkedCells,
    bundle: list[tuple[int, np.ndarray]],
    inside: Insiders,
    limits: Limits,
    deadline: float,
) -> list[tuple[int, np.ndarray, LinkedCells, Outcome]]:
    """Blocks with their cells and outcomes; a refusal concerns its own block only."""
    found: list[tuple[int, np.ndarray, LinkedCells, Outcome]] = []
    if len(bundle) > 1:
        whole = linked.part(np.concatenate([cells for _, cells in bundle]))
        together = protect_block(whole, inside.about(whole), limits, deadline)
        if not together.reasons:
            start = 0
            for block, cells in bundle:
                mine = slice(start, start + len(cells))
                start += len(cells)
                outcome = replace(
                    together,
                    suppressed=together.suppressed[mine],
                    refused=together.refused[mine],
                    seconds=together.seconds * len(cells) / len(whole.frame),
                )
                found.append((block, cells, linked.part(cells), outcome))
            return found
    for block, cells in bundle:
        part = linked.part(cells)
        found.append((block, cells, part, protect_block(part, inside.about(part), limits, deadline)))
    return found


def _pattern(
    linked: LinkedCells, number: np.ndarray, suppressed: np.ndarray, refused: np.ndarray
) -> pd.DataFrame:
    frame = linked.frame
    state = np.select(
        [
            frame["is_published_before"] | frame["is_structural_zero"],
            frame["is_hidden"],
            refused,
            suppressed & frame["is_primary"],
            suppressed,
        ],
        ["known", "unseen", "refused", "primary", "secondary"],
        "shown",
    )
    return pd.DataFrame({"cell_id": frame["cell_id"], "block": number, "state": state})


def _refusals(outcomes: Sequence[tuple[int, LinkedCells, Outcome]], proof: Audit) -> pd.DataFrame:
    exposed = set(proof.failures["cell_id"])
    rows = [
        (block, breakdown, reason, bool(_cells_of(part, breakdown) & exposed))
        for block, part, outcome in outcomes
        for breakdown, reason in outcome.reasons.items()
    ]
    return pd.DataFrame(rows, columns=["block", "breakdown", "reason", "is_exposed"]).astype(
        {"is_exposed": bool}
    )


def _cells_of(part: LinkedCells, breakdown: str) -> set[str]:
    return set(part.frame.loc[part.frame["breakdown"] == breakdown, "cell_id"])


def _summary(outcomes: Sequence[tuple[int, LinkedCells, Outcome]]) -> pd.DataFrame:
    rows = []
    for block, part, outcome in outcomes:
        hidden = outcome.suppressed | outcome.refused
        rows.append(
            (
                block,
                len(part.frame),
                int(part.frame["is_primary"].sum()),
                int(hidden.sum()),
                outcome.method,
                float(part.frame["weight"].to_numpy()[hidden].sum()),
                outcome.seconds,
            )
        )
    columns = ["block", "cells", "primaries", "hidden", "method", "loss", "seconds"]
    return pd.DataFrame(rows, columns=columns)


def _log(linked: LinkedCells, suppressed: np.ndarray, refused: np.ndarray) -> pd.DataFrame:
    frame = linked.frame.assign(
        hidden=suppressed, refused=refused, lost=linked.frame["weight"].where(suppressed | refused, 0.0)
    )[suppressible_cells(linked)]
    log = frame.groupby("breakdown", as_index=False).agg(
        cells=("cell_id", "size"),
        hidden=("hidden", "sum"),
        refused=("refused", "sum"),
        lost=("lost", "sum"),
        weight=("weight", "sum"),
    )
    return log.assign(lost=log["lost"] / log["weight"]).drop(columns="weight")
