"""One asset per raw table: fetch every period of its datasets, keep the bytes, load the rows."""

import datetime as dt
from collections.abc import Sequence
from itertools import groupby

import dagster as dg

from dagster_project.defs.constants import OWNER_ENGINEERING, WAREHOUSE_POOL
from dagster_project.defs.extracts.catalogue import DATASETS
from dagster_project.defs.extracts.dataset import Dataset
from dagster_project.defs.extracts.load import fetch_and_load, was_asked_recently
from dagster_project.defs.resources import EquityResource
from dagster_project.lib import raw_tables
from dagster_project.lib.raw_tables import LoadReport
from dagster_project.settings import Mode

DELIVERED_WHOLE = "delivered_whole"


class ExtractConfig(dg.Config):
    """How eagerly to ask.

    Attributes:
        ask_again_after_days: a dataset asked for more recently is not asked for again; 0 always asks.
    """

    ask_again_after_days: int = 0


def asset_key(dataset: Dataset) -> dg.AssetKey:
    """The key dbt gives the same source table."""
    return dg.AssetKey([dataset.source, dataset.raw_table])


def period_table(reports: Sequence[LoadReport]) -> dg.TableMetadataValue:
    """What became of every period, as a table in the UI."""
    return dg.MetadataValue.table(
        [
            dg.TableRecord(
                {
                    "period": report.period,
                    "delivered": report.delivered,
                    "loaded": report.loaded,
                    "rejected": report.rejected,
                    "duplicates": report.duplicates,
                    "unchanged": report.unchanged,
                    "problem": report.problem or "",
                    "notes": "; ".join(report.notes),
                }
            )
            for report in reports
        ],
        schema=dg.TableSchema(
            columns=[
                dg.TableColumn("period", "string"),
                dg.TableColumn("delivered", "int"),
                dg.TableColumn("loaded", "int"),
                dg.TableColumn("rejected", "int"),
                dg.TableColumn("duplicates", "int"),
                dg.TableColumn("unchanged", "bool"),
                dg.TableColumn("problem", "string"),
                dg.TableColumn("notes", "string"),
            ]
        ),
    )


def _extract_asset(datasets: Sequence[Dataset]) -> dg.AssetsDefinition:
    first = datasets[0]
    key = asset_key(first)

    @dg.asset(
        key=key,
        group_name="extracts",
        kinds={"http", "duckdb"},
        owners=[OWNER_ENGINEERING],
        description=" ".join(dataset.description for dataset in datasets),
        pool=WAREHOUSE_POOL,
        tags={"source": first.source},
        check_specs=[
            dg.AssetCheckSpec(
                DELIVERED_WHOLE,
                asset=key,
                description="Every period the source publishes was fetched and could be read as a whole.",
            )
        ],
    )
    def extract(config: ExtractConfig, equity: EquityResource) -> dg.MaterializeResult:  # type: ignore[type-arg]
        is_live = equity.settings.mode is Mode.LIVE
        reasons = [dataset.left_out_when_recorded for dataset in datasets]
        with equity.session() as session, equity.warehouse() as connection:
            raw_tables.create_tables(connection)
            if not is_live and all(reasons):
                return dg.MaterializeResult(
                    metadata={"left_out": " ".join(reason for reason in reasons if reason)},
                    check_results=[dg.AssetCheckResult(passed=True, check_name=DELIVERED_WHOLE)],
                )
            reports = [
                report
                for dataset in datasets
                if not was_asked_recently(connection, dataset, dt.timedelta(days=config.ask_again_after_days))
                for report in fetch_and_load(dataset, session, connection)
            ]
        problems = [report.problem for report in reports if report.problem]
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": sum(report.loaded for report in reports),
                "rejected": sum(report.rejected for report in reports),
                "periods": period_table(reports),
            },
            check_results=[
                dg.AssetCheckResult(
                    passed=not problems,
                    check_name=DELIVERED_WHOLE,
                    severity=dg.AssetCheckSeverity.WARN,
                    description="\n".join(problems) or None,
                )
            ],
        )

    return extract


def _by_raw_table(datasets: Sequence[Dataset]) -> list[list[Dataset]]:
    ordered = sorted(datasets, key=lambda dataset: dataset.raw_table)
    return [list(group) for _, group in groupby(ordered, key=lambda dataset: dataset.raw_table)]


EXTRACT_ASSETS = [_extract_asset(group) for group in _by_raw_table(DATASETS)]
