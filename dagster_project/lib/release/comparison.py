"""A candidate and the last release side by side, for rules that compare them.

The candidate's tables are in ``candidate.main``. Those of the last release are views in ``last.main``, with
the names and columns of the candidate's: a column the last release does not have is missing in every row, a
table it does not have is empty. So a rule written for a new column does not break on an old release.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from dagster_project.lib.release.sql import identifier, literal

CANDIDATE_SCHEMA = "candidate.main"


@dataclass(frozen=True)
class Comparison:
    """Both, open.

    Attributes:
        connection: reads them and no other file.
        last_tables: the candidate's tables that the last release holds too; empty if there is none.
    """

    connection: duckdb.DuckDBPyConnection
    last_tables: frozenset[str]


@contextmanager
def beside_last_release(candidate: Path, last: Path | None) -> Iterator[Comparison]:
    """Open ``candidate`` and, if there is one, the file of the last release, both read-only.

    Raises:
        duckdb.Error: a file is missing or cannot be read; verify the last release first.
    """
    # Large joins spill here and not into whatever folder the process was started in.
    with (
        TemporaryDirectory() as spill,
        duckdb.connect(config={"temp_directory": spill, "python_enable_replacements": "false"}) as connection,
    ):
        connection.execute(f"attach {literal(candidate.resolve())} as candidate (read_only)")
        connection.execute("attach ':memory:' as last")
        if last is not None:
            connection.execute(f"attach {literal(last.resolve())} as last_release (read_only)")
        last_tables = _show_last(connection)
        connection.execute("use candidate.main")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        yield Comparison(connection, last_tables)


def _show_last(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Make the views of ``last`` from the catalogues; returns which tables the last release holds."""
    rows = connection.execute(
        """
        with of_last as (
            select table_name, column_name from duckdb_columns()
            where database_name = 'last_release' and schema_name = 'main'
        )
        select
            ours.table_name,
            ours.column_name,
            ours.data_type,
            ours.table_name in (select table_name from of_last) as has_table,
            of_last.column_name is not null as has_column
        from duckdb_columns() as ours
        left join of_last
            on ours.table_name = of_last.table_name and ours.column_name = of_last.column_name
        where ours.database_name = 'candidate' and ours.schema_name = 'main'
        order by ours.table_name, ours.column_index
        """
    ).fetchall()
    held = frozenset(table for table, _, _, has_table, _ in rows if has_table)
    columns: dict[str, list[str]] = {}
    for table, column, data_type, has_table, has_column in rows:
        is_new = has_table and not has_column
        shown = f"cast(null as {data_type}) as {identifier(column)}" if is_new else identifier(column)
        columns.setdefault(table, []).append(shown)
    for table, shown_columns in columns.items():
        name = identifier(table)
        source = f"last_release.main.{name}" if table in held else f"candidate.main.{name} where false"
        connection.execute(f"create view last.main.{name} as select {', '.join(shown_columns)} from {source}")  # noqa: S608 - safe-listed names
    return held
