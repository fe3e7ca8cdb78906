"""Whose files are loaded: those of the made-up municipality never lie beside files of one's own."""

import duckdb

from dagster_project.lib.deliveries.catalogue import KINDS
from dagster_project.lib.deliveries.kinds import SOURCE
from dagster_project.lib.forgetting import forget_source

# The log of files, and this note.
_ACCOUNTS = ("delivery_files", "delivery_origin")
_CREATE = "create table if not exists raw.delivery_origin (is_made_up boolean not null)"


def create_table(connection: duckdb.DuckDBPyConnection) -> None:
    """Create ``raw.delivery_origin``, of one row or none, where it is missing; schema ``raw`` must exist."""
    connection.execute(_CREATE)


def make_way(connection: duckdb.DuckDBPyConnection, *, for_made_up: bool | None) -> bool:
    """Prepare for the files that are to be read next, and note whose they are.

    What was loaded of made-up files is taken out as soon as others, or none, are to be read. Files of one's
    own stay, whatever is read next: they leave by a withdrawal only.

    Args:
        connection: the build file, with all raw tables.
        for_made_up: whether the files are made up; none where there are none to read.

    Returns:
        Whether those files may be read: made-up ones may not while files of one's own are loaded.
    """
    row = connection.execute("select is_made_up from raw.delivery_origin").fetchone()
    loaded_is_made_up = None if row is None else bool(row[0])
    if for_made_up and loaded_is_made_up is False:
        return False
    if loaded_is_made_up and not for_made_up:
        forget_source(connection, SOURCE, (*(kind.raw_table for kind in KINDS.values()), *_ACCOUNTS))
    if for_made_up is not None:
        connection.execute("delete from raw.delivery_origin")
        connection.execute("insert into raw.delivery_origin values (?)", [for_made_up])
    return True
