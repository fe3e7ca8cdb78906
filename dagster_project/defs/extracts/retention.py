"""Retention: personal extracts are pruned when they are old and nothing is built from them any more."""

import datetime as dt

import dagster as dg

from dagster_project.defs.constants import OWNER_ENGINEERING, WAREHOUSE_POOL
from dagster_project.defs.extracts.deliveries import DELIVERY_ASSETS
from dagster_project.defs.extracts.ss12000 import GROUP, SS12000_ASSETS
from dagster_project.defs.resources import EquityResource
from dagster_project.lib import raw_tables
from dagster_project.lib.extract_store import ExtractStore
from dagster_project.lib.personal_retention import prune, read_rules
from dagster_project.settings import PROJECT_ROOT

_RULES = PROJECT_ROOT / "seeds" / "thresholds" / "thr_retention.csv"
_OWN_DATA = [spec.key for step in [*SS12000_ASSETS, *DELIVERY_ASSETS] for spec in step.specs]


@dg.asset(
    key=dg.AssetKey(["raw", "pruned_extracts"]),
    deps=_OWN_DATA,
    group_name=GROUP,
    kinds={"duckdb"},
    owners=[OWNER_ENGINEERING],
    pool=WAREHOUSE_POOL,
    description="Prunes personal extracts by the rules of thr_retention; the log of what was pruned.",
)
def pruned_extracts(equity: EquityResource) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """Prune, and say how much."""
    store = ExtractStore(equity.settings.raw_dir)
    with equity.warehouse() as connection:
        raw_tables.create_tables(connection)
        pruned = prune(connection, store, read_rules(_RULES), now=dt.datetime.now(dt.UTC))
    return dg.MaterializeResult(
        metadata={
            "files_pruned": sum(one.is_file_pruned for one in pruned),
            "rows_pruned": sum(one.rows_pruned for one in pruned),
        }
    )


RETENTION_ASSETS = [pruned_extracts]
