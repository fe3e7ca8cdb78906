"""How far each list of the server has been fetched (``raw.ss12000_state``).

The state moves in the transaction that loads what was fetched. It belongs to one server: another address is
another municipality's system, whose rows must not stand beside the first one's.
"""

import datetime as dt
from dataclasses import dataclass

import duckdb

from dagster_project.lib.forgetting import forget_source
from dagster_project.lib.ss12000.tables import TABLES

SOURCE = "ss12000"


@dataclass(frozen=True)
class State:
    """One list.

    Attributes:
        dataset: its name.
        server: base address it was fetched from.
        asked_at: when it was last asked for successfully, by the server's clock (UTC). Of summed attendance:
            when the months further back were last asked for.
        edge_fingerprint: code of the edge it went through.
        whole_at: when it was last fetched whole, by the server's clock (UTC); of summed attendance none.
    """

    dataset: str
    server: str
    asked_at: dt.datetime
    edge_fingerprint: str
    whole_at: dt.datetime | None = None


def read(connection: duckdb.DuckDBPyConnection, dataset: str) -> State | None:
    """State of one list; none when it was never fetched."""
    row = connection.execute(
        "select server, asked_at, edge_fingerprint, whole_at from raw.ss12000_state where dataset = ?",
        [dataset],
    ).fetchone()
    if row is None:
        return None
    server, asked_at, edge, whole_at = row
    whole_at = None if whole_at is None else whole_at.astimezone(dt.UTC)
    return State(dataset, server, asked_at.astimezone(dt.UTC), edge, whole_at)


def move(connection: duckdb.DuckDBPyConnection, state: State) -> None:
    """Write ``state``; inside the caller's transaction."""
    connection.execute(
        "insert or replace into raw.ss12000_state values (?, ?, ?, ?, ?)",
        [state.dataset, state.server, state.asked_at, state.edge_fingerprint, state.whole_at],
    )


def forget_other_servers(connection: duckdb.DuckDBPyConnection, server: str) -> bool:
    """Empty every SS 12000 table if what is in it came from another server than ``server``.

    Returns:
        Whether anything was forgotten.
    """
    (others,) = connection.execute(
        "select count(*) from raw.ss12000_state where server <> ?", [server]
    ).fetchone() or (0,)
    if others:
        forget_source(connection, SOURCE, (*TABLES, "ss12000_state"))
    return bool(others)


def forget_server(connection: duckdb.DuckDBPyConnection, server: str) -> bool:
    """Empty every SS 12000 table if what is in it came from ``server``; returns whether it did."""
    (own,) = connection.execute(
        "select count(*) from raw.ss12000_state where server = ?", [server]
    ).fetchone() or (0,)
    if own:
        forget_source(connection, SOURCE, (*TABLES, "ss12000_state"))
    return bool(own)
