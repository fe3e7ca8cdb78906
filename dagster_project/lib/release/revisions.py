"""Revisions: what the last release said and a candidate says differently, per indicator and school year.

New school years, new rows and new indicators are what a release is for. A figure that was published and is
now another, or gone, is a revision: someone may have quoted it. Beyond the limits of the seed
``thr_revision`` a person has to look at it before readers do. A new ``method_version`` announces itself and
is expected.
"""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict

from dagster_project.lib.errors import SettingsError
from dagster_project.lib.release.comparison import Comparison, beside_last_release
from dagster_project.lib.release.sql import identifier, literal

_RULES = ("changed_rows", "vanished_rows", "value_tolerance")


class WatchedTable(BaseModel):
    """A published table whose figures people quote.

    Attributes:
        key: columns that name a row; ``school_year`` is among them.
        subject: the one of them that says what is measured.
        status: column with the figure's status; ``value`` and ``suppression`` are called the same everywhere.
        method: column with the version of the method, where there is one.
    """

    model_config = ConfigDict(frozen=True)

    key: tuple[str, ...]
    subject: str
    status: str
    method: str | None = None


class RevisionLimits(BaseModel):
    """What may be published without a person having looked, per table, subject and school year.

    Attributes:
        changed_rows: rows whose value, status or reason to hide is another.
        vanished_rows: rows that are no longer there.
        value_tolerance: smaller differences of a value are rounding.
    """

    model_config = ConfigDict(frozen=True)

    changed_rows: int
    vanished_rows: int
    value_tolerance: float


NOTHING_UNSEEN = RevisionLimits(changed_rows=0, vanished_rows=0, value_tolerance=0.0)


class Revision(BaseModel):
    """What became of one subject's rows of one school year in the last release, and what came to them.

    Attributes:
        table, subject, school_year: whose rows.
        rows_before: rows in the last release; 0 for a new subject or school year.
        added, changed, vanished: rows.
        became_hidden: of the changed ones, those that are hidden now and were not.
        is_announced: the method has a new version, so every figure may be another.
        is_unexpected: beyond the limits and not announced.
    """

    model_config = ConfigDict(frozen=True)

    table: str
    subject: str
    school_year: str
    rows_before: int
    added: int
    changed: int
    vanished: int
    became_hidden: int
    is_announced: bool
    is_unexpected: bool

    def sentence(self) -> str:
        """The revision in words."""
        parts = [f"{self.changed} changed, {self.vanished} vanished, {self.added} added"]
        if self.became_hidden:
            parts.append(f"{self.became_hidden} of them hidden now")
        if self.is_announced:
            parts.append("by a new version of the method")
        rows = f"of {self.rows_before} rows"
        return f"{self.table}, {self.subject}, {self.school_year}: {rows} {', '.join(parts)}."


class Revisions(BaseModel):
    """Every subject and school year in which something is another than in the last release.

    Attributes:
        compared_with: id of the last release; ``None`` before the first.
        note: why nothing could be compared although there was a release before.
        found: one entry per table, subject and school year with a difference, in that order.
    """

    model_config = ConfigDict(frozen=True)

    compared_with: str | None
    note: str | None = None
    found: list[Revision] = []

    @property
    def unexpected(self) -> list[Revision]:
        """Those a person has to look at."""
        return [revision for revision in self.found if revision.is_unexpected]

    @property
    def needs_approval(self) -> bool:
        """Whether a person must look before readers do; what could not be compared has not been looked at."""
        return self.note is not None or bool(self.unexpected)


def read_limits(path: Path) -> RevisionLimits:
    """The limits of the seed ``thr_revision``.

    Raises:
        SettingsError: a rule is missing or its threshold is no number of 0 or more.
    """
    with path.open(encoding="utf-8", newline="") as file:
        found = {row["rule"]: row["threshold"] for row in csv.DictReader(file, delimiter=";")}
    try:
        limits = RevisionLimits.model_validate({rule: found[rule] for rule in _RULES})
    except (KeyError, ValueError) as error:
        raise SettingsError(f"{path.name}: the rules {', '.join(_RULES)} each need a number.") from error
    if min(limits.changed_rows, limits.vanished_rows, limits.value_tolerance) < 0:
        raise SettingsError(f"{path.name}: no threshold can be below 0.")
    return limits


