"""Two build files, compared table by table and row by row."""

from collections.abc import Collection
from pathlib import Path

import duckdb

from dagster_project.lib.release.sql import identifier, literal

# When a row was looked at, not what it says.
CLOCK_COLUMNS = {"checked_at"}
# Statistics are sums of many products: the last bits depend on the order, and six decimals are published.
STATISTICS = "indicators"


def rows_that_differ(one: Path, other: Path, *, only: Collection[str] | None = None) -> dict[str, int]:
    """Tables whose rows are not the same in two build files, with the number of rows that only one has.

    All tables but the raw ones, or those called as in ``only``. Floating numbers of statistics are equal when
    they would be published as the same.
    """
    differing: dict[str, int] = {}
    with duckdb.connect() as connection:
        connection.execute(f"attach {literal(str(one))} as one (read_only)")
        connection.execute(f"attach {literal(str(other))} as other (read_only)")
        tables = connection.execute(
            """
            select
                database_name, schema_name, table_name,
                list((column_name, data_type = 'DOUBLE') order by column_index)
            from duckdb_columns()
            -- Views are of these tables, and name the catalog they were made in.
            semi join duckdb_tables() using (database_name, schema_name, table_name)
            where database_name in ('one', 'other') and schema_name <> 'raw'
            group by 1, 2, 3
            """
        ).fetchall()
        columns = {
            name: {
                (schema, table): tuple(names)
                for database, schema, table, names in tables
                if database == name and (only is None or table in only)
            }
            for name in ("one", "other")
        }
        assert columns["one"] == columns["other"]
        assert len(columns["one"]) >= len(only or [1])
        for (schema, table), names in columns["one"].items():
            wanted = ", ".join(
                f"round({identifier(name)}, 6)" if is_float and schema == STATISTICS else identifier(name)
                for name, is_float in names
                if name not in CLOCK_COLUMNS
            )
            place = f"{identifier(schema)}.{identifier(table)}"
            ((count,),) = connection.execute(
                f"""
                select count(*) from (
                    (select {wanted} from one.{place} except all select {wanted} from other.{place})
                    union all
                    (select {wanted} from other.{place} except all select {wanted} from one.{place})
                )
                """
            ).fetchall()
            if count:
                differing[f"{schema}.{table}"] = count
    return differing
