"""Assembly of the code location, and nothing else. Needs no warehouse and opens none."""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from dagster_project.defs.automation.delivery_sensor import DELIVERY_SENSORS
from dagster_project.defs.automation.freshness import EXTRACT_FRESHNESS
from dagster_project.defs.automation.jobs import build_jobs, build_schedules
from dagster_project.defs.extracts.assets import EXTRACT_ASSETS
from dagster_project.defs.extracts.deliveries import DELIVERY_ASSETS
from dagster_project.defs.extracts.retention import RETENTION_ASSETS
from dagster_project.defs.extracts.ss12000 import SS12000_ASSETS
from dagster_project.defs.publication.audience import AUDIENCES
from dagster_project.defs.publication.candidate import build_candidate_asset, build_gate
from dagster_project.defs.publication.release import build_release_asset
from dagster_project.defs.resources import EquityResource
from dagster_project.defs.warehouse.assets import build_warehouse_assets, dbt_resource


def build_defs(resource_overrides: Mapping[str, Any] | None = None) -> dg.Definitions:
    """All definitions; tests override resources."""
    return dg.Definitions(
        assets=[
            *(
                asset.map_asset_specs(
                    lambda spec: spec.replace_attributes(freshness_policy=EXTRACT_FRESHNESS)
                )
                for asset in [*EXTRACT_ASSETS, *SS12000_ASSETS, *DELIVERY_ASSETS]
            ),
            *RETENTION_ASSETS,
            build_warehouse_assets(),
            *(build_candidate_asset(audience) for audience in AUDIENCES),
            *(build_release_asset(audience) for audience in AUDIENCES),
        ],
        asset_checks=[build_gate(audience) for audience in AUDIENCES],
        jobs=build_jobs(),
        schedules=build_schedules(),
        sensors=DELIVERY_SENSORS,
        resources={"equity": EquityResource(), "dbt": dbt_resource(), **(resource_overrides or {})},
        executor=dg.in_process_executor,
    )


defs = build_defs()
