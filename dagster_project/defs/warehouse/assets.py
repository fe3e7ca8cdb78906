"""The warehouse: one dbt build, seeds to published tables, with its tests as asset checks.

Everything is built when the code has changed; else what lies downstream of the raw tables that changed, as
far as the changes go.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
from dagster_dbt import DbtCliResource, dbt_assets
from dagster_dbt.compat import DBT_PYTHON_VERSION
from dagster_dbt.errors import DagsterDbtCliRuntimeError

from dagster_project.defs.constants import WAREHOUSE_POOL
from dagster_project.defs.publication.disclosure import registers
from dagster_project.defs.resources import EquityResource
from dagster_project.defs.warehouse.build_results import results_of, what_failed
from dagster_project.defs.warehouse.dbt_project import (
    DBT_PROJECT_DIR,
    changed_sources,
    dbt_environment,
    dbt_executable,
    manifest,
    names_of,
    touched_by,
)
from dagster_project.defs.warehouse.translator import EquityDbtTranslator
from dagster_project.defs.warehouse.vintages import latest_revision, load_vintage
from dagster_project.lib import build_state, fingerprint, raw_tables
from dagster_project.lib.build_state import RawTable
from dagster_project.lib.errors import WarehouseBuildError
from dagster_project.lib.release import disclosed
from dagster_project.settings import PROJECT_ROOT

_CANDIDATE_IS_MADE_OF = {"published", "published_internal", "quality"}


class BuildConfig(dg.Config):
    """How to build.

    Attributes:
        even_if_unchanged: build everything anew, whether or not code or deliveries have changed.
    """

    even_if_unchanged: bool = False


class InstalledDbt(DbtCliResource):
    """dbt on the command line, in a process of its own: it frees the build file when it is done."""

    @cached_property
    def _cli_version(self) -> Any:
        # Asked on the command line, dbt takes seconds and looks for newer versions on the internet.
        return DBT_PYTHON_VERSION

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> Any:
        # A second dbt in this process, for row counts and columns asked of each table while dbt works: we ask
        # for none, and it would take two seconds of every build.
        return None


def dbt_resource() -> DbtCliResource:
    """The dbt beside the running interpreter, with our project and profile."""
    return InstalledDbt(
        project_dir=str(DBT_PROJECT_DIR),
        profiles_dir=str(DBT_PROJECT_DIR),
        dbt_executable=dbt_executable(),
    )


def _row_counts(equity: EquityResource) -> dict[str, int]:
    with equity.warehouse() as connection:
        rows = connection.execute("select table_name, estimated_size from duckdb_tables()").fetchall()
    return {str(name): int(size) for name, size in rows}


def _excluding(untouched: Sequence[str]) -> list[str]:
    """dbt's arguments to leave out what stays as it is."""
    # dagster-dbt selects everything by itself, so what stays has to be left out. Cautious: a test of
    # something that is built runs, even if it also looks at something that is not.
    return ["--indirect-selection", "cautious", "--exclude", " ".join(untouched)] if untouched else []


def _selection(equity: EquityResource, changed: Sequence[RawTable] | None) -> list[str]:
    """dbt's arguments for a build of what has changed, or of everything (None), noted before it starts."""
    with equity.warehouse() as connection:
        if changed is None:
            # Until it has succeeded, nobody knows what is built from what.
            build_state.forget(connection)
            return ["--full-refresh"]
        unfinished = build_state.unfinished(connection)
        build_state.begin(connection, changed_sources(manifest(), changed))
    touched = touched_by(manifest(), changed, unfinished=unfinished)
    return _excluding(names_of(manifest(), touched, but=True))


def _build_error(equity: EquityResource, target: Path, failure: Exception) -> Exception:
    """What failed in words, where dbt came so far as to say; else dbt's own error."""
    with equity.warehouse() as connection:
        sentences = list(what_failed(target, connection))
    return WarehouseBuildError("\n".join(sentences)) if sentences else failure


def _standing(keys: Iterable[dg.AssetKey]) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
    """Tables the candidate is made of that stand as they are: without a word of them it would be skipped."""
    for key in sorted(keys):
        if key.path[0] in _CANDIDATE_IS_MADE_OF:
            yield dg.MaterializeResult(asset_key=key, metadata={"stands": "as an earlier run built it"})


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
            missing_vintage = load_vintage(connection, equity.releases)
            code = fingerprint.of_files(PROJECT_ROOT)
            wanted = fingerprint.of_build(PROJECT_ROOT, connection, latest_revision())
            # What readers were told can no longer be hidden: the pattern reckons with it.
            disclosed.load(connection, registers(equity))
            # Whoever picks tables in the UI decides what is built, and no longer knows the whole.
            is_whole = config.even_if_unchanged or context.is_subset
            changed = None if is_whole else build_state.touched(connection, code)
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
        if missing_vintage is not None:
            context.log.warning(missing_vintage)
        selection = _selection(equity, changed)
        if context.is_subset and not config.even_if_unchanged:
            selection = []
        os.environ.update(dbt_environment(equity.settings, only_changes=changed is not None))
        # dbt works in a process beside this one, which loaded the extracts: Arrow keeps what it once needed.
        pa.default_memory_pool().release_unused()
        built: list[dg.AssetKey] = []
        # dbt's unit tests prove the models on made-up rows: the test suite runs them, not every morning.
        target = equity.settings.data_dir / "dbt_target"
        results_of(target).unlink(missing_ok=True)
        try:
            for event in dbt.cli(
                ["build", "--exclude-resource-type", "unit_test", *selection],
                context=context,
                target_path=target,
            ).stream():
                if isinstance(event, dg.Output):
                    built.append(context.asset_key_for_output(event.output_name))
                yield event
        except DagsterDbtCliRuntimeError as failure:
            # dbt's own error says the same, and may quote a row.
            raise _build_error(equity, target, failure) from None
        if not context.is_subset:
            yield from _standing(context.selected_asset_keys - set(built))
        # dbt holds the build file while it runs. A build that failed has raised by now.
        if not context.is_subset:
            with equity.warehouse() as connection:
                build_state.remember(connection, code)
        counts = _row_counts(equity)
        for key in built:
            if key.path[-1] in counts:
                yield dg.AssetObservation(key, metadata={"dagster/row_count": counts[key.path[-1]]})

    return warehouse
