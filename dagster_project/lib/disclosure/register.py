"""Everything ever published: it stays known, and can never be hidden again.

The register has one row per release and published cell: ``release_id``, ``cell_id``, ``low``, ``high`` (whole
numbers; equal unless a rounded figure was published). The ledger has one row per release: ``release_id``,
``cells`` (number of rows in the register), ``sha256`` (see :func:`digest`).
"""

import hashlib
from collections.abc import Sequence

import pandas as pd

from dagster_project.lib.disclosure.errors import RegisterError

COLUMNS = ["release_id", "cell_id", "low", "high"]


def digest(entries: pd.DataFrame) -> str:
    """Fingerprint of a release's rows, whatever their order."""
    rows = entries.sort_values("cell_id")[["cell_id", "low", "high"]]
    return hashlib.sha256(rows.to_csv(index=False, header=False).encode()).hexdigest()


def ledger(entries: pd.DataFrame) -> pd.DataFrame:
    """The ledger that belongs to a register."""
    releases = [
        (release, len(rows), digest(rows)) for release, rows in entries.groupby("release_id", sort=True)
    ]
    return pd.DataFrame(releases, columns=["release_id", "cells", "sha256"])


def checked(entries: pd.DataFrame, ledger: pd.DataFrame, releases: Sequence[str]) -> pd.DataFrame:
    """The register, if it holds all that was ever published.

    Args:
        entries: the register.
        ledger: as it was written with each release.
        releases: every release there has been, from the release store.

    Raises:
        RegisterError: a column, release or row is missing or was changed, or two releases contradict each
            other.
    """
    if absent := set(COLUMNS) - set(entries.columns):
        raise RegisterError(f"The register lacks the column {', '.join(sorted(absent))}. Restore it.")
    rows = entries[COLUMNS]
    numbers = rows[["low", "high"]].apply(pd.to_numeric, errors="coerce")
    damaged = rows.isna().any(axis=1) | numbers.isna().any(axis=1) | (numbers % 1 != 0).any(axis=1)
    if damaged.any():
        raise RegisterError(f"{int(damaged.sum())} rows of the register cannot be read. Restore it.")
    rows = rows.assign(**numbers.astype("int64").to_dict("series"))
    _refuse(rows, rows["low"] > rows["high"], "has its interval upside down")
    _refuse(rows, rows.duplicated(["release_id", "cell_id"]), "is listed twice for a release")
    for release in releases:
        _check_release(release, rows[rows["release_id"] == release], ledger[ledger["release_id"] == release])
    strangers = set(rows["release_id"]) | set(ledger["release_id"])
    if strangers := strangers - set(releases):
        raise RegisterError(f"The register names release {min(strangers)}, which has never been published.")
    both = rows.groupby("cell_id", as_index=False).agg(low=("low", "max"), high=("high", "min"))
    _refuse(both, both["low"] > both["high"], "was published with two values; give a revised cell its own id")
    return rows


def _check_release(release: str, rows: pd.DataFrame, stated: pd.DataFrame) -> None:
    if len(stated) != 1:
        raise RegisterError(f"Release {release} is not in the ledger of the register. Restore both.")
    if len(rows) != stated["cells"].iloc[0] or digest(rows) != stated["sha256"].iloc[0]:
        raise RegisterError(
            f"The register does not hold what release {release} published. Restore it; until then nothing "
            "can be proven, and nothing may be published."
        )


def _refuse(rows: pd.DataFrame, broken: pd.Series, what: str) -> None:
    if broken.any():
        raise RegisterError(f"Cell {rows.loc[broken, 'cell_id'].iloc[0]} of the register {what}.")


def versions(cells: pd.DataFrame, register: pd.DataFrame) -> pd.Series:
    """Id of each cell in the version that holds its value: ``<cell_id>`` at first, ``<cell_id>#2`` …

    A figure that has been revised is another cell than the one that was published: what was told about the
    one says nothing exact about the other. How far apart two versions must be is decided where figures are
    held back (``ind_own_school_years``), not here.

    Args:
        cells: ``cell_id``, ``value``.
        register: as :func:`checked` returns it, of versioned ids.

    Returns:
        The version's id, with the index of ``cells``: the latest published version if the value lies within
        what was told about it, else the version after it.
    """
    told = latest(register).set_index("cell_id")
    last, low, high = (cells["cell_id"].map(told[name]) for name in ("version", "low", "high"))
    revised = last.notna() & ((cells["value"] < low) | (cells["value"] > high))
    version = (last.fillna(1) + revised).astype("int64")
    return cells["cell_id"].where(version == 1, cells["cell_id"] + "#" + version.astype("str"))


def latest(register: pd.DataFrame) -> pd.DataFrame:
    """What was told of the last published version of each cell: ``cell_id``, ``version``, ``low``, ``high``.

    Args:
        register: as :func:`checked` returns it, of versioned ids.
    """
    parts = register["cell_id"].str.extract(r"^(?P<cell>.*?)(?:#(?P<version>\d+))?$")
    return (
        register.assign(cell_id=parts["cell"], version=parts["version"].fillna("1").astype("int64"))
        .groupby(["cell_id", "version"], as_index=False)
        .agg(low=("low", "max"), high=("high", "min"))
        .sort_values(["cell_id", "version"])
        .drop_duplicates("cell_id", keep="last")
        .reset_index(drop=True)
    )


def with_known(cells: pd.DataFrame, register: pd.DataFrame) -> pd.DataFrame:
    """Cells with what earlier releases have told about them.

    Args:
        cells: see :func:`cells.complete`.
        register: as :func:`checked` returns it. Cells that are not among ``cells`` are left out.

    Returns:
        The cells; those in the register are ``is_published_before``, with what all releases together tell as
        ``published_low`` and ``published_high``.

    Raises:
        RegisterError: a value lies outside what was published; a revised figure is a cell of its own.
    """
    told = register.groupby("cell_id").agg(low=("low", "max"), high=("high", "min"))
    low, high = (cells["cell_id"].map(told[end]) for end in ("low", "high"))
    known = low.notna()
    revised = known & ((cells["value"] < low) | (cells["value"] > high))
    _refuse(cells, revised, "has another value than was published; give a revised cell its own id")
    before = cells["is_published_before"] if "is_published_before" in cells.columns else False
    ends = {
        name: (cells[name] if name in cells.columns else cells["value"]).where(~known, end).astype("int64")
        for name, end in (("published_low", low), ("published_high", high))
    }
    return cells.assign(is_published_before=known | before, **ends)


def still_true(cells: pd.DataFrame, register: pd.DataFrame) -> pd.DataFrame:
    """Rows of the register that hold for the present figures.

    The other rows are about earlier versions of revised figures. These are cells of their own; a change of
    few persons must be frozen before it gets here.

    Args:
        cells: ``cell_id``, ``value``.
        register: ``cell_id``, ``low``, ``high``.
    """
    values = cells.drop_duplicates("cell_id").set_index("cell_id")["value"]
    # Of an empty register the type of the values would be that of the ids.
    value = register["cell_id"].map(values).astype("Int64")
    return register[value.between(register["low"], register["high"]).fillna(False).astype(bool)]