def find_revisions(
    candidate: Path,
    last: Path,
    last_id: str,
    watched: Mapping[str, WatchedTable],
    limits: RevisionLimits,
    *,
    rows_file: Path | None = None,
) -> Revisions:
    """Compare the watched tables that both files hold.

    Args:
        candidate: file of the candidate.
        last: file of the last release, id ``last_id``.
        watched: tables to compare, by name.
        limits: what may be published unseen.
        rows_file: Parquet file to write with one row per difference: ``table_name``, ``kind`` (added,
            changed, vanished), ``subject``, ``school_year``, ``row_key``, ``status_before``,
            ``status_after``, ``value_before``, ``value_after``. A value that is hidden or gone now is not
            told once more.

    Raises:
        duckdb.Error: a file cannot be read; verify both first.
    """
    with beside_last_release(candidate, last) as both:
        tables = [name for name in sorted(watched) if name in both.last_tables]
        if not tables:
            return Revisions(compared_with=last_id)
        rows = "\nunion all by name\n".join(_rows(both, name, watched[name], limits) for name in tables)
        both.connection.execute(f"create temp table difference as {rows}")
        if rows_file is not None:
            # Written from here: SQL on the two files may read and write no third one.
            pq.write_table(both.connection.sql(_TOLD_ROWS).to_arrow_table(), rows_file, compression="zstd")
        found = both.connection.execute(_SUMMARY, limits.model_dump(exclude={"value_tolerance"})).fetchall()
    names = list(Revision.model_fields)
    return Revisions(
        compared_with=last_id,
        found=[Revision.model_validate(dict(zip(names, row, strict=True))) for row in found],
    )


_TOLD_ROWS = """
    select
        table_name, kind, subject, school_year, row_key, status_before, status_after,
        case when kind = 'changed' and value_after is not null then value_before end as value_before,
        value_after
    from difference
    where kind <> 'same'
    order by table_name, subject, school_year, row_key
"""
_SUMMARY = """
    with counted as (
        select
            table_name,
            subject,
            school_year,
            count(*) filter (where kind <> 'added') as rows_before,
            count(*) filter (where kind = 'added') as added,
            count(*) filter (where kind = 'changed') as changed,
            count(*) filter (where kind = 'vanished') as vanished,
            count(*) filter (
                where kind = 'changed' and suppression_after is not null and suppression_before is null
            ) as became_hidden,
            coalesce(bool_or(has_new_method), false) as is_announced
        from difference
        group by table_name, subject, school_year
    )

    select
        *,
        not is_announced and (changed > $changed_rows or vanished > $vanished_rows) as is_unexpected
    from counted
    where added + changed + vanished > 0
    order by table_name, subject, school_year
"""


def _rows(both: Comparison, name: str, table: WatchedTable, limits: RevisionLimits) -> str:
    """SELECT with one row per key of either release and what became of it."""

    def column(side: Literal["earlier", "present"], of: str) -> str:
        return f"{side}.{identifier(of)}"

    def either(of: str) -> str:
        return f"coalesce({column('present', of)}, {column('earlier', of)})"

    joined = " and ".join(f"{column('earlier', key)} = {column('present', key)}" for key in table.key)
    differs = " or ".join(
        [
            f"{column('earlier', of)} is distinct from {column('present', of)}"
            for of in (table.status, "suppression")
        ]
        + [
            "(earlier.value is null) <> (present.value is null)",
            f"abs(earlier.value - present.value) > {limits.value_tolerance!r}",
        ]
    )
    row_key = " || ' ' || ".join(
        either(key) for key in table.key if key not in {table.subject, "school_year"}
    )
    method = (
        f"{column('earlier', table.method)} <> {column('present', table.method)}" if table.method else "false"
    )
    return f"""
        select
            {literal(name)} as table_name,
            case
                when earlier.is_there is null then 'added'
                when present.is_there is null then 'vanished'
                when {differs} then 'changed'
                else 'same'
            end as kind,
            {either(table.subject)} as subject,
            {either("school_year")} as school_year,
            {row_key} as row_key,
            {column("earlier", table.status)} as status_before,
            {column("present", table.status)} as status_after,
            earlier.suppression as suppression_before,
            present.suppression as suppression_after,
            earlier.value as value_before,
            present.value as value_after,
            {method} as has_new_method
        from (select *, true as is_there from last.{identifier(name)}) as earlier
        full join (select *, true as is_there from {identifier(name)}) as present on {joined}
    """  # noqa: S608 - safe-listed names
