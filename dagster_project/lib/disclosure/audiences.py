"""A pattern for each audience, the widest first: what it sees is known to all that follow.

The public sees the least; the administration sees its own tables and those of the public, so that both
together may disclose nothing that each hides.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from scipy import sparse

from dagster_project.lib.disclosure.audit import audit
from dagster_project.lib.disclosure.block import Insiders, Limits
from dagster_project.lib.disclosure.cells import LinkedCells, link
from dagster_project.lib.disclosure.margins import askable, bounded
from dagster_project.lib.disclosure.protect import adds_nothing, blocks, protect
from dagster_project.lib.disclosure.register import still_true, with_known

AUDIENCES = ("public", "internal")
# States of a pattern in which readers see the cell; what is known already hides nobody when it is shown.
VISIBLE = ("shown", "known")
_HIDDEN = ("primary", "secondary", "refused")


def of_audience(
    cells: pd.DataFrame,
    relations: pd.DataFrame,
    audience: str,
    *,
    seen: Iterable[str] = (),
    register: pd.DataFrame | None = None,
    margins: pd.DataFrame | None = None,
) -> LinkedCells:
    """The cells and relations of one audience, with what its readers know from elsewhere.

    Args:
        cells: ``audience`` and the columns of :func:`cells.complete`.
        relations: ``audience``, ``relation_id``, ``cell_id``, ``coefficient``.
        audience: its name.
        seen: ids of cells that its readers see in the tables of a wider audience.
        register: what earlier releases told any audience: ``audience``, ``cell_id``, ``low``, ``high``, as
            :func:`register.checked` returns it. Of each cell all that its readers were told counts.
        margins: what the agencies' figures tell: ``audience`` (whose cell it is), ``cell_id``, ``low``,
            ``high``, see :func:`margins.bounded`.

    Raises:
        UnsoundCellsError, UnsoundRelationsError: see :func:`cells.link`.
    """
    # In an order of their own: which of two patterns equally good is chosen depends on it.
    own = cells[cells["audience"] == audience].sort_values("cell_id", ignore_index=True)
    own["is_published_before"] = own["is_published_before"].astype(bool) | own["cell_id"].isin(set(seen))
    if register is not None:
        told = register[register["audience"].isin(readable_by(audience))]
        own = with_known(own, still_true(own, told))
    if margins is not None:
        own = bounded(own, margins[margins["audience"] == audience])
    # What was told of somebody once is known, whether or not a table shows it.
    own["is_hidden"] = own["is_hidden"].astype(bool) & ~own["is_published_before"]
    sums = relations[relations["audience"] == audience].sort_values(["relation_id", "cell_id"])
    return link(own, sums)


def readable_by(audience: str) -> Sequence[str]:
    """The audiences whose tables its readers have: its own and all wider ones."""
    return AUDIENCES[: AUDIENCES.index(audience) + 1]


def patterns(
    cells: pd.DataFrame,
    relations: pd.DataFrame,
    *,
    register: pd.DataFrame | None = None,
    margins: pd.DataFrame | None = None,
    earlier: pd.DataFrame | None = None,
    limits: Limits | None = None,
) -> pd.DataFrame:
    """What each audience sees.

    Args:
        cells: see :func:`of_audience`, with two more columns: ``part`` (``persons``, ``figure``, ``rest``,
            ``beyond`` for those in an outcome and in none of those within it, or ``one`` for a constant) and
            ``persons_cell_id`` (the number of persons behind a figure).
        relations, register, margins: see :func:`of_audience`.
        earlier: pattern of the current release, as this returned it: what it hid stays hidden, though it need
            not be for the sake of what is known by now. Figures would come and go between releases.
        limits: of work, for each audience and step.

    Returns:
        One row per audience and cell: ``audience``, ``cell_id``, ``state`` (see :class:`protect.Protection`),
        ``reason`` (why it was refused; missing unless it was). What hangs together with a cell that fails
        the proof, without being as safe as if nothing were shown, is refused, with the reason
        ``not_proven``.

    Raises:
        UnsoundCellsError, UnsoundRelationsError: see :func:`cells.link`.
    """
    found: list[pd.DataFrame] = []
    seen: set[str] = set()
    for audience in AUDIENCES:
        linked = of_audience(cells, relations, audience, seen=seen, register=register, margins=margins)
        described = cells[cells["audience"] == audience].set_index("cell_id")
        described = described.loc[linked.frame["cell_id"], ["part", "persons_cell_id"]].reset_index()
        pattern = _pattern(linked, described["part"], described["persons_cell_id"], limits or Limits())
        if earlier is not None:
            pattern = _as_before(pattern, earlier[earlier["audience"] == audience])
        seen |= set(pattern.loc[pattern["state"].isin(VISIBLE), "cell_id"])
        found.append(pattern.assign(audience=audience))
    return pd.concat(found, ignore_index=True)[["audience", "cell_id", "state", "reason"]]


def _as_before(pattern: pd.DataFrame, earlier: pd.DataFrame) -> pd.DataFrame:
    """The pattern, with what is shown for the first time hidden as it was; more hidden tells less."""
    was = earlier[earlier["state"].isin(_HIDDEN)].set_index("cell_id")
    again = (pattern["state"] == "shown") & pattern["cell_id"].isin(was.index)
    kept = was.loc[pattern.loc[again, "cell_id"]]
    pattern.loc[again, "state"] = kept["state"].to_numpy()
    pattern.loc[again, "reason"] = kept["reason"].to_numpy()
    return pattern


def _pattern(linked: LinkedCells, part: pd.Series, persons: pd.Series, limits: Limits) -> pd.DataFrame:
    """``cell_id``, ``state``, ``reason`` of each cell, in order.

    Which numbers of persons are hidden is decided first, and a figure is hidden with its number. Many
    indicators count the same persons: all together they would be one problem, too large to solve; with the
    numbers given, each indicator, or each family of outcomes within each other, is one of its own. What is
    proven at the end is all of it together.
    """
    frame, asked = linked.frame, askable(linked)
    sizes = _states(_only(asked, part.isin(["persons", "one"]).to_numpy()), limits)
    hidden_sizes = sizes.loc[sizes["state"].isin(_HIDDEN), "cell_id"]
    goes_with_size = persons.isin(hidden_sizes) & ~frame["is_published_before"]
    bound = LinkedCells(asked.frame.assign(is_hidden=frame["is_hidden"] | goes_with_size), linked.matrix)
    figures = _states(_only(bound, part.isin(["figure", "beyond", "one"]).to_numpy()), limits)
    decided = pd.concat([sizes, figures[figures["cell_id"] != "one"]]).drop_duplicates("cell_id")
    pattern = frame[["cell_id"]].merge(decided, on="cell_id", how="left")
    pattern["state"] = pattern["state"].fillna("unseen")
    # That the agencies tell a figure is no reason to tell it too.
    own = ~frame["is_hidden"] & (goes_with_size | (frame["is_primary"] & (pattern["state"] == "shown")))
    pattern.loc[own, "state"] = frame.loc[own, "is_primary"].map({True: "primary", False: "secondary"})
    return _closed(linked, pattern, limits)


def _only(linked: LinkedCells, chosen: np.ndarray) -> LinkedCells:
    """These cells, and the relations that are about them alone."""
    inside = np.flatnonzero(abs(linked.matrix) @ (~chosen).astype(np.int64) == 0)
    matrix = sparse.csr_array(sparse.csc_array(linked.matrix[inside])[:, np.flatnonzero(chosen)])
    return LinkedCells(linked.frame[chosen].reset_index(drop=True), matrix)


def _states(linked: LinkedCells, limits: Limits) -> pd.DataFrame:
    """``cell_id``, ``state``, ``reason`` of each cell, as the solver found them."""
    protection = protect(linked, limits=limits, exact_intervals=False)
    pattern = protection.pattern.assign(breakdown=linked.frame["breakdown"])
    reasons = protection.refusals[["block", "breakdown", "reason"]]
    pattern = pattern.merge(reasons, on=["block", "breakdown"], how="left", validate="many_to_one")
    pattern["reason"] = pattern["reason"].where(pattern["state"] == "refused")
    return pattern[["cell_id", "state", "reason"]]


def _closed(linked: LinkedCells, pattern: pd.DataFrame, limits: Limits) -> pd.DataFrame:
    """The pattern, with everything hidden that hangs together with a cell whose protection is not proven."""
    hidden = pattern["state"].isin(_HIDDEN).to_numpy()
    proof = audit(linked, hidden, exact=False, seconds=limits.audit_seconds)
    if proof.is_passed or adds_nothing(linked, proof, hidden, Insiders(), limits.audit_seconds):
        return pattern
    block = pd.Series(blocks(linked))
    unsafe = block.isin(block[pattern["cell_id"].isin(proof.failures["cell_id"])])
    closed = unsafe & ~pattern["state"].isin(["known", "unseen"])
    pattern.loc[closed, "state"] = "refused"
    pattern.loc[closed, "reason"] = "not_proven"
    return pattern
