"""What the warehouse was last built from, so that a daily run builds what its deliveries touch and no more.

The state lies in the build file itself (``raw.built_from``), is written after a build that succeeded as a
whole, and is compared with what is loaded now. A failed or killed build leaves it as it was: the next run
builds what that one should have, and what came since.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

_CREATE = """
create table if not exists raw.built_from (
    source varchar not null,
    raw_table varchar not null,
    fingerprint varchar not null,
    primary key (source, raw_table)
)
"""
_CODE = ("code", "code")
_CONTENT = "content"
_NOW = """
select source, raw_table, md5(string_agg(part, ',' order by part)) as fingerprint
from (
    select source, raw_table, extract_id || reader_fingerprint as part from raw.extracts
    union all
    select source, raw_table, dataset || '/' || period || '/' || rule as part from raw.delivery_problems
    union all
    -- What was deleted from a list is a change of that list.
    select 'ss12000', 'ss12000_' || entity_type, 'deleted/' || id || '/' || coalesce(deleted_at, asked_at, '')
    from raw.ss12000_deleted_entities
    where entity_type is not null and id is not null
    union all
    -- What own figures are held against changes with every release, and is empty when a revision is due.
    select 'releases', 'own_levels_vintage', bit_xor(hash(vintage))::varchar
    from raw.own_levels_vintage as vintage
    having count(*) > 0
    union all
    select 'releases', 'own_statistics_vintage', bit_xor(hash(vintage))::varchar
    from raw.own_statistics_vintage as vintage
    having count(*) > 0
    union all
    select 'releases', 'disclosure_pattern_vintage', bit_xor(hash(vintage))::varchar
    from raw.disclosure_pattern_vintage as vintage
    having count(*) > 0
)
group by source, raw_table
"""


@dataclass(frozen=True)
class RawTable:
    """A raw table as dbt knows it: ``source`` and ``name``."""

    source: str
    name: str


def touched(connection: duckdb.DuckDBPyConnection, code_fingerprint: str) -> list[RawTable] | None:
    """Raw tables that changed since the last whole build, in order of name.

    Returns:
        None when everything has to be built: nothing was built before, or the code has changed.
    """
    connection.execute(_CREATE)
    built_by = connection.execute(
        "select fingerprint from raw.built_from where source = ? and raw_table = ?", _CODE
    ).fetchone()
    if built_by != (code_fingerprint,):
        return None
    rows = connection.execute(
        f"""
        select coalesce(now.source, built.source), coalesce(now.raw_table, built.raw_table)
        from ({_NOW}) as now
        full join (select * from raw.built_from where source not in ('code', 'content')) as built
            on now.source = built.source and now.raw_table = built.raw_table
        where now.fingerprint is distinct from built.fingerprint
        order by 1, 2
        """  # noqa: S608 - a constant of this module
    ).fetchall()
    return [RawTable(source, name) for source, name in rows]


def remember(
    connection: duckdb.DuckDBPyConnection, code_fingerprint: str, content: Mapping[str, str] | None = None
) -> None:
    """Write down that everything loaded now has been built by the code as it is now.

    ``content`` is that of tables whose content the next run wants to compare, from :func:`content_of`.
    """
    connection.execute(_CREATE)
    connection.begin()
    connection.execute("delete from raw.built_from")
    connection.execute(f"insert into raw.built_from {_NOW}")
    connection.execute("insert into raw.built_from values (?, ?, ?)", [*_CODE, code_fingerprint])
    for table, fingerprint in (content or {}).items():
        connection.execute("insert into raw.built_from values (?, ?, ?)", [_CONTENT, table, fingerprint])
    connection.commit()


def content_of(connection: duckdb.DuckDBPyConnection, tables: Sequence[str]) -> dict[str, str]:
    """A fingerprint of the rows of each built table, in any order; tables that are not there are left out."""
    found = connection.execute(
        "select schema_name, table_name from duckdb_tables()"
        " where schema_name <> 'raw' and database_name = current_database()"
        " and table_name in (select unnest(?::varchar[]))",
        [list(tables)],
    ).fetchall()
    content = {}
    for schema, table in found:
        row = connection.execute(
            f'select count(*), sum(hash(t)::hugeint) from "{schema}"."{table}" as t'  # noqa: S608 - from the catalogue
        ).fetchone()
        content[str(table)] = repr(row)
    return content


def unchanged(connection: duckdb.DuckDBPyConnection, tables: Sequence[str]) -> set[str]:
    """Those of the built tables whose rows are the ones that were remembered."""
    connection.execute(_CREATE)
    now = content_of(connection, tables)
    rows = connection.execute(
        "select raw_table, fingerprint from raw.built_from where source = ?", [_CONTENT]
    ).fetchall()
    return {table for table, fingerprint in rows if now.get(table) == fingerprint}


def forget(connection: duckdb.DuckDBPyConnection) -> None:
    """Have the next run build everything."""
    connection.execute(_CREATE)
    connection.execute("delete from raw.built_from")
