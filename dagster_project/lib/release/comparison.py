"""A candidate and the releases before it side by side, for rules that compare them.

The candidate's tables are in ``candidate.main``. Those of the last release are views in ``last.main``, with
the names and columns of the candidate's: a column the last release does not have is missing in every row, a
table it does not have is empty. So a rule written for a new column does not break on an old release. The
views in ``recent.main`` have the rows of the last release and of those before it, with the column
``releases_ago``, 1 for the last: what moves a little each time is seen there.

Once nobody in the candidate is made up, nobody in ``last`` and ``recent`` is either: they have left with the
demo, and are not missed.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from dagster_project.lib.release.sql import identifier, literal

CANDIDATE_SCHEMA = "candidate.main"
_MADE_UP = "is_made_up"


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
def beside_last_release(
    candidate: Path, last: Path | None, before: Sequence[Path] = ()
) -> Iterator[Comparison]:
    """Open ``candidate`` and, if there is one, the file of the last release, all read-only.

    Args:
        candidate: file of the candidate.
        last: file of the last release.
        before: files of releases before the last, newest first.

    Raises:
        duckdb.Error: a file is missing or cannot be read; verify them first.
    """
    # Large joins spill here and not into whatever folder the process was started in.
    with (
        TemporaryDirectory() as spill,
        duckdb.connect(config={"temp_directory": spill, "python_enable_replacements": "false"}) as connection,
    ):
        connection.execute(f"attach {literal(candidate.resolve())} as candidate (read_only)")
        databases = []
        for releases_ago, file in enumerate([last, *before] if last is not None else [], start=1):
            databases.append("last_release" if releases_ago == 1 else f"release_{releases_ago}")
            connection.execute(f"attach {literal(file.resolve())} as {databases[-1]} (read_only)")
        last_tables = _show(connection, databases)
        connection.execute("use candidate.main")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        yield Comparison(connection, last_tables)


def _show(connection: duckdb.DuckDBPyConnection, databases: Sequence[str]) -> frozenset[str]:
    """Make the views of ``last`` and ``recent``; returns which tables the last release holds."""
    for schema in ("last", "recent"):
        connection.execute(f"attach ':memory:' as {schema}")
    without_made_up = not _has_made_up(connection)
    shown = [_as_the_candidates(connection, database, without_made_up) for database in databases]
    nothing = {
        table: f"select * from candidate.main.{identifier(table)} where false"  # noqa: S608 - safe-listed names
        for (table,) in connection.execute(
            "select table_name from duckdb_tables()"
            " where database_name = 'candidate' and schema_name = 'main'"
        ).fetchall()
    }
    for table, empty in nothing.items():
        name = identifier(table)
        last = shown[0].get(table, empty) if shown else empty
        connection.execute(f"create view last.main.{name} as {last}")
        recent = " union all ".join(
            f"select {releases_ago} as releases_ago, * from ({of_one.get(table, empty)})"  # noqa: S608 - as above
            for releases_ago, of_one in enumerate(shown or [nothing], start=1)
        )
        connection.execute(f"create view recent.main.{name} as {recent}")
    return frozenset(shown[0]) if shown else frozenset()


def _has_made_up(connection: duckdb.DuckDBPyConnection) -> bool:
    marked = connection.execute(
        "select table_name from duckdb_columns()"
        " where database_name = 'candidate' and schema_name = 'main' and column_name = $column",
        {"column": _MADE_UP},
    ).fetchall()
    return any(
        connection.execute(
            f"select 1 from candidate.main.{identifier(table)} where {_MADE_UP} limit 1"  # noqa: S608 - safe-listed names
        ).fetchone()
        for (table,) in marked
    )


def _as_the_candidates(
    connection: duckdb.DuckDBPyConnection, database: str, without_made_up: bool
) -> dict[str, str]:
    """Queries for the rows of a release, in the candidate's columns, of the tables that both hold."""
    rows = connection.execute(
        """
        with theirs as (
            select table_name, column_name from duckdb_columns()
            where database_name = $database and schema_name = 'main'
        )
        select ours.table_name, ours.column_name, ours.data_type, theirs.column_name is not null as has_column
        from duckdb_columns() as ours
        left join theirs on ours.table_name = theirs.table_name and ours.column_name = theirs.column_name
        where
            ours.database_name = 'candidate' and ours.schema_name = 'main'
            and ours.table_name in (select table_name from theirs)
        order by ours.table_name, ours.column_index
        """,
        {"database": database},
    ).fetchall()
    columns: dict[str, list[str]] = {}
    marked: set[str] = set()
    for table, column, data_type, has_column in rows:
        name = identifier(column)
        if column == _MADE_UP and has_column and without_made_up:
            marked.add(table)
        columns.setdefault(table, []).append(name if has_column else f"cast(null as {data_type}) as {name}")
    return {
        table: f"select {', '.join(shown)} from {database}.main.{identifier(table)}"  # noqa: S608 - safe-listed names
        + (f" where not {_MADE_UP}" if table in marked else "")
        for table, shown in columns.items()
    }
