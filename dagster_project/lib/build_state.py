"""What the warehouse was last built from, so that a daily run builds what its deliveries touch and no more.

The state lies in the build file itself (``raw.built_from``), is written after a build that succeeded as a
whole, and is compared with what is loaded now. A failed or killed build leaves it as it was: the next run
builds what that one should have, and what came since.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

_CREATE = """
create table if not exists raw.built_from (
    source varchar not null,
    raw_table varchar not null,
    fingerprint varchar not null,
    primary key (source, raw_table)
);
create table if not exists raw.build_changes (node varchar not null)
"""
_CODE = ("code", "code")
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
    -- What was shown is known the next time; the pattern only asks what was hidden.
    where state not in ('shown', 'known', 'unseen')
    having count(*) > 0
)
group by source, raw_table
"""


@dataclass(frozen=True)
class RawTable:
    """A raw table as dbt knows it: ``source`` and ``name``."""

    source: str
    name: str


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the tables of the state where they are missing; schema ``raw`` must exist."""
    connection.execute(_CREATE)


def touched(connection: duckdb.DuckDBPyConnection, code_fingerprint: str) -> list[RawTable] | None:
    """Raw tables that changed since the last whole build, in order of name.

    Returns:
        None when everything has to be built: nothing was built before, or the code has changed.
    """
    create_tables(connection)
    built_by = connection.execute(
        "select fingerprint from raw.built_from where source = ? and raw_table = ?", _CODE
    ).fetchone()
    if built_by != (code_fingerprint,):
        return None
    rows = connection.execute(
        f"""
        select coalesce(now.source, built.source), coalesce(now.raw_table, built.raw_table)
        from ({_NOW}) as now
        full join (select * from raw.built_from where source <> 'code') as built
            on now.source = built.source and now.raw_table = built.raw_table
        where now.fingerprint is distinct from built.fingerprint
        order by 1, 2
        """  # noqa: S608 - a constant of this module
    ).fetchall()
    return [RawTable(source, name) for source, name in rows]


def begin(connection: duckdb.DuckDBPyConnection, nodes: Iterable[str]) -> None:
    """Note what a build of what has changed starts from: dbt's unique ids of changed sources.

    Models that come out changed are noted by dbt (``macros/materializations/changes.sql``). What an
    unfinished build noted stays: what hangs on that has still to be built.
    """
    connection.execute(
        "insert into raw.build_changes from (select unnest(?::varchar[]) except from raw.build_changes)",
        [sorted(nodes)],
    )


def unfinished(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """dbt's unique ids of what has changed in builds that did not end well."""
    return {str(row[0]) for row in connection.execute("from raw.build_changes").fetchall()}


def remember(connection: duckdb.DuckDBPyConnection, code_fingerprint: str) -> None:
    """Write down that everything loaded now has been built by the code as it is now."""
    create_tables(connection)
    connection.begin()
    connection.execute("delete from raw.built_from")
    connection.execute(f"insert into raw.built_from {_NOW}")
    connection.execute("insert into raw.built_from values (?, ?, ?)", [*_CODE, code_fingerprint])
    connection.execute("delete from raw.build_changes")
    connection.commit()


def forget(connection: duckdb.DuckDBPyConnection) -> None:
    """Have the next run build everything."""
    create_tables(connection)
    connection.execute("delete from raw.built_from")
