"""Runs expectation suites with Great Expectations on pandas frames read from DuckDB.

Great Expectations is imported when something is run, not when this module is: the import takes seconds, and
a code location that is merely listed must not pay for it. Its own SQL engine is not used because it does not
work on DuckDB: each expectation ends in ``list index out of range``, which reads like bad data.

Three things that Great Expectations would let pass are caught here: an expectation with nothing to look at is
``vacuous``, one that raised or gave no result ``did_not_run``, and a NaN, which pandas takes for a missing
value, is a failure.
"""

import builtins
import math
import re
from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.lib.errors import SettingsError
from dagster_project.lib.expectations.results import ExpectationResult, Outcome, SuiteResult
from dagster_project.lib.expectations.suite import Expectation, Suite, SuiteError
from dagster_project.lib.expectations.swedish import Told, in_swedish

# Whether the table has these columns is known without a single row.
_ON_COLUMN_NAMES: Final = frozenset(
    {
        "expect_column_to_exist",
        "expect_table_column_count_to_be_between",
        "expect_table_column_count_to_equal",
        "expect_table_columns_to_match_ordered_list",
        "expect_table_columns_to_match_set",
    }
)
_ON_ROW_COUNT: Final = frozenset({"expect_table_row_count_to_be_between", "expect_table_row_count_to_equal"})
# An empty cell is what these look for; for all others it is a cell with nothing to look at.
_ON_MISSING_VALUES: Final = frozenset(
    {
        "expect_column_proportion_of_non_null_values_to_be_between",
        "expect_column_values_to_be_null",
        "expect_column_values_to_not_be_null",
    }
)
# Aggregates that can be told without telling a cell: a count or share always, a mean or sum of enough rows.
# A minimum, maximum, median or quantile is somebody's value, so for these only the verdict is told.
_TELLABLE_COUNTS: Final = _ON_ROW_COUNT | {
    "expect_column_proportion_of_non_null_values_to_be_between",
    "expect_column_proportion_of_unique_values_to_be_between",
    "expect_column_unique_value_count_to_be_between",
    "expect_table_column_count_to_be_between",
    "expect_table_column_count_to_equal",
}
_TELLABLE_OF_MANY: Final = frozenset(
    {
        "expect_column_mean_to_be_between",
        "expect_column_stdev_to_be_between",
        "expect_column_sum_to_be_between",
    }
)
_MANY: Final = 10

_NOTHING_TO_COMPARE: Final = Told(
    "no earlier release holds this table, so there is nothing to compare with",
    "ingen tidigare utgåva har tabellen, så det finns inget att jämföra med",
)
_NOT_CONNECTED: Final = Told("the table is empty, as the suite allows", "tabellen är tom, vilket är tillåtet")
_CRASHED: Final = Told(
    "the expectation raised an error, so nothing is known about the data",
    "kontrollen avbröts av ett fel, så inget är känt om uppgifterna",
)
_NO_RESULT: Final = Told("Great Expectations gave no result", "kontrollen gav inget resultat")
_UNREADABLE: Final = Told("the table could not be read", "tabellen kunde inte läsas")
_WHERE_FAILED: Final = Told("'where' could not be applied", "villkoret kunde inte tillämpas")
_SAME_NAMES: Final = Told("the query gives two columns the same name", "frågan ger två kolumner samma namn")
_NO_ROW_MEETS_WHERE: Final = Told(
    "no row meets 'where', as the suite allows", "ingen rad uppfyller villkoret, vilket är tillåtet"
)
_LOOKED_AT_COLUMNS: Final = Told("looked at the names of the columns", "kolumnernas namn granskades")

_COUNTS_ONLY: Final = {"result_format": "BASIC", "partial_unexpected_count": 0}


# Whole numbers stay exact, missing values or not; pandas would otherwise make them floating point.
_WHOLE_NUMBERS: Final = {
    pa.int8(): pd.Int8Dtype(),
    pa.int16(): pd.Int16Dtype(),
    pa.int32(): pd.Int32Dtype(),
    pa.int64(): pd.Int64Dtype(),
    pa.uint8(): pd.UInt8Dtype(),
    pa.uint16(): pd.UInt16Dtype(),
    pa.uint32(): pd.UInt32Dtype(),
    pa.uint64(): pd.UInt64Dtype(),
}


