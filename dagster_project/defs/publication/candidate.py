"""Candidate and gate: the published tables in a file of their own, and what the expectations say of it."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from dagster_project.defs.constants import OWNER_STATISTICS, WAREHOUSE_POOL
from dagster_project.defs.publication import revised_figures
from dagster_project.defs.publication.published import PUBLISHED_SCHEMA, published_tables
from dagster_project.defs.quality import suites
from dagster_project.defs.resources import EquityResource
from dagster_project.defs.warehouse.dbt_project import manifest
from dagster_project.defs.warehouse.translator import EquityDbtTranslator
from dagster_project.defs.warehouse.vintages import keep_vintage, latest_revision
from dagster_project.lib import fingerprint
from dagster_project.lib.errors import ReleaseRefusedError, SettingsError
from dagster_project.lib.expectations.results import SuiteResult
from dagster_project.lib.release import audit, candidate, ids
from dagster_project.lib.release.candidate import Candidate
from dagster_project.lib.release.comparison import CANDIDATE_SCHEMA, beside_last_release
from dagster_project.lib.release.publish import note_revisions
from dagster_project.lib.release.store import ReleaseStore
from dagster_project.settings import PROJECT_ROOT

CANDIDATE_KEY = dg.AssetKey("candidate")
REVISIONS_CHECK = "revisions"
# Where the tables of each stage lie in the build file; those of `published` lie in the candidate itself.
BUILD_SCHEMAS = {"extracts": "raw", "marts": "quality"}


def build_candidate_asset() -> dg.AssetsDefinition:
    """The candidate, downstream of every published table and every mart the gate looks at."""

    @dg.asset(
        key=CANDIDATE_KEY,
        deps=_tables_before_candidate(),
        group_name="publication",
        kinds={"duckdb"},
        owners=[OWNER_STATISTICS],
        pool=WAREHOUSE_POOL,
        description=(
            "The published tables copied into a new file of their own, read-only from then on. "
            "Not yet seen by any reader."
        ),
    )
    def build(context: dg.AssetExecutionContext, equity: EquityResource) -> dg.MaterializeResult:  # type: ignore[type-arg]
        store = equity.releases
        built = candidate.build_candidate(
            warehouse=equity.settings.warehouse_path,
            schema=PUBLISHED_SCHEMA,
            tables=published_tables(),
            candidates_dir=store.candidates_dir,
            build_id=context.run.run_id,
            release_id=store.reserve_id(),
        )
        keep_vintage(equity, built.release_id)
        return dg.MaterializeResult(
            metadata={
                "build_id": built.build_id,
                "release_id": built.release_id,
                "sha256": built.sha256,
                "path": dg.MetadataValue.path(str(built.file)),
                "rows": dg.MetadataValue.table(
                    [dg.TableRecord({"table": table, "rows": rows}) for table, rows in built.tables.items()],
                    schema=dg.TableSchema(
                        columns=[dg.TableColumn("table", "string"), dg.TableColumn("rows", "int")]
                    ),
                ),
            }
        )

    return build


def _tables_before_candidate() -> list[dg.AssetKey]:
    """Published tables, and the tables that the gate looks at beside them.

    Raises:
        SettingsError: a suite is about a table that dbt does not build.
    """
    keys = {
        node["name"]: EquityDbtTranslator().get_asset_key(node)
        for node in manifest()["nodes"].values()
        if node["resource_type"] == "model"
    }
    looked_at = {suite.table for stage in ("marts", "published") for suite in suites.of_stage(stage)}
    unknown = looked_at - keys.keys()
    if unknown:
        raise SettingsError(f"expectations/ has suites for tables that dbt does not build: {sorted(unknown)}")
    return [keys[table] for table in sorted({*published_tables(), *looked_at})]


def build_gate() -> dg.AssetChecksDefinition:
    """One check per suite, all run by one step that also writes the audit record publication demands."""
    specs = [
        dg.AssetCheckSpec(
            REVISIONS_CHECK,
            asset=CANDIDATE_KEY,
            description="Published figures that would change; unexpected ones wait for a person's word.",
        )
    ] + [
        dg.AssetCheckSpec(
            suites.check_name(suite.table),
            asset=CANDIDATE_KEY,
            description=f"{len(suite.expectations)} expectations on {suite.stage} table {suite.table}.",
        )
        for suite in suites.all_suites()
    ]

    @dg.multi_asset_check(name="gate", specs=specs, pool=WAREHOUSE_POOL)
    def gate(context: dg.AssetCheckExecutionContext, equity: EquityResource) -> Iterator[dg.AssetCheckResult]:
        built = newest_candidate(equity, context.run.run_id)
        suite_results = audit_candidate(equity, built)
        for result in suite_results:
            yield suites.check_result(result, CANDIDATE_KEY)
        yield _revisions_check(equity, built)

    return gate


def _revisions_check(equity: EquityResource, built: Candidate) -> dg.AssetCheckResult:
    """A warning where a person has to look; publication itself holds the candidate."""
    revisions = note_revisions(
        equity.releases, built, revised_figures.watched_tables(), revised_figures.revision_limits()
    )
    told = [
        *([revisions.note] if revisions.note else []),
        *(each.sentence() for each in revisions.unexpected),
    ]
    return dg.AssetCheckResult(
        asset_key=CANDIDATE_KEY,
        check_name=REVISIONS_CHECK,
        passed=not revisions.needs_approval,
        severity=dg.AssetCheckSeverity.WARN,
        description="\n".join(told[:20]) or None,
        metadata={
            "compared_with": revisions.compared_with or "no earlier release",
            "unexpected": len(revisions.unexpected),
            "revisions": revised_figures.as_table(revisions),
        },
    )


def newest_candidate(equity: EquityResource, run_id: str) -> Candidate:
    """The candidate of this run, or else the latest one finished.

    Raises:
        ReleaseRefusedError: there is none.
    """
    folder = equity.releases.candidates_dir
    if (folder / run_id).is_dir():
        return candidate.load_candidate(folder, run_id)
    finished = [
        candidate.load_candidate(folder, path.parent.name) for path in folder.glob("[!.]*/candidate.json")
    ]
    if not finished:
        raise ReleaseRefusedError("There is no candidate. Materialise `candidate` first.")
    return max(finished, key=lambda built: ids.number(built.release_id))


def audit_candidate(equity: EquityResource, built: Candidate) -> list[SuiteResult]:
    """Run every suite, on the build file or on the candidate itself; keep the record beside the candidate."""
    # Great Expectations takes seconds to import and is needed here only.
    from dagster_project.defs.quality.great_expectations_runner import run_suites  # noqa: PLC0415

    found = []
    with equity.warehouse() as connection:
        for stage, schema in BUILD_SCHEMAS.items():
            found += run_suites(connection, suites.of_stage(stage), schema=schema)
        build_fingerprint = fingerprint.of_build(PROJECT_ROOT, connection, latest_revision())
    with beside_last_release(built.file, _last_file(equity.releases)) as compared:
        found += run_suites(
            compared.connection,
            suites.of_stage("published"),
            schema=CANDIDATE_SCHEMA,
            last_tables=compared.last_tables,
        )
    audit.save(
        audit.AuditRecord(
            build_id=built.build_id,
            file_sha256=built.sha256,
            code_fingerprint=build_fingerprint,
            suites=suites.to_audit(found),
            required_suites=suites.required_suites(),
        ),
        built,
    )
    return found


def _last_file(store: ReleaseStore) -> Path | None:
    """The last release, for rules that compare; ``None`` if there is none or it cannot be read.

    What cannot be compared is held at publication until a person has looked at it.
    """
    try:
        return store.last_file()
    except ReleaseRefusedError:
        return None
