"""Candidate and gate: the published tables in a file of their own, and what the expectations say of it."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import duckdb

from dagster_project.defs.constants import OWNER_STATISTICS, WAREHOUSE_POOL
from dagster_project.defs.publication import disclosure, revised_figures
from dagster_project.defs.publication.audience import INTERNAL, PUBLIC, Audience
from dagster_project.defs.quality import suites
from dagster_project.defs.resources import EquityResource
from dagster_project.defs.warehouse.dbt_project import manifest
from dagster_project.defs.warehouse.translator import EquityDbtTranslator
from dagster_project.defs.warehouse.vintages import keep_vintage, latest_revision, show_marts_of_last_releases
from dagster_project.lib import fingerprint
from dagster_project.lib.errors import ReleaseRefusedError, SettingsError
from dagster_project.lib.expectations.results import SuiteResult
from dagster_project.lib.expectations.suite import Stage
from dagster_project.lib.release import audit, candidate, ids
from dagster_project.lib.release.candidate import Candidate
from dagster_project.lib.release.comparison import CANDIDATE_SCHEMA, beside_last_release
from dagster_project.lib.release.publish import note_revisions
from dagster_project.lib.release.reader import connect
from dagster_project.lib.release.store import ReleaseStore
from dagster_project.settings import PROJECT_ROOT

REVISIONS_CHECK = "revisions"
# Beside the last release: what moves a little each time shows against the oldest of three.
_RELEASES_BEFORE_LAST = 2
# Where the tables that the gate looks at in the build file lie.
BUILD_SCHEMAS = {"extracts": "raw", "quality": "quality", "marts": "marts", "restricted": "restricted"}
# Stages with a suite for every table of the schema.
_MART_STAGES: tuple[Stage, ...] = ("marts", "restricted")


def build_candidate_asset(audience: Audience) -> dg.AssetsDefinition:
    """The candidate, downstream of every table the audience gets and every mart the gate looks at."""

    @dg.asset(
        key=audience.candidate_key,
        deps=_tables_before_candidate(audience),
        group_name="publication",
        kinds={"duckdb"},
        owners=[OWNER_STATISTICS],
        pool=WAREHOUSE_POOL,
        output_required=False,
        description=(
            f"The tables for {audience.readers}, copied into a new file, read-only from then on. "
            "Not yet seen by any reader."
        ),
    )
    def build(context: dg.AssetExecutionContext, equity: EquityResource) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        if audience is INTERNAL and not _has_own_data(equity):
            # Nothing is yielded, so its gate and release are skipped.
            context.log.info("No system of the municipality is connected: there is no internal release.")
            return
        store = audience.store(equity)
        built = candidate.build_candidate(
            warehouse=equity.settings.warehouse_path,
            schema=audience.schema,
            tables=audience.tables(),
            candidates_dir=store.candidates_dir,
            build_id=context.run.run_id,
            release_id=store.reserve_id(),
        )
        if audience is PUBLIC:
            keep_vintage(equity, built.release_id)
        yield dg.MaterializeResult(
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


def _has_own_data(equity: EquityResource) -> bool:
    with equity.warehouse() as connection:
        row = connection.execute(
            f"select count(*) from {INTERNAL.schema}.pub_internal_indicators"  # noqa: S608 - a constant
        ).fetchone()
    return row is not None and row[0] > 0


def _tables_before_candidate(audience: Audience) -> list[dg.AssetKey]:
    """Tables the audience gets, and the quality tables that the gate looks at beside them.

    Not the marts: a day builds those that its changes reach, and ``dq_marts`` is downstream of all of them.

    Raises:
        SettingsError: a suite is about a table that dbt does not build.
    """
    keys = {
        node["name"]: EquityDbtTranslator().get_asset_key(node)
        for node in manifest()["nodes"].values()
        if node["resource_type"] == "model"
    }
    looked_at = {suite.table for suite in suites.of_stages(audience.stages) if suite.stage != "extracts"}
    unknown = looked_at - keys.keys()
    if unknown:
        raise SettingsError(f"expectations/ has suites for tables that dbt does not build: {sorted(unknown)}")
    quality = {suite.table for suite in suites.of_stages(audience.stages) if suite.stage == "quality"}
    before = [keys[table] for table in sorted({*audience.tables(), *quality})]
    # What everybody sees is known to the administration too, and is audited as such.
    return before if audience is PUBLIC else [*before, PUBLIC.release_key]


def build_gate(audience: Audience) -> dg.AssetChecksDefinition:
    """One check per suite, all run by one step that also writes the audit record publication demands."""
    specs = [
        dg.AssetCheckSpec(
            REVISIONS_CHECK,
            asset=audience.candidate_key,
            description="Published figures that would change; unexpected ones wait for a person's word.",
        )
    ] + [
        dg.AssetCheckSpec(
            suites.check_name(suite.table),
            asset=audience.candidate_key,
            description=f"{len(suite.expectations)} expectations on {suite.stage} table {suite.table}.",
        )
        for suite in suites.of_stages(audience.stages)
    ]
    specs.append(disclosure.check_spec(audience))

    @dg.multi_asset_check(name=f"gate{audience.suffix}", specs=specs, pool=WAREHOUSE_POOL)
    def gate(context: dg.AssetCheckExecutionContext, equity: EquityResource) -> Iterator[dg.AssetCheckResult]:
        built = newest_candidate(audience.store(equity), context.run.run_id)
        suite_results, attack = audit_candidate(equity, audience, built)
        for result in suite_results:
            yield suites.check_result(result, audience.candidate_key)
        yield disclosure.check_result(audience, attack)
        yield _revisions_check(equity, audience, built)

    return gate


def _revisions_check(equity: EquityResource, audience: Audience, built: Candidate) -> dg.AssetCheckResult:
    """A warning where a person has to look; publication itself holds the candidate."""
    revisions = note_revisions(
        audience.store(equity),
        built,
        revised_figures.watched_tables(audience),
        revised_figures.revision_limits(),
    )
    told = [
        *([revisions.note] if revisions.note else []),
        *(each.sentence() for each in revisions.unexpected),
    ]
    return dg.AssetCheckResult(
        asset_key=audience.candidate_key,
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


def newest_candidate(store: ReleaseStore, run_id: str) -> Candidate:
    """The candidate of this run, or else the latest one finished.

    Raises:
        ReleaseRefusedError: there is none.
    """
    folder = store.candidates_dir
    if (folder / run_id).is_dir():
        return candidate.load_candidate(folder, run_id)
    finished = [
        candidate.load_candidate(folder, path.parent.name) for path in folder.glob("[!.]*/candidate.json")
    ]
    if not finished:
        raise ReleaseRefusedError("There is no candidate. Materialise `candidate` first.")
    return max(finished, key=lambda built: ids.number(built.release_id))


def audit_candidate(
    equity: EquityResource, audience: Audience, built: Candidate
) -> tuple[list[SuiteResult], disclosure.Attack]:
    """Run every suite on the build file or the candidate, and attack it; keep the record beside it."""
    # Great Expectations takes seconds to import and is needed here only.
    from dagster_project.defs.quality.great_expectations_runner import run_suites  # noqa: PLC0415

    found = []
    with equity.warehouse() as connection:
        before = equity.releases.files_before_last(_RELEASES_BEFORE_LAST)
        last_tables = show_marts_of_last_releases(connection, equity.releases, before=before)
        lost = lost_data_sets(connection, _last_file(equity.releases))
        for stage in audience.stages_of_build:
            found += run_suites(
                connection,
                suites.of_stage(stage),
                schema=BUILD_SCHEMAS[stage],
                last_tables=last_tables,
                lost_data_sets=lost,
            )
        build_fingerprint = fingerprint.of_build(PROJECT_ROOT, connection, latest_revision())
        attack = disclosure.attack(equity, audience, built, connection)
    store = audience.store(equity)
    before = store.files_before_last(_RELEASES_BEFORE_LAST)
    with beside_last_release(built.file, _last_file(store), before) as compared:
        found += run_suites(
            compared.connection,
            suites.of_stage(audience.stage),
            schema=CANDIDATE_SCHEMA,
            last_tables=compared.last_tables,
            lost_data_sets=lost,
        )
    audit.save(
        audit.AuditRecord(
            build_id=built.build_id,
            file_sha256=built.sha256,
            code_fingerprint=build_fingerprint,
            suites=[*suites.to_audit(found), attack.suite],
            required_suites=required_suites(audience),
            disclosed=attack.told,
            disclosed_before=attack.told_before,
            attacks=attack.summary,
            refused_breakdowns=refused_breakdowns(built.file, audience),
        ),
        built,
    )
    return found, attack


def lost_data_sets(connection: duckdb.DuckDBPyConnection, last_release: Path | None) -> frozenset[str]:
    """Data sets the release can do without, ``<source>/<data set>``.

    It says that their delivery failed, no row of them is loaded, and readers of the last release had none.

    One without a row of which nothing is told was lost by us, and one that readers have must not be taken
    from them: neither is among them, and the gate refuses.

    Args:
        connection: to the warehouse, with ``quality`` built.
        last_release: file of the current public release; ``None`` before the first.
    """
    lost = {
        str(data_set)
        for (data_set,) in connection.execute(
            """
            select problems.source || '/' || problems.dataset
            from quality.dq_delivery_problems as problems
            left join quality.dq_extract_accounting as extracts
                on problems.source = extracts.source and problems.dataset = extracts.dataset
            group by problems.source, problems.dataset
            having coalesce(sum(extracts.loaded), 0) = 0
            """
        ).fetchall()
    }
    if last_release is None:
        return frozenset(lost)
    with connect(last_release) as released:
        had = released.execute(
            "select distinct source || '/' || dataset from pub_deliveries where loaded > 0"
        ).fetchall()
    return frozenset(lost - {str(data_set) for (data_set,) in had})


def refused_breakdowns(database: Path, audience: Audience) -> list[audit.RefusedBreakdown]:
    """What the candidate itself tells of breakdowns that are hidden whole, in a fixed order."""
    with connect(database) as connection:
        refused = (
            connection.table(f"pub{audience.suffix}_suppression_log")
            .filter("refused > 0")
            .project("indicator_id, entity_type, dimension, refused, refused_why_sv")
            .order("indicator_id, entity_type, dimension")
            .fetchall()
        )
    return [
        audit.RefusedBreakdown(
            audience=audience.name,
            indicator_id=indicator,
            entity_type=entity,
            dimension=dimension,
            figures=figures,
            why_sv=why,
        )
        for indicator, entity, dimension, figures, why in refused
    ]


def required_suites(audience: Audience) -> list[str]:
    """Names of the suites without a result of which nothing is published.

    Those that say so themselves, the attack, and one for each mart, written or not: a gate that asks only for
    the suites it finds is opened by deleting one. Publication asks for those of the published tables.
    """
    of_marts = {
        suites.suite_name(stage, node["name"])
        for stage in set(_MART_STAGES) & set(audience.stages)
        for node in manifest()["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] == BUILD_SCHEMAS[stage]
    }
    return sorted(of_marts | {*suites.required_suites(audience.stages), disclosure.SUITE})


def _last_file(store: ReleaseStore) -> Path | None:
    """The last release, for rules that compare; ``None`` if there is none or it cannot be read.

    What cannot be compared is held at publication until a person has looked at it.
    """
    try:
        return store.last_file()
    except ReleaseRefusedError:
        return None
