"""A small good release with the last one beside it, to damage one thing at a time and see who complains.

The tables are copies of a real run's, in memory, cut down to three counties and some measures. Great
Expectations is asked only where a damage has changed what an expectation looks at: with the same rows before
it, it gives the same answer.
"""

import math
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dagster_project.defs.publication.candidate import BUILD_SCHEMAS
from dagster_project.defs.quality import suites
from dagster_project.defs.quality.great_expectations_runner import run_suites
from dagster_project.lib import vintages
from dagster_project.lib.expectations.suite import ROW_COUNT, Expectation, Stage, Suite

# Uppsala, Södermanland and Östergötland: 30 municipalities, enough for a median to mean something;
# and the made-up one.
_COUNTIES = "left({column}, 2) in ('03', '04', '05', '99')"
_MEASURES = """
    measure_id in (
        'certified_heads', 'certified_teachers_share', 'cost_per_pupil_total', 'foreign_background_share',
        'graded_pupils_y9', 'merit_value_y9', 'passed_all_subjects_y6', 'passed_all_subjects_y9', 'pupils',
        'pupils_per_teacher', 'special_education_degree_share', 'survey_national_safety_y8',
        'survey_safety_y8', 'teachers_fte', 'test_points_maths_y9'
    )
"""
_INDICATORS = f"""
    (indicator_id in (select indicator_id from pub_indicator_catalogue where {_MEASURES}) or is_made_up)
"""
_OF_ORGANISERS = f"""
    organiser_number in (
        select organiser_number from pub_organisers where {_COUNTIES.format(column="municipality_code")}
    )
"""
_CUT = {
    "pub_indicators": f"""
        {_INDICATORS} and (
            entity_type = 'nation' or {_COUNTIES.format(column="entity_key")} or is_made_up
        )
    """,
    "pub_municipality_measures": f"{_MEASURES} and {_COUNTIES.format(column='municipality_code')}",
    "pub_organiser_measures": f"{_MEASURES} and (entity_type = 'nation' or {_OF_ORGANISERS})",
    "pub_organisers": _COUNTIES.format(column="municipality_code"),
    "pub_unit_measures": f"{_MEASURES} and {_COUNTIES.format(column='municipality_code')}",
    "pub_units": _COUNTIES.format(column="municipality_code"),
}
# Warnings that may stand in a good release; without them there is one to give.
_WITHOUT_STANDING_WARNINGS = {
    "pub_suppression_log": "update last.main.pub_suppression_log set share_hidden = least(share_hidden, 0.8)",
}
# Stages of the gate that look at the build file.
BUILD_STAGES: tuple[Stage, ...] = ("extracts", "quality", "marts", "restricted")
_OF_LAST_BUILD = vintages.MARTS
_LOOKS_AT_EVERY_TABLE = "duckdb_columns()"
# Each of the test workers has a workbench, and a core.
_ONE_THREAD = {"threads": "1"}


@dataclass(frozen=True)
class Damage:
    """One thing that is wrong with an otherwise good release.

    Attributes:
        statements: SQL that does the damage.
        fails: the expectations that must complain, ``<table>.<id>``; no other may.
    """

    statements: str
    fails: frozenset[str]