@dataclass(frozen=True)
class _Unreadable:
    """Why there are no rows to look at."""

    observed: Told
    exception_class: str | None = None


@dataclass(frozen=True)
class _Frame:
    """Rows to look at, and how many NaN each floating-point column held, which pandas takes for missing."""

    rows: pd.DataFrame
    nan_counts: dict[str, int]


def run_suites(
    database: Path | duckdb.DuckDBPyConnection,
    suites: Sequence[Suite],
    *,
    schema: str | None = None,
    last_tables: Collection[str] = (),
    lost_data_sets: Collection[str] = (),
) -> list[SuiteResult]:
    """Run every suite against the tables of one database; one result per suite, in the given order.

    Args:
        database: a DuckDB file, opened read-only and shut off from other files, or an open connection, read
            through a cursor of its own (it sees what is committed, and no temporary tables).
        schema: schema of the tables, ``name`` or ``catalog.name``; also where a suite's query looks first.
        last_tables: tables that the last release holds, of a connection on which it is attached as ``last``
            (:func:`comparison.beside_last_release`). An expectation that compares passes where the suite's
            table is not among them, and says so.
        lost_data_sets: data sets that could not be fetched or read, and of which no earlier rows stand
            (:func:`candidate.lost_data_sets`). An expectation that needs one passes, and says so.

    A table that cannot be read does not raise: each of its expectations ``did_not_run``.

    Raises:
        SuiteError: a suite names an expectation or argument that Great Expectations does not know. Nothing is
            run then.
        duckdb.Error: the database itself cannot be opened, or there is no such schema.
    """
    prepared = [(suite, _build(suite)) for suite in suites]
    opened = _open(database) if isinstance(database, Path) else database.cursor()
    with closing(opened) as connection:
        # Otherwise a table that does not exist is looked for among the variables of this very module.
        if connection.sql("select current_setting('python_enable_replacements')").fetchall()[0][0]:
            connection.execute("set python_enable_replacements = false")
        if schema is not None:
            connection.execute(f"use {_quoted(schema)}")
        return [
            _run_suite(
                connection,
                schema,
                suite,
                built,
                is_in_last=suite.table in last_tables,
                lost_data_sets=frozenset(lost_data_sets),
            )
            for suite, built in prepared
        ]


def check_suites(suites: Sequence[Suite]) -> None:
    """Refuse suites that name an expectation or argument Great Expectations does not know; reads no data.

    Raises:
        SuiteError: with file, line and what does not fit.
    """
    for suite in suites:
        _build(suite)


def _great_expectations() -> Any:
    import great_expectations  # noqa: PLC0415 -- takes seconds; see the module's docstring

    return great_expectations


@cache
def _batches() -> Any:
    """Great Expectations' way to look at a frame, the same for every one: it keeps none."""
    context = _great_expectations().get_context(mode="ephemeral")
    context.enable_analytics(False)
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    frames = context.data_sources.add_pandas("duckdb").add_dataframe_asset("rows")
    return frames.add_batch_definition_whole_dataframe("all")


