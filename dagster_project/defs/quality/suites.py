"""The expectation suites of this project, and their results in the shapes of the gate and of Dagster."""

import datetime as dt
from collections.abc import Collection, Sequence
from functools import cache

import dagster as dg

from dagster_project.lib.expectations import results
from dagster_project.lib.expectations.suite import Suite, load_suites
from dagster_project.lib.release import audit
from dagster_project.settings import PROJECT_ROOT

SUITES_DIR = PROJECT_ROOT / "expectations"


@cache
def all_suites() -> tuple[Suite, ...]:
    """Every suite of ``expectations/``.

    Raises:
        SuiteError: one that cannot be used, with file and line.
    """
    return tuple(load_suites(SUITES_DIR))


def of_stage(stage: str) -> list[Suite]:
    """The suites of one stage."""
    return [suite for suite in all_suites() if suite.stage == stage]


def of_stages(stages: Collection[str]) -> list[Suite]:
    """The suites of several stages."""
    return [suite for suite in all_suites() if suite.stage in stages]


def suite_name(stage: str, table: str) -> str:
    """Name of a suite in audit records: ``published/pub_indicators``."""
    return f"{stage}/{table}"


def required_suites(stages: Collection[str]) -> list[str]:
    """Names of the suites of these stages that a publication demands."""
    return [suite_name(suite.stage, suite.table) for suite in of_stages(stages) if suite.required]


def to_audit(suite_results: Sequence[results.SuiteResult]) -> list[audit.SuiteResult]:
    """Results as the audit record keeps them; an expectation that found nothing to look at has failed."""
    now = dt.datetime.now(dt.UTC)
    return [
        audit.SuiteResult(
            suite=suite_name(suite.stage, suite.table),
            table=suite.table,
            ran_at=now,
            expectations=[
                audit.ExpectationResult(
                    id=result.id,
                    type=result.type,
                    severity=result.severity,
                    success=None if result.outcome == "did_not_run" else result.success,
                    observed=result.observed[:300],
                    owner=result.owner,
                    why=result.why,
                    how_to_resolve=result.how_to_resolve,
                    rows_affected=result.unexpected_count,
                    swedish=result.swedish,
                )
                for result in suite.expectations
            ],
        )
        for suite in suite_results
    ]


def check_result(suite: results.SuiteResult, asset_key: dg.AssetKey) -> dg.AssetCheckResult:
    """One suite as an asset check: its worst severity, and every expectation in a table."""
    failed = [result for result in suite.expectations if not result.success]
    return dg.AssetCheckResult(
        asset_key=asset_key,
        check_name=check_name(suite.table),
        passed=not failed,
        severity=dg.AssetCheckSeverity.ERROR if suite.refusals else dg.AssetCheckSeverity.WARN,
        description="\n".join(
            f"{result.id} ({result.severity}): {result.observed} {result.why} {result.how_to_resolve}"
            for result in failed
        )
        or None,
        metadata={
            "expectations": dg.MetadataValue.table(
                [
                    dg.TableRecord(
                        {
                            "expectation": result.id,
                            "outcome": result.outcome,
                            "severity": result.severity,
                            "observed": result.observed,
                            "owner": result.owner,
                        }
                    )
                    for result in suite.expectations
                ],
                schema=dg.TableSchema(
                    columns=[
                        dg.TableColumn(name, "string")
                        for name in ("expectation", "outcome", "severity", "observed", "owner")
                    ]
                ),
            ),
            "rows": suite.row_count or 0,
        },
    )


def check_name(table: str) -> str:
    """Name of a suite's asset check."""
    return f"expectations_{table}"
