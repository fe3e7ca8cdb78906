"""What the tests of a dbt build that failed have found, in words."""

import json
from collections.abc import Iterator
from pathlib import Path

import duckdb

_TESTS_OF_MANY_RULES = ("foreign_keys_", "rules_hold_")


def results_of(target: Path) -> Path:
    """Where dbt leaves the results of a build; not there when it has not come so far."""
    return target / "run_results.json"


def broken_rules(target: Path, connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """A sentence for each rule or foreign key that a failed test of the last build found broken.

    dbt itself says how many rules of a table are broken, not which.

    Args:
        target: dbt's target folder, with the results of the build.
        connection: to the warehouse as the build left it.

    Yields:
        Test, rule or column, and number of rows; never a value of a row.
    """
    if not results_of(target).exists():
        return
    for result in json.loads(results_of(target).read_text(encoding="utf-8"))["results"]:
        test = result["unique_id"].split(".")[2]
        if result["status"] == "fail" and test.startswith(_TESTS_OF_MANY_RULES):
            for broken, rows in connection.execute(result["compiled_code"]).fetchall():
                yield f"{test}: {broken} is broken in {rows} rows."
