"""A pattern for each audience, the widest first: what it sees is known to all that follow.

The public sees the least; the administration sees its own tables and those of the public, so that both
together may disclose nothing that each hides.
"""

from collections.abc import Iterable, Sequence

import pandas as pd

from dagster_project.lib.disclosure.block import Limits
from dagster_project.lib.disclosure.cells import LinkedCells, link
from dagster_project.lib.disclosure.protect import Protection, protect
from dagster_project.lib.disclosure.register import still_true, with_known

AUDIENCES = ("public", "internal")
# States of a pattern in which readers see the cell; what is known already hides nobody when it is shown.
VISIBLE = ("shown", "known")


def of_audience(
    cells: pd.DataFrame,
    relations: pd.DataFrame,
    audience: str,
    *,
    seen: Iterable[str] = (),
    register: pd.DataFrame | None = None,
) -> LinkedCells:
    """The cells and relations of one audience, with what its readers know from elsewhere.

    Args:
        cells: ``audience`` and the columns of :func:`cells.complete`.
        relations: ``audience``, ``relation_id``, ``cell_id``, ``coefficient``.
        audience: its name.
        seen: ids of cells that its readers see in the tables of a wider audience.
        register: what earlier releases told any audience: ``audience``, ``cell_id``, ``low``, ``high``, as
            :func:`register.checked` returns it. Of each cell all that its readers were told counts.

    Raises:
        UnsoundCellsError, UnsoundRelationsError: see :func:`cells.link`.
    """
    own = cells[cells["audience"] == audience].reset_index(drop=True)
    own["is_published_before"] = own["is_published_before"].astype(bool) | own["cell_id"].isin(set(seen))
    if register is not None:
        told = register[register["audience"].isin(readable_by(audience))]
        own = with_known(own, still_true(own, told))
    # What was told of somebody once is known, whether or not a table shows it.
    own["is_hidden"] = own["is_hidden"].astype(bool) & ~own["is_published_before"]
    return link(own, relations[relations["audience"] == audience])


def readable_by(audience: str) -> Sequence[str]:
    """The audiences whose tables its readers have: its own and all wider ones."""
    return AUDIENCES[: AUDIENCES.index(audience) + 1]


def patterns(
    cells: pd.DataFrame,
    relations: pd.DataFrame,
    *,
    register: pd.DataFrame | None = None,
    limits: Limits | None = None,
) -> pd.DataFrame:
    """What each audience sees.

    Args:
        cells, relations, register: see :func:`of_audience`.
        limits: of work, for each audience.

    Returns:
        One row per audience and cell: ``audience``, ``cell_id``, ``state`` (see :class:`protect.Protection`),
        ``reason`` (why it was refused; missing unless it was). A block in which a cell fails the final audit
        without being as safe as if nothing were shown is refused whole, with the reason ``not_proven``.

    Raises:
        UnsoundCellsError, UnsoundRelationsError: see :func:`cells.link`.
    """
    found: list[pd.DataFrame] = []
    seen: set[str] = set()
    for audience in AUDIENCES:
        linked = of_audience(cells, relations, audience, seen=seen, register=register)
        pattern = _closed(linked, protect(linked, limits=limits, exact_intervals=False))
        seen |= set(pattern.loc[pattern["state"].isin(VISIBLE), "cell_id"])
        found.append(pattern.assign(audience=audience))
    return pd.concat(found, ignore_index=True)[["audience", "cell_id", "state", "reason"]]


def _closed(linked: LinkedCells, protection: Protection) -> pd.DataFrame:
    """The pattern with the reason of each refusal, and with everything hidden that is not proven."""
    pattern = protection.pattern.assign(breakdown=linked.frame["breakdown"])
    reasons = protection.refusals[["block", "breakdown", "reason"]]
    pattern = pattern.merge(reasons, on=["block", "breakdown"], how="left", validate="many_to_one")
    pattern["reason"] = pattern["reason"].where(pattern["state"] == "refused")
    if not protection.is_publishable:
        failed = pattern["cell_id"].isin(protection.audit.failures["cell_id"])
        unsafe = pattern["block"].isin(pattern.loc[failed, "block"])
        closed = unsafe & ~pattern["state"].isin(["known", "unseen"])
        pattern.loc[closed, ["state", "reason"]] = ["refused", "not_proven"]
    return pattern
