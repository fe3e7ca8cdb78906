"""The warehouse: one dbt build of everything, seeds to published tables, with its tests as asset checks."""

import os
from collections.abc import Iterator
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliResource, dbt_assets

from dagster_project.defs.constants import WAREHOUSE_POOL
from dagster_project.defs.resources import EquityResource
from dagster_project.defs.warehouse.dbt_project import (
    DBT_PROJECT_DIR,
    dbt_environment,
    dbt_executable,
    manifest,
)
from dagster_project.defs.warehouse.translator import EquityDbtTranslator
from dagster_project.lib import fingerprint, raw_tables
from dagster_project.settings import PROJECT_ROOT


class BuildConfig(dg.Config):
    """How to build.

    Attributes:
        even_if_unchanged: build although neither code nor deliveries changed since the current release.
    """

    even_if_unchanged: bool = False


def dbt_resource() -> DbtCliResource:
    """dbt on the command line, in a process of its own: it frees the build file when it is done."""
    return DbtCliResource(
        project_dir=str(DBT_PROJECT_DIR),
        profiles_dir=str(DBT_PROJECT_DIR),
        dbt_executable=dbt_executable(),
    )


def _row_counts(equity: EquityResource) -> dict[str, int]:
    with equity.warehouse() as connection:
        rows = connection.execute("select table_name, estimated_size from duckdb_tables()").fetchall()
    return {str(name): int(size) for name, size in rows}


def build_warehouse_assets() -> dg.AssetsDefinition:
    """The dbt assets; reads (or makes) the dbt manifest, never the warehouse."""

    @dbt_assets(
        manifest=manifest(),
        name="warehouse",
        dagster_dbt_translator=EquityDbtTranslator(),
        pool=WAREHOUSE_POOL,
    )
    def warehouse(
        context: dg.AssetExecutionContext, config: BuildConfig, equity: EquityResource, dbt: DbtCliResource
    ) -> Iterator[Any]:
        with equity.warehouse() as connection:
            raw_tables.create_tables(connection)
            wanted = fingerprint.of_build(PROJECT_ROOT, connection)
        same = [
            release.id
            for release in equity.releases.releases()
            if release.manifest.code_fingerprint == wanted
        ]
        if same and not context.is_subset and not config.even_if_unchanged:
            # Nothing is yielded, so every step below is skipped. A release that was rolled back from stays
            # so: only new code or new deliveries make another one.
            context.log.info(f"Nothing new since release {same[-1]}: nothing is built.")
            return
        os.environ.update(dbt_environment(equity.settings))
        built: list[dg.AssetKey] = []
        # dbt's unit tests prove the models on made-up rows: the test suite runs them, not every morning.
        for event in dbt.cli(
            ["build", "--exclude-resource-type", "unit_test"],
            context=context,
            target_path=equity.settings.data_dir / "dbt_target",
        ).stream():
            if isinstance(event, dg.Output):
                built.append(context.asset_key_for_output(event.output_name))
            yield event
        # dbt holds the build file while it runs: rows are counted when it is done.
        counts = _row_counts(equity)
        for key in built:
            if key.path[-1] in counts:
                yield dg.AssetObservation(key, metadata={"dagster/row_count": counts[key.path[-1]]})

    return warehouse
