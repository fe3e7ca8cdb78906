"""Taking everything out of the build file that came from one source."""

from collections.abc import Iterable

import duckdb

from dagster_project.lib.release.sql import identifier


def forget_source(connection: duckdb.DuckDBPyConnection, source: str, tables: Iterable[str]) -> None:
    """Empty a source's tables and take it out of the loader's accounts; all of it or nothing.

    Args:
        connection: the build file; no transaction may be open.
        source: as in ``raw.extracts``.
        tables: its tables in schema ``raw``.
    """
    connection.begin()
    try:
        for table in tables:
            connection.execute(f"delete from raw.{identifier(table)}")  # noqa: S608 - safe-listed name
        connection.execute(
            "delete from raw.rejected_rows"
            " where extract_id in (select extract_id from raw.extracts where source = ?)",
            [source],
        )
        for accounts in ("extracts", "delivery_problems"):
            connection.execute(f"delete from raw.{accounts} where source = ?", [source])  # noqa: S608
        connection.commit()
    except duckdb.Error:
        connection.rollback()
        raise
