"""What every release has made known for good: one file per release in ``releases/register/``.

Whoever attacks a release has read all earlier ones. The files outlive the releases themselves, and each is
bound to its release by a digest that stands in the release's manifest and in the log.
"""

from collections.abc import Mapping
from pathlib import Path

import duckdb
import pandas as pd

from dagster_project.lib.disclosure import register
from dagster_project.lib.disclosure.errors import RegisterError
from dagster_project.lib.release import durable
from dagster_project.lib.release.event_log import Disclosed

_SUFFIX = ".parquet"


def write_entries(path: Path, entries: pd.DataFrame) -> Disclosed:
    """Write what a release makes known to ``path``, atomically.

    Args:
        path: a Parquet file.
        entries: ``release_id``, ``cell_id``, ``low``, ``high``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = path.with_name(f"{durable.STAGED_PREFIX}{path.name}")
    entries[register.COLUMNS].to_parquet(staged, index=False)
    durable.sync(staged)
    staged.rename(path)
    durable.sync(path.parent)
    return in_short(entries)


def in_short(entries: pd.DataFrame) -> Disclosed:
    """Number and digest of ``entries``."""
    return Disclosed(cells=len(entries), sha256=register.digest(entries))


def read_entries(path: Path) -> pd.DataFrame:
    """What :func:`write_entries` wrote.

    Raises:
        RegisterError: there is no such file, or it cannot be read.
    """
    try:
        return pd.read_parquet(path)
    except (OSError, ValueError) as damage:
        raise RegisterError(
            f"{path.parent.name}/{path.name}: what this release made known cannot be read. Restore the file; "
            "until then nothing can be proven, and nothing may be published."
        ) from damage


def read_register(folder: Path, published: Mapping[str, Disclosed]) -> pd.DataFrame:
    """Everything ever made known, checked against what each release said of itself.

    Args:
        folder: ``releases/register``.
        published: every release there has been that made something known, by its id.

    Returns:
        ``release_id``, ``cell_id``, ``low``, ``high``; see :mod:`register`.

    Raises:
        RegisterError: the file of a release is missing, damaged or changed.
    """
    if not published:
        return pd.DataFrame(
            {"release_id": [], "cell_id": [], "low": [], "high": []},
        ).astype({"release_id": "str", "cell_id": "str", "low": "int64", "high": "int64"})
    entries = pd.concat(
        [read_entries(file_of(folder, release)) for release in sorted(published)], ignore_index=True
    )
    ledger = pd.DataFrame(
        [(release, told.cells, told.sha256) for release, told in sorted(published.items())],
        columns=["release_id", "cells", "sha256"],
    )
    return register.checked(entries, ledger, sorted(published))


def load(connection: duckdb.DuckDBPyConnection, registers: Mapping[str, pd.DataFrame]) -> None:
    """Put what earlier releases told into ``raw.disclosed``, in place of what was there.

    Args:
        connection: to the build file; ``raw.disclosed`` exists.
        registers: by audience, as :func:`read_register` returns them.
    """
    connection.begin()
    connection.execute("delete from raw.disclosed")
    for audience, entries in registers.items():
        connection.register("told", register.latest(entries))
        connection.execute(
            "insert into raw.disclosed by name select ? as audience, cell_id, low, high from told", [audience]
        )
        connection.unregister("told")
    connection.commit()


def file_of(folder: Path, release_id: str) -> Path:
    """Where a release's entries lie."""
    return folder / f"{release_id}{_SUFFIX}"


def registered(folder: Path) -> list[str]:
    """Ids of the releases that have a file in the register."""
    return sorted(path.stem for path in folder.glob(f"[!.]*{_SUFFIX}"))
