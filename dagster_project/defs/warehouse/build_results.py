"""What failed in a dbt build, in words."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb

# The tests whose rows are the broken promises of a table and how many rows break each.
_OF_MANY_RULES = "keys_and_rules_"
# Errors about the SQL. The words of others may quote a row.
_QUOTES_NO_ROW = frozenset({"Binder Error", "Catalog Error", "Parser Error"})


def results_of(target: Path) -> Path:
    """Where dbt leaves the results of a build; not there when it has not come so far."""
    return target / "run_results.json"


def what_failed(target: Path, connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """A sentence for each model that could not be built and each rule that is broken.

    dbt itself says how many rules of a table are broken, not which.

    Args:
        target: dbt's target folder, with the results of the build.
        connection: to the warehouse as the build left it.

    Yields:
        Of a test its name, the rule or column, and the number of rows; of a model the error. Never a cell.
    """
    if not results_of(target).exists():
        return
    for result in json.loads(results_of(target).read_text(encoding="utf-8"))["results"]:
        name = result["unique_id"].split(".")[2]
        if result["status"] == "error":
            yield f"{name}: {_error(str(result['message']))}"
        elif result["status"] == "fail" and name.startswith(_OF_MANY_RULES):
            yield from _broken_rules(name, result, connection)
        elif result["status"] == "fail":
            yield f"{name}: broken by {result['failures']} rows."


def _error(message: str) -> str:
    """As far as it may be told: the database's words, which stand below dbt's "Runtime Error in model …"."""
    words = " ".join(message.partition("\n")[2].split())
    kind = words.partition(":")[0]
    return words if kind in _QUOTES_NO_ROW else f"{kind or 'Error'}; what was said stands in the run's log."


def _broken_rules(
    test: str, result: Mapping[str, Any], connection: duckdb.DuckDBPyConnection
) -> Iterator[str]:
    for rule, rows in connection.execute(result["compiled_code"]).fetchall():
        yield f"{test}: {rule}: broken by {rows} rows."
