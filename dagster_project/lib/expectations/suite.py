"""Expectation suites: one YAML file per table, in the folder of its stage.

A suite that could pass without having looked at anything is refused when it is read: Great Expectations
itself calls an empty suite, an empty table and a column without values a success.
"""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args

import duckdb
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from dagster_project.lib.errors import SettingsError
from dagster_project.lib.expectations.yaml_lines import Place, YamlTextError, line_of, read

Stage = Literal["extracts", "quality", "marts", "restricted", "published", "internal"]
Severity = Literal["critical", "warning", "info"]

ROW_COUNT: Final = "expect_table_row_count_to_be_between"
COLUMNS: Final = "columns_are_these"
KEY: Final = "one_row_per_key"
NOT_NULL: Final = "expect_column_values_to_not_be_null"

_STAGES: Final[tuple[str, ...]] = get_args(Stage)
# Settings of Great Expectations that the runner owns, or that would hide rows from the counts it reports.
_KWARGS_NOT_ALLOWED: Final = {
    "batch_id": "the runner decides what is read",
    "catch_exceptions": "the runner decides how a failure is kept",
    "condition_parser": "use 'where' beside 'kwargs'",
    "id": "write 'id' beside 'kwargs'",
    "meta": "write 'owner', 'why' and 'how_to_resolve' beside 'kwargs'",
    "notes": "write 'why' beside 'kwargs'",
    "result_format": "results never carry values, so it cannot be changed",
    "row_condition": "use 'where' beside 'kwargs'",
    "severity": "write 'severity' beside 'kwargs'",
    "windows": "limits are written in the suite, not derived from earlier runs",
}
_PLAIN_WORDS: Final = {
    "extra_forbidden": "is not a key of a suite",
    "missing": "is missing",
    "string_too_short": "is empty",
}

_Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_Names = Annotated[tuple[_Name, ...], Field(min_length=1)]
_DataSet = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+/[a-z0-9_]+$")]
# Not strict: YAML has lists only.
_DataSets = Annotated[tuple[_DataSet, ...], Field(strict=False)]
_QueryName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*\.sql$")]
# What the suite's line `columns` and `key` stand for.
_PROMISES: Final[dict[str, dict[str, str]]] = {
    "columns": {
        "id": COLUMNS,
        "why": ("A report breaks on a missing column, and an extra one may carry what nobody meant to show."),
        "how_to_resolve": (
            "Change the contract of the model and the suite's list together, and tell readers in the release "
            "notes."
        ),
    },
    "key": {
        "id": KEY,
        "why": "Two rows for one key make every sum wrong, and of two descriptions nobody knows which holds.",
        "how_to_resolve": "Find the doubled key in the table, and the join or delivery that doubles it.",
    },
}
# How a query names a table of the last release.
_LAST_RELEASE: Final = re.compile(r"\b(last|recent)\.[a-z]")


class SuiteError(SettingsError):
    """A suite that cannot be used. The message has one line per mistake: file, line, what is wrong.

    Attributes:
        problems: (1-based line, sentence) in the order of the file.
    """

    def __init__(self, path: Path, problems: Sequence[tuple[int, str]]) -> None:
        self.path = path
        self.problems = sorted(problems)
        name = f"{path.parent.name}/{path.name}"
        super().__init__("\n".join(f"{name}, line {line}: {text}" for line, text in self.problems))


class Expectation(BaseModel):
    """One expectation of a suite, as written.

    Attributes:
        id: unique in the suite; the name that results and asset checks carry.
        type: name of a Great Expectations expectation, snake case.
        kwargs: its arguments, as Great Expectations names them.
        where: SQL condition on the table's rows; only these are looked at.
        may_be_empty: with ``where`` alone: no row left to look at is a pass, not a failure.
        needs: data sets of the agencies, ``<source>/<data set>``, without which there is nothing to look at,
            beside those of the suite. Where one was never loaded, and the release says so, it is a pass.
        query: name of an SQL file beside the suite whose rows are looked at instead of the suite's.
        query_text: what that file says, or the question that a line of the suite stands for.
        why_sv, how_to_resolve_sv: the same two in Swedish. Every warning has them: it is published, and shown
            in the release's quality report.
        compares_with_last_release: the query reads ``last.<table>`` or ``recent.<table>``; where no earlier
            release holds the suite's table there is nothing to compare with, which is a pass.
        line: 1-based line in the suite's file.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    id: _Name
    type: Annotated[str, StringConstraints(pattern=r"^expect_[a-z][a-z0-9_]*$")]
    kwargs: dict[str, Any] = Field(default_factory=dict)
    severity: Severity
    owner: _Text
    why: _Text
    how_to_resolve: _Text
    why_sv: _Text | None = None
    how_to_resolve_sv: _Text | None = None
    where: _Text | None = None
    may_be_empty: bool = False
    needs: _DataSets = ()
    query: _QueryName | None = None
    query_text: str | None = None
    compares_with_last_release: bool = False
    line: int


class Suite(BaseModel):
    """Expectations on one table.

    Attributes:
        table: table the suite is about; also the stem of the file's name.
        required: publication demands a result of this suite.
        may_be_empty: a table without rows meets every expectation but those on its columns: a municipality
            that has not connected the system it comes from has none.
        needs: data sets that every expectation of the suite needs, but the one on its columns.
        columns: the table's columns, all of them: expectation ``columns_are_these``.
        key: columns that together identify a row: expectation ``one_row_per_key``.
        query: name of an SQL file beside the suite whose result is looked at instead of the table.
        query_text: what that file says.
        path: the suite's file.
        sha256: over the suite's file and its queries, so that a result names the exact rules it was held to.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    table: _Name
    stage: Stage
    required: bool
    may_be_empty: bool = False
    needs: _DataSets = ()
    columns: _Names | None = None
    key: _Names | None = None
    query: _QueryName | None = None
    expectations: tuple[Expectation, ...]
    query_text: str | None
    path: Path
    sha256: str

    def files(self) -> set[Path]:
        """The suite's file and the queries beside it."""
        queries = [self.query, *(expectation.query for expectation in self.expectations)]
        return {self.path, *(self.path.with_name(query) for query in queries if query)}