class Workbench:
    """Tables of one stage with its suites; ``complaints`` damages, asks, and puts everything back."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        schema: str,
        good: str,
        of_stage: Sequence[Suite],
        last_tables: Collection[str] | None = None,
    ) -> None:
        self._connection = connection
        self._schema = schema
        self._good = good
        self.suites = of_stage
        self._tables = [
            str(name)
            for (name,) in connection.execute(
                "select table_name from information_schema.tables"
                " where table_catalog || '.' || table_schema = ?",
                [good],
            ).fetchall()
        ]
        self._last_tables = frozenset(self._tables if last_tables is None else last_tables)
        self._looked_at: dict[str, object] = {}
        for suite in of_stage:
            self._looked_at |= self._looks_at(suite, self._tables)

    @property
    def expectations(self) -> set[str]:
        """Every expectation of the stage, ``<table>.<id>``."""
        return set(self._looked_at)

    def complaints(self, damage: Damage) -> set[str]:
        """The expectations that are not met once the damage has been done to the good tables."""
        statements = damage.statements
        damaged = [table for table in self._tables if re.search(rf"\b{table}\b", statements)]
        try:
            self._connection.execute(f"use {self._schema}")
            for statement in duckdb.extract_statements(statements):
                changed = self._connection.execute(statement).fetchone()
                assert changed is None or changed[0] != 0, f"nothing was damaged by {statement.query}"
            touched = (self._touched(suite, damaged, damage.fails) for suite in self.suites)
            return self._unmet([suite for suite in touched if suite.expectations])
        finally:
            for table in damaged:
                self._connection.execute(
                    f"create or replace table {self._schema}.{table} as from {self._good}.{table}"
                )

    def complaints_of_good_tables(self) -> set[str]:
        """The expectations that the undamaged tables do not meet."""
        return self._unmet(self.suites)

    def _touched(self, suite: Suite, damaged: Sequence[str], asked_anyway: Collection[str]) -> Suite:
        """The suite without the expectations before which nothing has changed."""
        seen = self._looks_at(suite, damaged, asked_anyway)
        changed = [
            each
            for each in suite.expectations
            if (name := _name(suite, each)) in asked_anyway
            or (name in seen and seen[name] != self._looked_at[name])
        ]
        return suite.model_copy(update={"expectations": tuple(changed)})

    def _looks_at(
        self, suite: Suite, damaged: Collection[str], asked_anyway: Collection[str] = ()
    ) -> dict[str, object]:
        """By expectation that reads a damaged table, a digest of what it is judged on."""
        together: dict[tuple[str, str | None], list[Expectation]] = {}
        for each in suite.expectations:
            source = each.query_text or suite.query_text or f"from {suite.table}"
            if _name(suite, each) in asked_anyway:
                continue
            if _reads(f"{source}\n{each.where or ''}", damaged):
                together.setdefault((source, each.where), []).append(each)
        self._connection.execute(f"use {self._schema}")
        found: dict[str, object] = {}
        for (source, where), group in together.items():
            try:
                digests = self._digests(source, where, group)
            except duckdb.Error:
                # A column or table is gone; some of them may not miss it.
                digests = [self._digest_or_error(source, where, each) for each in group]
            found |= {_name(suite, each): digest for each, digest in zip(group, digests, strict=True)}
        return found

    def _digest_or_error(self, source: str, where: str | None, each: Expectation) -> object:
        try:
            return self._digests(source, where, [each])[0]
        except duckdb.Error as error:
            return type(error).__name__

    def _digests(self, source: str, where: str | None, group: Sequence[Expectation]) -> list[object]:
        """Of each expectation the names of all columns, the number of rows, or the cells of its columns."""
        rows = []
        for each in group:
            kwargs = each.kwargs
            columns = [kwargs[key] for key in ("column", "column_A", "column_B") if key in kwargs]
            cells = f"hash({', '.join([*columns, *kwargs.get('column_list', [])]) or 'seen'})"
            rows.append(
                "[0]"
                if each.type == ROW_COUNT or "column_set" in kwargs
                else f"[bit_xor({cells}), sum({cells} >> 16)]"
            )
        condition = f"where {where}" if where else ""
        (count, *digests) = self._connection.execute(
            f"select count(*), {', '.join(rows)} from ({source}\n) as seen {condition}"
        ).fetchall()[0]
        names = self._connection.sql(source).columns
        return [
            names if "column_set" in each.kwargs else (count, digest)
            for each, digest in zip(group, digests, strict=True)
        ]

    def _unmet(self, chosen: Sequence[Suite]) -> set[str]:
        results = run_suites(self._connection, chosen, schema=self._schema, last_tables=self._last_tables)
        return {
            f"{result.table}.{each.id}"
            for result in results
            for each in result.expectations
            if not each.success
        }


@contextmanager
def release_workbench(database: Path, stage: Stage) -> Iterator[Workbench]:
    """The tables of a release file, cut down; ``last`` and ``recent`` hold the same ones, undamaged."""
    with duckdb.connect(config=_ONE_THREAD) as connection:
        connection.execute(f"attach '{database}' as release (read_only)")
        connection.execute("attach ':memory:' as last")
        connection.execute("attach ':memory:' as recent")
        connection.execute("attach ':memory:' as candidate")
        connection.execute("use release")
        kept: dict[str, float] = {}
        for (table,) in connection.execute(
            "select table_name from duckdb_tables() where database_name = 'release'"
        ).fetchall():
            connection.execute(
                f"create table last.main.{table} as from release.main.{table}"
                # In one order, so that a damage to the first row is always to the same one.
                f" where {_CUT.get(table, 'true')} order by all"
            )
            if table in _WITHOUT_STANDING_WARNINGS:
                connection.execute(_WITHOUT_STANDING_WARNINGS[table])
            connection.execute(f"create table candidate.main.{table} as from last.main.{table}")
            connection.execute(
                f"create view recent.main.{table} as select 1 as releases_ago, * from last.main.{table}"
            )
            if table in _CUT:
                ((kept[table],),) = connection.execute(
                    f"select (select count(*) from last.main.{table}) / count(*) from release.main.{table}"
                ).fetchall()
        of_stage = [_with_floor_for(suite, kept.get(suite.table, 1.0)) for suite in suites.of_stage(stage)]
        yield Workbench(connection, "candidate.main", "last.main", of_stage)


@contextmanager
def build_workbench(warehouse: Path, stage: Stage) -> Iterator[Workbench]:
    """The tables of a stage in the build file; ``last`` and ``recent`` hold what marts held, undamaged.

    Of the raw tables only those that have a suite: no suite looks at another.
    """
    home = BUILD_SCHEMAS[stage]
    with duckdb.connect(config=_ONE_THREAD) as connection:
        connection.execute(f"attach '{warehouse}' as warehouse (read_only)")
        for catalog in ("last", "recent"):
            connection.execute(f"attach ':memory:' as {catalog}")
        for table in _OF_LAST_BUILD:
            connection.execute(f"create table last.{table} as from warehouse.quality.{table}")
            connection.execute(
                f"create table recent.{table} as select 1 as releases_ago, * from last.{table}"
            )
        for catalog in ("build", "good"):
            connection.execute(f"attach ':memory:' as {catalog}")
            for schema in BUILD_SCHEMAS.values():
                connection.execute(f"create schema {catalog}.{schema}")
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables()"
            " where database_name = 'warehouse' and list_contains($schemas, schema_name)"
            " and (schema_name != 'raw' or list_contains($raw, table_name))",
            {
                "schemas": list(BUILD_SCHEMAS.values()),
                "raw": [suite.table for suite in suites.of_stage("extracts")],
            },
        ).fetchall()
        for schema, table in tables:
            name = f"{schema}.{table}"
            # Columns that the agency has withdrawn are a warning that stands; the good tables have none.
            rows = "where false" if table == "dq_withdrawn_columns" else ""
            kind = "table" if schema == home else "view"
            order = _order_of(connection, schema, table) if schema == home else ""
            connection.execute(f"create {kind} good.{name} as from warehouse.{name} {rows} {order}")
            connection.execute(f"create {kind} build.{name} as from good.{name}")
        yield Workbench(connection, f"build.{home}", f"good.{home}", suites.of_stage(stage), _OF_LAST_BUILD)


def _order_of(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> str:
    """One order, so that a damage to the first rows is always to the same ones.

    By anything but pseudonyms and fingerprints: they are others in every installation.
    """
    columns = connection.execute(
        "select column_name from duckdb_columns()"
        " where database_name = 'warehouse' and schema_name = ? and table_name = ?"
        " and column_name not in ('person_key', 'enrolment_key', 'grade_id', 'built_from')"
        " order by column_index",
        [schema, table],
    ).fetchall()
    return "order by " + ", ".join(f'"{column}"' for (column,) in columns)


def _with_floor_for(suite: Suite, share: float) -> Suite:
    """The suite with its numbers of rows in proportion to what is left of the table."""
    return suite.model_copy(
        update={
            "expectations": tuple(
                each.model_copy(
                    update={
                        "kwargs": {**each.kwargs, "min_value": math.ceil(each.kwargs["min_value"] * share)}
                    }
                )
                if each.type == ROW_COUNT and "min_value" in each.kwargs
                else each
                for each in suite.expectations
            )
        }
    )


def _name(suite: Suite, each: Expectation) -> str:
    return f"{suite.table}.{each.id}"


def _reads(text: str, tables: Collection[str]) -> bool:
    """Whether SQL names one of the tables: no other can tell the difference."""
    return _LOOKS_AT_EVERY_TABLE in text or any(re.search(rf"\b{table}\b", text) for table in tables)
