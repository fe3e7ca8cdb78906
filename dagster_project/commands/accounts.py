"""What a run took in: rows by source and rows set aside by rule, read from the build file after the run."""

from dataclasses import dataclass

import duckdb


@dataclass(frozen=True)
class SourceAccount:
    """Rows of one source's dataset; ``delivered`` is the sum of the other three."""

    source: str
    dataset: str
    delivered: int
    loaded: int
    quarantined: int
    duplicates: int


@dataclass(frozen=True)
class QuarantinedRows:
    """Rows set aside by one rule in one dataset."""

    source: str
    dataset: str
    rule: str
    rows: int
    reason: str
    what_to_do: str


@dataclass(frozen=True)
class Accounts:
    """Everything a run's summary says of deliveries.

    Attributes:
        sources: one per dataset.
        quarantined: one per dataset and rule.
        problems: deliveries that could not be fetched or read as a whole, one sentence each.
        is_before_rules: the build did not come far enough to apply the row rules; only the readers' own
            rejections are counted.
    """

    sources: list[SourceAccount]
    quarantined: list[QuarantinedRows]
    problems: list[str]
    is_before_rules: bool


def read(connection: duckdb.DuckDBPyConnection) -> Accounts:
    """Accounts of the build file as it is now."""
    schemas = {
        (schema, table)
        for schema, table in connection.execute(
            "select table_schema, table_name from information_schema.tables"
        ).fetchall()
    }
    if ("raw", "extracts") not in schemas:
        return Accounts([], [], [], is_before_rules=True)
    is_built = {("quality", "dq_extract_accounting"), ("quality", "dq_rejected_rows")} <= schemas
    return Accounts(
        sources=[
            SourceAccount(*row) for row in connection.execute(_BUILT if is_built else _LOADED).fetchall()
        ],
        quarantined=[
            QuarantinedRows(*row)
            for row in connection.execute(_BUILT_REJECTED if is_built else _LOADED_REJECTED).fetchall()
        ],
        problems=[
            message
            for (message,) in connection.execute(
                "select message from raw.delivery_problems order by source, dataset, period"
            ).fetchall()
        ],
        is_before_rules=not is_built,
    )


_SUMS = """
    select
        source, dataset,
        sum(delivered)::bigint, sum(loaded)::bigint, sum(rejected)::bigint, sum(duplicates)::bigint
    from {table}
    group by source, dataset
    order by source, dataset
"""
_BUILT = _SUMS.format(table="quality.dq_extract_accounting")
_LOADED = _SUMS.format(table="raw.extracts")

_BUILT_REJECTED = """
    select
        e.source, e.dataset, r.rule, count(*), any_value(coalesce(r.reason, '')),
        any_value(coalesce(r.what_to_do, ''))
    from quality.dq_rejected_rows r join raw.extracts e on e.extract_id = r.extract_id
    group by e.source, e.dataset, r.rule
    order by e.source, e.dataset, r.rule
"""
_LOADED_REJECTED = """
    select e.source, e.dataset, r.rule, count(*), any_value(r.reason), ''
    from raw.rejected_rows r join raw.extracts e on e.extract_id = r.extract_id
    group by e.source, e.dataset, r.rule
    order by e.source, e.dataset, r.rule
"""