def load_suites(folder: Path) -> list[Suite]:
    """Read every suite under ``folder`` (``<stage>/<table>.yml``), ordered by stage and table.

    Raises:
        SuiteError: a suite is wrong (``load_suite``), or a file lies where nothing would read it.
    """
    if not folder.is_dir():
        raise SettingsError(f"There is no folder {folder.name!r} with expectation suites.")
    suites: list[Suite] = []
    for stage in sorted(path for path in folder.iterdir() if path.is_dir()):
        if stage.name not in _STAGES:
            raise SuiteError(stage, [(1, f"is not a stage. Stages: {', '.join(_STAGES)}")])
        found = [load_suite(path) for path in sorted(stage.glob("*.yml"))]
        read_files = {path for suite in found for path in suite.files()}
        for path in sorted(stage.iterdir()):
            if path not in read_files and path.suffix != ".md":
                raise SuiteError(
                    path, [(1, "no suite reads this file. Suites are named <table>.yml, queries by a suite")]
                )
        suites.extend(found)
    return suites


def load_suite(path: Path) -> Suite:
    """Read one suite; its folder's name is the stage it must state.

    Raises:
        SuiteError: with every mistake found: not YAML, unknown key, duplicate id, missing ``why`` or
            ``how_to_resolve``, wrong stage or table name, an SQL condition or query that does not parse, or a
            suite that could pass on nothing (no row count, no not-null).
    """
    content = path.read_bytes()
    try:
        data, lines = read(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise SuiteError(path, [(1, "is not UTF-8. Save the file as UTF-8")]) from error
    except YamlTextError as error:
        raise SuiteError(path, [(error.line, f"{error}. Mend the YAML")]) from error
    if not isinstance(data, dict):
        raise SuiteError(path, [(1, "is empty or not a mapping. See expectations/README.md for the form")])
    reserved = sorted({"path", "sha256", "query_text"} & data.keys())
    if reserved:
        raise SuiteError(path, [(lines[(key,)], f"'{key}' is not a key of a suite") for key in reserved])

    query_text = _query_text(path, data.get("query"), line_of(("query",), lines))
    entries = data.get("expectations")
    if not isinstance(entries, list):
        raise SuiteError(path, [(line_of(("expectations",), lines), "'expectations' must be a list")])
    promises = _promises(data, lines)
    marked = []
    for position, entry in enumerate(entries):
        place: Place = ("expectations", position)
        if not isinstance(entry, dict) or {"line", "query_text"} & entry.keys():
            raise SuiteError(path, [(line_of(place, lines), "is not an expectation with the known keys")])
        text = _query_text(path, entry.get("query"), line_of((*place, "query"), lines))
        marked.append(entry | {"line": lines[place], "query_text": text})
    rules = [
        content,
        (query_text or "").encode(),
        *(each["query_text"].encode() for each in marked if each["query_text"]),
    ]
    try:
        suite = Suite.model_validate(
            data
            | {
                **{name: tuple(data[name]) for name in _PROMISES if isinstance(data.get(name), list)},
                "expectations": (*marked, *promises),
                "query_text": query_text,
                "path": path,
                "sha256": hashlib.sha256(b"\0".join(rules)).hexdigest(),
            }
        )
    except ValidationError as error:
        raise SuiteError(path, [_in_words(problem, lines) for problem in error.errors()]) from error
    problems = [*_misplaced(suite, lines), *_contradictions(suite, lines), *_vacuous(suite, lines)]
    if problems:
        raise SuiteError(path, problems)
    return suite


def _promises(data: dict[str, Any], lines: dict[Place, int]) -> list[dict[str, Any]]:
    """Entries for the lines `columns` and `key`; a line of another form is left to the model to refuse.

    They are about the table, also where the rest of the suite looks at a query on it.
    """
    table, columns, key = data.get("table"), data.get("columns"), data.get("key")
    told: dict[str, tuple[str, dict[str, Any], str]] = {}
    if isinstance(columns, list):
        kwargs = {"column_set": columns, "exact_match": True}
        told["columns"] = ("expect_table_columns_to_match_set", kwargs, f"from {table} limit 0")
    if isinstance(key, list):
        kind, kwargs = (
            ("expect_column_values_to_be_unique", {"column": key[0]})
            if len(key) == 1
            else ("expect_compound_columns_to_be_unique", {"column_list": key})
        )
        told["key"] = (kind, kwargs, f"from {table} select {', '.join(map(str, key))}")
    return [
        {
            **_PROMISES[name],
            "type": kind,
            "kwargs": kwargs,
            "severity": "critical",
            "owner": "data-engineering",
            "query_text": rows if data.get("query") else None,
            "line": lines[(name,)],
        }
        for name, (kind, kwargs, rows) in told.items()
    ]


def _query_text(path: Path, name: Any, line: int) -> str | None:
    if not isinstance(name, str) or "/" in name or not name.endswith(".sql"):
        return None  # absent, or of a form that the model refuses with its own message
    try:
        text = path.with_name(name).read_text(encoding="utf-8")
        statements = duckdb.extract_statements(text)
    except FileNotFoundError as error:
        raise SuiteError(path, [(line, f"there is no file {name} beside the suite")]) from error
    except (duckdb.ParserException, UnicodeDecodeError) as error:
        raise SuiteError(path, [(line, f"{name} is not SQL that DuckDB can read")]) from error
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise SuiteError(path, [(line, f"{name} must hold exactly one select statement")])
    return text


def _in_words(problem: Any, lines: dict[Place, int]) -> tuple[int, str]:
    place: Place = problem["loc"]
    names = [part for part in place if isinstance(part, str) and part != "expectations"]
    what = _PLAIN_WORDS.get(problem["type"], f"is wrong: {problem['msg']}")
    return line_of(place, lines), f"'{'.'.join(names)}' {what}"


def _misplaced(suite: Suite, lines: dict[Place, int]) -> list[tuple[int, str]]:
    problems = []
    if suite.stage != suite.path.parent.name:
        problems.append((lines[("stage",)], f"stage is '{suite.stage}' but the folder is another stage's"))
    if suite.table != suite.path.stem:
        problems.append((lines[("table",)], f"table is '{suite.table}': name the file {suite.table}.yml"))
    return problems


def _contradictions(suite: Suite, lines: dict[Place, int]) -> list[tuple[int, str]]:
    problems: list[tuple[int, str]] = []
    first_line: dict[str, int] = {}
    for position, expectation in enumerate(suite.expectations):
        place: Place = ("expectations", position)
        if expectation.id in first_line:
            text = f"id '{expectation.id}' stands on line {first_line[expectation.id]} already"
            problems.append((expectation.line, text))
        first_line.setdefault(expectation.id, expectation.line)
        for key in sorted(expectation.kwargs.keys() & _KWARGS_NOT_ALLOWED.keys()):
            text = f"'{key}' is not allowed in 'kwargs': {_KWARGS_NOT_ALLOWED[key]}"
            problems.append((lines[(*place, "kwargs", key)], text))
        if expectation.kwargs.get("mostly") == 0:
            problems.append((lines[(*place, "kwargs", "mostly")], "'mostly: 0' is met by any data"))
        if expectation.may_be_empty and expectation.where is None:
            text = "'may_be_empty' has a meaning only together with 'where'"
            problems.append((lines[(*place, "may_be_empty")], text))
        reads_last = _LAST_RELEASE.search(expectation.query_text or suite.query_text or "") is not None
        if expectation.compares_with_last_release and not reads_last:
            text = "'compares_with_last_release' needs a query that reads last.<table> or recent.<table>"
            problems.append((lines[(*place, "compares_with_last_release")], text))
        if reads_last and not expectation.compares_with_last_release:
            text = "the query reads the last release: say 'compares_with_last_release: true'"
            problems.append((lines[place], text))
        if expectation.where is not None:
            try:
                duckdb.SQLExpression(expectation.where)
            except duckdb.ParserException:
                problems.append((lines[(*place, "where")], "'where' is not one SQL condition"))
    return problems


def _vacuous(suite: Suite, lines: dict[Place, int]) -> list[tuple[int, str]]:
    """The two guards: rows are there, and a column holds values; in a required suite both can refuse."""
    guards = [
        expectation
        for expectation in suite.expectations
        if expectation.where is None
        and expectation.query is None
        and (expectation.severity == "critical" or not suite.required)
    ]
    line = lines[("expectations",)]
    kind = "critical expectation" if suite.required else "expectation"
    problems = []
    if not any(e.type == ROW_COUNT and _at_least_one(e.kwargs.get("min_value")) for e in guards):
        text = f"a suite needs one {kind} {ROW_COUNT} with min_value of 1 or more and no 'where'"
        problems.append((line, f"{text}; without it an empty table passes"))
    if not any(e.type == NOT_NULL for e in guards):
        text = f"a suite needs one {kind} {NOT_NULL} with no 'where'"
        problems.append((line, f"{text}; without it a table of empty columns passes"))
    return problems


def _at_least_one(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 1