def _open(path: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(
        path,
        read_only=True,
        config={
            "enable_external_access": "false",
            "python_enable_replacements": "false",
            "lock_configuration": "true",
        },
    )


def _quoted(name: str) -> str:
    parts = name.split(".")
    if len(parts) > 2 or not all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", part) for part in parts):
        raise SettingsError(f"{name!r} is not a schema. Write a name or catalog.name.")
    return ".".join(f'"{part}"' for part in parts)


def _build(suite: Suite) -> list[Any]:
    """Great Expectations' objects for a suite's expectations, in order."""
    gx = _great_expectations()
    built = []
    problems = []
    for expectation in suite.expectations:
        try:
            built.append(
                gx.expectations.registry.get_expectation_impl(expectation.type)(**expectation.kwargs)
            )
        except gx.exceptions.ExpectationNotFoundError:
            text = f"Great Expectations has no expectation of type '{expectation.type}'"
            problems.append((expectation.line, text))
        except gx.compatibility.pydantic.ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            problems.append((expectation.line, f"'kwargs' of '{expectation.id}' do not fit: {wrong}"))
    if problems:
        raise SuiteError(suite.path, problems)
    return built


def _run_suite(
    connection: duckdb.DuckDBPyConnection,
    schema: str | None,
    suite: Suite,
    built: Sequence[Any],
    *,
    is_in_last: bool,
    lost_data_sets: frozenset[str],
) -> SuiteResult:
    is_empty = suite.may_be_empty and _is_empty(connection, schema, suite.table)
    results: dict[str, ExpectationResult] = {}
    row_count = 0 if is_empty else None
    looking_at: dict[tuple[str | None, str | None], list[tuple[Expectation, Any]]] = {}
    for expectation, judge in zip(suite.expectations, built, strict=True):
        lost = lost_data_sets & {*suite.needs, *expectation.needs}
        if expectation.compares_with_last_release and not is_in_last:
            results[expectation.id] = _result(expectation, "passed", _NOTHING_TO_COMPARE)
        elif lost and expectation.type not in _ON_COLUMN_NAMES:
            results[expectation.id] = _result(expectation, "passed", _never_loaded(lost))
        elif is_empty and expectation.type not in _ON_COLUMN_NAMES:
            results[expectation.id] = _result(expectation, "passed", _NOT_CONNECTED, elements=0)
        else:
            query = expectation.query_text or suite.query_text
            looking_at.setdefault((query, expectation.where), []).append((expectation, judge))
    # One at a time: as a frame a large table takes hundreds of megabytes, and a suite looks at several parts.
    for (query, where), judges in looking_at.items():
        frame = _read(connection, schema, suite.table, query, where)
        if query == suite.query_text and where is None and isinstance(frame, _Frame):
            row_count = len(frame.rows)
        for expectation, judge in judges:
            if isinstance(frame, _Unreadable):
                results[expectation.id] = _result(
                    expectation, "did_not_run", frame.observed, exception_class=frame.exception_class
                )
            else:
                results[expectation.id] = _judge(frame, expectation, judge)
        del frame
    return _suite_result(suite, row_count, [results[expectation.id] for expectation in suite.expectations])


def _suite_result(suite: Suite, row_count: int | None, results: Sequence[ExpectationResult]) -> SuiteResult:
    return SuiteResult(
        table=suite.table,
        stage=suite.stage,
        required=suite.required,
        suite_sha256=suite.sha256,
        row_count=row_count,
        expectations=tuple(results),
    )


def _is_empty(connection: duckdb.DuckDBPyConnection, schema: str | None, name: str) -> bool:
    """Whether the table is there and has no row; one that cannot be read is not empty."""
    try:
        return _table(connection, schema, name).limit(1).fetchone() is None
    except duckdb.Error:
        return False


def _table(connection: duckdb.DuckDBPyConnection, schema: str | None, name: str) -> duckdb.DuckDBPyRelation:
    # DuckDB takes an unqualified name as it stands.
    return connection.table(name if schema is None else f'{_quoted(schema)}."{name}"')


def _read(
    connection: duckdb.DuckDBPyConnection,
    schema: str | None,
    name: str,
    query: str | None,
    where: str | None,
) -> _Frame | _Unreadable:
    """Read a table, or the query that stands for it; never raises for what they say."""
    try:
        relation = _table(connection, schema, name) if query is None else connection.sql(query)
        table = (relation if where is None else relation.filter(where)).to_arrow_table()
    except duckdb.Error as error:
        return _Unreadable(_UNREADABLE if where is None else _WHERE_FAILED, type(error).__name__)
    if len(set(table.column_names)) < table.num_columns:
        return _Unreadable(_SAME_NAMES)
    nan_counts = {
        name: pc.sum(pc.is_nan(table[name])).as_py() or 0
        for name in table.column_names
        if pa.types.is_floating(table[name].type)
    }
    table = pa.table([_comparable(column) for column in table.columns], names=table.column_names)
    # Column by column, each given back as soon as it has been taken over.
    rows = table.to_pandas(types_mapper=_WHOLE_NUMBERS.get, split_blocks=True, self_destruct=True)
    return _Frame(rows, nan_counts)


def _comparable(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column in a type that pandas can compare: not ``Decimal``, and no ``pd.NA`` if avoidable."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return column.cast(kind.value_type)
    if pa.types.is_decimal(kind):
        return column.cast(pa.float64())
    if pa.types.is_integer(kind) and column.null_count:
        try:
            return column.cast(pa.float64())
        except pa.ArrowInvalid:
            return column  # a number beyond 2**53 has no exact place in floating point
    return column


def _judge(frame: _Frame, expectation: Expectation, judge: Any) -> ExpectationResult:
    columns = _columns(expectation)
    rows = frame.rows
    absent = [name for name in columns if name not in rows.columns]
    if absent and expectation.type not in _ON_COLUMN_NAMES:
        names = ", ".join(absent)
        text = Told(f"the table has no column {names}", f"tabellen saknar kolumnen {names}")
        return _result(expectation, "did_not_run", text, elements=len(rows))
    evaluated = _evaluated_count(rows, expectation, columns)
    nan_count = sum(frame.nan_counts.get(name, 0) for name in columns)
    if nan_count:
        text = Told(
            f"cells that are NaN, neither a number nor a missing value: {nan_count}",
            f"celler som varken är ett tal eller saknas (NaN): {nan_count}",
        )
        return _result(expectation, "failed", text, elements=len(rows), evaluated=evaluated)
    if evaluated == 0:
        if expectation.may_be_empty and rows.empty:
            return _result(expectation, "passed", _NO_ROW_MEETS_WHERE, elements=0, evaluated=0)
        text = Told(
            f"nothing to look at; rows without a value: {len(rows)}",
            f"det finns inget att granska; rader utan värde: {len(rows)}",
        )
        return _result(expectation, "vacuous", text, elements=len(rows), evaluated=0)
    return _ask(rows, expectation, judge, evaluated)


def _ask(
    rows: pd.DataFrame, expectation: Expectation, judge: Any, evaluated: int | None
) -> ExpectationResult:
    result = partial(_result, expectation, elements=len(rows), evaluated=evaluated)
    try:
        batch = _batches().get_batch(batch_parameters={"dataframe": _needed(rows, expectation)})
        answer = batch.validate(judge, result_format=_COUNTS_ONLY)
    except _great_expectations().exceptions.GreatExpectationsError as error:
        # Raised before any metric is computed; what a metric raises comes back in ``exception_info``.
        return result("did_not_run", _CRASHED, exception_class=type(error).__name__)
    crash = _crash(answer.exception_info)
    if crash is not None:
        return result("did_not_run", _CRASHED, exception_class=crash)
    told = answer.result or {}
    if answer.success is None or not _answers(judge, told, len(rows)):
        return result("did_not_run", _NO_RESULT)
    return result(
        "passed" if answer.success else "failed",
        _observed(expectation, told, len(rows), evaluated),
        unexpected=told.get("unexpected_count"),
    )


def _never_loaded(lost: Collection[str]) -> Told:
    names = ", ".join(sorted(lost))
    return Told(
        f"not asked: {names} could not be loaded, as the release says",
        f"inte granskat: {names} kunde inte läsas in, vilket framgår av utgåvan",
    )


def _needed(rows: pd.DataFrame, expectation: Expectation) -> pd.DataFrame:
    """What the expectation looks at: Great Expectations hashes all that it is given, and does so twice."""
    if expectation.type in _ON_COLUMN_NAMES:
        return rows.iloc[:0]
    if expectation.type in _ON_ROW_COUNT:
        return rows.iloc[:, :1]
    columns = _columns(expectation)
    return rows[list(dict.fromkeys(columns))] if columns else rows


def _columns(expectation: Expectation) -> tuple[str, ...]:
    kwargs = expectation.kwargs
    single = [kwargs[key] for key in ("column", "column_A", "column_B") if key in kwargs]
    return (*single, *kwargs.get("column_list", ()))


def _evaluated_count(rows: pd.DataFrame, expectation: Expectation, columns: Sequence[str]) -> int | None:
    """Rows that hold something to look at; none for an expectation on the table and not on its rows.

    Counted here, not taken from Great Expectations: for pairs and lists of columns it reports none missing.
    """
    if expectation.type in _ON_COLUMN_NAMES | _ON_ROW_COUNT:
        return None
    if expectation.type in _ON_MISSING_VALUES or not columns:
        return len(rows)
    present = rows[list(columns)].notna()
    ignore = str(expectation.kwargs.get("ignore_row_if", ""))
    needed = present.all(axis=1) if ignore.startswith(("either_", "any_")) else present.any(axis=1)
    return int(needed.sum())


def _crash(info: Any) -> str | None:
    """Class of the error in Great Expectations' ``exception_info``, or none. Its text may quote cells.

    The mapping is either one report or a report per failed metric.
    """
    reports = [info] if "raised_exception" in info else list(info.values())
    for report in reports:
        if report["raised_exception"]:
            # The cause stands first in a chained traceback. A cell could pose as a class name, so only names
            # of Python's own exceptions are let through.
            names = re.findall(r"^(?:\w+\.)*(\w+)(?::|$)", report["exception_traceback"] or "", re.MULTILINE)
            known = (name for name in names if _is_builtin_exception(name))
            return next(known, "MetricResolutionError")
    return None


def _is_builtin_exception(name: str) -> bool:
    found = getattr(builtins, name, None)
    return isinstance(found, type) and issubclass(found, Exception)


def _answers(judge: Any, told: dict[str, Any], row_count: int) -> bool:
    """The result has the parts that this kind of expectation always gives."""
    kinds = _great_expectations().expectations.expectation
    by_row = (kinds.ColumnMapExpectation, kinds.ColumnPairMapExpectation, kinds.MulticolumnMapExpectation)
    if isinstance(judge, by_row):
        counted = told.get("element_count") == row_count and told.get("unexpected_count") is not None
        return counted or "observed_value" in told  # the latter for a column's type, judged without its rows
    if isinstance(judge, kinds.ColumnAggregateExpectation):
        return "observed_value" in told
    return True


def _observed(expectation: Expectation, told: dict[str, Any], row_count: int, evaluated: int | None) -> Told:
    kind = expectation.type
    unexpected = told.get("unexpected_count")
    if "element_count" in told:
        missing = row_count - (evaluated or 0)
        return Told(
            f"rows looked at: {evaluated}, breaking the rule: {unexpected}, without a value: {missing}",
            f"granskade rader: {evaluated}, bryter mot kravet: {unexpected}, utan värde: {missing}",
        )
    if kind in _TELLABLE_COUNTS or (kind in _TELLABLE_OF_MANY and (evaluated or 0) >= _MANY):
        value = told.get("observed_value")
        if isinstance(value, int | float) and math.isfinite(value):
            text = f"{value:.6g}" if isinstance(value, float) else f"{value}"
            return Told(f"observed {text}", f"utfallet är {text.replace('.', ',')}")
    if kind in _ON_COLUMN_NAMES:
        return _LOOKED_AT_COLUMNS
    return Told(
        f"rows looked at: {evaluated}; the figure itself is not told, as it could be one person's value",
        f"granskade rader: {evaluated}; siffran visas inte, eftersom den kan gälla en enda person",
    )


def _result(
    expectation: Expectation,
    outcome: Outcome,
    observed: Told,
    *,
    elements: int | None = None,
    evaluated: int | None = None,
    unexpected: int | None = None,
    exception_class: str | None = None,
) -> ExpectationResult:
    return ExpectationResult(
        id=expectation.id,
        type=expectation.type,
        columns=_columns(expectation),
        where=expectation.where,
        severity=expectation.severity,
        outcome=outcome,
        observed=observed.english,
        element_count=elements,
        evaluated_count=evaluated,
        unexpected_count=unexpected,
        exception_class=exception_class,
        owner=expectation.owner,
        why=expectation.why,
        how_to_resolve=expectation.how_to_resolve,
        swedish=in_swedish(expectation, observed),
    )
