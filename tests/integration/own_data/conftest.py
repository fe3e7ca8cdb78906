"""Models of own data, as dbt compiled them, run on rows that stand in for the tables they read."""

import re
from collections.abc import Callable, Sequence

import duckdb
import pandas as pd
import pytest

RunModels = Callable[..., pd.DataFrame]


@pytest.fixture
def run_models(release) -> RunModels:
    """Runs compiled models in order and returns the rows of the last.

    Tables are given as SELECTs, so that their types are as exact as in the warehouse. What a model reads is
    either given or made by an earlier model; a relation that is neither fails the test.
    """

    def run(models: Sequence[str], **tables: str) -> pd.DataFrame:
        compiled = {model: release.compiled(model) for model in models}
        read = {
            (schema, table)
            for sql in compiled.values()
            for schema, table in re.findall(r'"warehouse"\."(\w+)"\."(\w+)"', sql)
        }
        schema_of = {table: schema for schema, table in read}
        with duckdb.connect() as connection:
            connection.execute("attach ':memory:' as warehouse")
            for schema in sorted({schema for schema, _ in read} | {"last"}):
                connection.execute(f"create schema warehouse.{schema}")
            for table, select in tables.items():
                connection.execute(f"create table warehouse.{schema_of[table]}.{table} as {select}")
            for model, sql in compiled.items():
                target = f"warehouse.{schema_of.get(model, 'last')}.{model}"
                connection.execute(f"create table {target} as {sql}")
            return connection.execute(f"select * from {target}").df()

    return run
