"""What a new release says differently from the last one, table by table."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import duckdb
from pydantic import BaseModel, computed_field

from dagster_project.lib.release.sql import identifier, literal

_RELEASE_ID = "release_id"


class TableDifference(BaseModel):
    """Difference of one table.

    Attributes:
        table: its name.
        status: ``new`` and ``gone`` tables have all their rows added or removed.
        compared_by: ``key`` tells changed rows from added and removed ones; ``row`` cannot, and counts a
            changed row as one removed and one added.
        added, removed, changed: numbers of rows.
        changed_by_column: number of rows that differ in the column, columns without a difference left out.
        columns_added, columns_removed, types_changed: names of columns.
        note: why the table could not be compared by its key.
    """

    table: str
    status: Literal["new", "gone", "compared"]
    compared_by: Literal["key", "row"] = "row"
    added: int = 0
    removed: int = 0
    changed: int = 0
    changed_by_column: dict[str, int] = {}
    columns_added: list[str] = []
    columns_removed: list[str] = []
    types_changed: list[str] = []
    note: str | None = None

    def sentence(self) -> str:
        """The difference in words."""
        if self.status == "new":
            return f"{self.table}: new table with {_rows(self.added)}."
        if self.status == "gone":
            return f"{self.table}: no longer published ({_rows(self.removed)})."
        parts = [f"{_rows(self.added)} added, {self.removed} removed, {self.changed} changed"]
        if self.changed_by_column:
            most_first = sorted(self.changed_by_column.items(), key=lambda item: (-item[1], item[0]))
            parts[0] += " (" + ", ".join(f"{name} in {count}" for name, count in most_first) + ")"
        for words, names in (
            ("new columns", self.columns_added),
            ("columns gone", self.columns_removed),
            ("columns of another type", self.types_changed),
        ):
            if names:
                parts.append(f"{words}: {', '.join(names)}")
        if self.note:
            parts.append(self.note)
        return f"{self.table}: {'; '.join(parts)}."


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


class Difference(BaseModel):
    """Difference of a release from the one before.

    Attributes:
        previous: whether there was one to compare with.
        note: why there was none.
        tables: one entry per table of either release, by name.
    """

    previous: bool
    note: str | None = None
    tables: list[TableDifference] = []

    @computed_field  # type: ignore[prop-decorator]
    @property
    def sentences(self) -> list[str]:
        """The difference in words, one sentence per table."""
        return [*([self.note] if self.note else []), *(table.sentence() for table in self.tables)]


def compare(old: Path | None, new: Path, key_columns: Mapping[str, Sequence[str]]) -> Difference:
    """Compare two release files; the column ``release_id`` is left out.

    Values are compared exactly and a missing value equals a missing value. A column whose type changed is
    compared as text.

    Args:
        old: file of the last release, ``None`` if there is none.
        new: file of the new release.
        key_columns: columns that name a row, by table. A table without, or whose key is not unique in both
            files, is compared by whole rows and says so.

    Raises:
        duckdb.Error: a file cannot be read; verify both first.
    """
    if old is None:
        return Difference(previous=False, note="There is no earlier release to compare with.")
    with (
        # Large joins spill here and not into whatever folder the process was started in.
        TemporaryDirectory() as spill,
        duckdb.connect(config={"temp_directory": spill}) as connection,
    ):
        connection.execute(f"attach {literal(old.resolve())} as old (read_only)")
        connection.execute(f"attach {literal(new.resolve())} as new (read_only)")
        before, after = _columns(connection, "old"), _columns(connection, "new")
        tables = [
            _compare_table(
                connection, table, before.get(table), after.get(table), list(key_columns.get(table, ()))
            )
            for table in sorted(before.keys() | after.keys())
        ]
    return Difference(previous=True, tables=tables)


def _columns(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, dict[str, str]]:
    """Types by column by table, without the release id."""
    tables: dict[str, dict[str, str]] = {}
    for table, column, data_type in connection.execute(
        """
        select table_name, column_name, data_type from duckdb_columns()
        where database_name = ? and not internal order by table_name, column_index
        """,
        [database],
    ).fetchall():
        columns = tables.setdefault(table, {})
        if column != _RELEASE_ID:
            columns[column] = data_type
    return tables


def _compare_table(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    before: dict[str, str] | None,
    after: dict[str, str] | None,
    key: list[str],
) -> TableDifference:
    name = identifier(table)
    if before is None:
        added = _one(connection, f"select count(*) from new.{name}")[0]  # noqa: S608
        return TableDifference(table=table, status="new", added=added)
    if after is None:
        removed = _one(connection, f"select count(*) from old.{name}")[0]  # noqa: S608
        return TableDifference(table=table, status="gone", removed=removed)
    common = [column for column in after if column in before]
    difference = TableDifference(
        table=table,
        status="compared",
        columns_added=[column for column in after if column not in before],
        columns_removed=[column for column in before if column not in after],
        types_changed=[column for column in common if before[column] != after[column]],
    )
    note = _why_not_by_key(connection, table, key, common)
    if note is None:
        return difference.model_copy(update=_by_key(connection, name, key, common, difference.types_changed))
    return difference.model_copy(
        update={"note": note, **_by_row(connection, name, common, difference.types_changed)}
    )


def _why_not_by_key(
    connection: duckdb.DuckDBPyConnection, table: str, key: list[str], common: list[str]
) -> str | None:
    if not key:
        return "compared by whole rows: no key is named"
    if not set(key) <= set(common):
        return "compared by whole rows: the key is not in both releases"
    for database, which in (("old", "last"), ("new", "new")):
        names = ", ".join(identifier(column) for column in key)
        repeated = _one(
            connection,
            f"select count(*) from (select 1 from {database}.{identifier(table)} "  # noqa: S608
            f"group by {names} having count(*) > 1)",
        )[0]
        if repeated:
            return f"compared by whole rows: keys occur more than once in the {which} release ({repeated})"
    return None


def _value(side: str, column: str, as_text: Sequence[str]) -> str:
    reference = f"{side}.{identifier(column)}"
    return f"{reference}::varchar" if column in as_text else reference


def _by_key(
    connection: duckdb.DuckDBPyConnection, name: str, key: list[str], common: list[str], as_text: list[str]
) -> dict[str, object]:
    values = [column for column in common if column not in key]
    same_row = " and ".join(
        f"{_value('o', c, as_text)} is not distinct from {_value('n', c, as_text)}" for c in key
    )
    differs = [f"{_value('o', c, as_text)} is distinct from {_value('n', c, as_text)}" for c in values]
    in_both = "o.in_old and n.in_new"
    counts = [
        "count(*) filter (o.in_old is null)",
        "count(*) filter (n.in_new is null)",
        f"count(*) filter ({in_both} and ({' or '.join(differs) or 'false'}))",
        *(f"count(*) filter ({in_both} and {condition})" for condition in differs),
    ]
    added, removed, changed, *by_column = _one(
        connection,
        f"select {', '.join(counts)} from (select *, true as in_old from old.{name}) o "  # noqa: S608
        f"full join (select *, true as in_new from new.{name}) n on {same_row}",
    )
    return {
        "compared_by": "key",
        "added": added,
        "removed": removed,
        "changed": changed,
        "changed_by_column": {c: n for c, n in zip(values, by_column, strict=True) if n},
    }


def _by_row(
    connection: duckdb.DuckDBPyConnection, name: str, common: list[str], as_text: list[str]
) -> dict[str, object]:
    if not common:
        return {}
    sides = {
        side: f"select {', '.join(_value('t', c, as_text) for c in common)} from {side}.{name} t"  # noqa: S608
        for side in ("old", "new")
    }
    added = _one(connection, f"select count(*) from ({sides['new']} except all {sides['old']})")[0]  # noqa: S608
    removed = _one(connection, f"select count(*) from ({sides['old']} except all {sides['new']})")[0]  # noqa: S608
    return {"added": added, "removed": removed}


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[int, ...]:
    row = connection.execute(query).fetchone()
    assert row is not None  # aggregates without GROUP BY have one row
    return row
