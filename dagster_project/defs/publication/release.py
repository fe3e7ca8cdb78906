"""The release: publish the audited candidate, or refuse and say why. A click here meets the same gate."""

import hashlib
from importlib.metadata import version

import dagster as dg
import duckdb

from dagster_project.defs.constants import OWNER_STATISTICS, WAREHOUSE_POOL
from dagster_project.defs.extracts.catalogue import DATASETS
from dagster_project.defs.publication import revised_figures
from dagster_project.defs.publication.audience import PUBLIC, Audience
from dagster_project.defs.publication.candidate import newest_candidate
from dagster_project.defs.publication.pictures import draw_pictures
from dagster_project.defs.publication.quality_report import write_quality_report
from dagster_project.defs.resources import EquityResource
from dagster_project.defs.warehouse.dbt_project import MANIFEST_PATH
from dagster_project.lib.errors import ReleaseRefusedError
from dagster_project.lib.release.approval import candidate_of
from dagster_project.lib.release.candidate import Candidate
from dagster_project.lib.release.difference import Difference
from dagster_project.lib.release.manifest import Approval, ExtractEntry, ManifestParts
from dagster_project.lib.release.publish import PublishOptions, audited, publish, revisions_beside
from dagster_project.lib.release.reader import connect
from dagster_project.lib.release.sql import identifier
from dagster_project.lib.release.store import Release
from dagster_project.settings import Mode

# Tables of the candidate that tell what it was built from, and what could not be read.
_DELIVERIES = {"public": "pub_deliveries", "internal": "pub_internal_deliveries"}
_PROBLEMS = {"public": "pub_delivery_problems", "internal": "pub_internal_delivery_problems"}


class ReleaseConfig(dg.Config):
    """What to publish.

    Attributes:
        release_id: id that the candidate would get; if empty, the run's own candidate, else the newest.
    """

    release_id: str = ""


def manifest_parts(equity: EquityResource, audience: Audience, built: Candidate) -> ManifestParts:
    """What the release's manifest says of code, deliveries, suppression and gaps."""
    with connect(built.file) as connection:
        deliveries = connection.execute(
            f"select source, address, sha256, fetched_at from {_DELIVERIES[audience.name]}"  # noqa: S608
            " order by source, address"
        ).fetchall()
        problems = connection.execute(
            f"select source || ' ' || dataset || ' ' || period || ': ' || message"  # noqa: S608
            f" from {_PROBLEMS[audience.name]} order by 1"
        ).fetchall()
        suppressed = _suppressed(connection)
    left_out = (
        [dataset.left_out_when_recorded for dataset in DATASETS if dataset.left_out_when_recorded]
        if audience is PUBLIC and equity.settings.mode is Mode.RECORDED
        else []
    )
    return ManifestParts(
        code_version=version("education-equity-warehouse"),
        dbt_manifest_sha256=hashlib.sha256(MANIFEST_PATH.read_bytes()).hexdigest(),
        extracts=[
            ExtractEntry(source=source, address=address, sha256=sha256, fetched_at=fetched_at)
            for source, address, sha256, fetched_at in deliveries
        ],
        suppressed_cells=suppressed,
        lacks=[*dict.fromkeys(left_out), *(message for (message,) in problems)],
    )


def _suppressed(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Number of cells withheld, by table with a column ``suppression``."""
    tables = connection.execute(
        "select table_name from duckdb_columns() where column_name = 'suppression' order by 1"
    ).fetchall()
    counted = {}
    for (table,) in tables:
        row = connection.execute(f"select count(suppression) from {identifier(table)}").fetchone()  # noqa: S608
        counted[table] = int(row[0]) if row else 0
    return counted


def publish_candidate(equity: EquityResource, audience: Audience, built: Candidate) -> Release:
    """Publish ``built`` or raise; every way in goes through here.

    Raises:
        ReleaseRefusedError: the gate's reasons, one sentence each.
    """
    store = audience.store(equity)
    # Before anything is read from the file: a refused one may lack what pictures and manifest need.
    try:
        audited(built)
    except ReleaseRefusedError as refusal:
        store.refuse(built, str(refusal).splitlines())
        raise
    attachments = {"quality.md": write_quality_report(built)}
    if audience is PUBLIC:
        pictures = draw_pictures(built.file, built.folder / "pictures", equity.settings.municipality)
        attachments |= {f"pictures/{path.name}": path for path in pictures}
    return publish(
        store,
        built,
        manifest_parts(equity, audience, built),
        PublishOptions(
            key_columns=audience.key_columns(),
            watched=revised_figures.watched_tables(audience),
            limits=revised_figures.revision_limits(),
            approve_option=audience.option,
            attachments=attachments,
            decimal_comma=equity.settings.csv_decimal_comma,
            keep=equity.settings.keep_releases,
        ),
    )


def _difference_table(difference: Difference) -> dg.TableMetadataValue:
    """The difference from the last release, one row per table, for the Dagster UI."""
    counts = ("added", "removed", "changed")
    return dg.MetadataValue.table(
        [
            dg.TableRecord(
                {"table": each.table, "status": each.status, **{name: getattr(each, name) for name in counts}}
            )
            for each in difference.tables
        ],
        schema=dg.TableSchema(
            columns=[
                dg.TableColumn("table", "string"),
                dg.TableColumn("status", "string"),
                *(dg.TableColumn(name, "int") for name in counts),
            ]
        ),
    )


def _approval_words(approval: Approval | None) -> str:
    if approval is None:
        return "none was needed"
    return f"{approval.by}, {approval.at:%Y-%m-%d %H:%M} UTC: {approval.reason}"


def build_release_asset(audience: Audience) -> dg.AssetsDefinition:
    """The last step: the swap."""

    @dg.asset(
        key=audience.release_key,
        deps=[audience.candidate_key],
        group_name="publication",
        kinds={"duckdb", "parquet"},
        owners=[OWNER_STATISTICS],
        pool=WAREHOUSE_POOL,
        description=(
            f"The release for {audience.readers}. Refuses a candidate without a complete audit record "
            "of exactly its file, whoever asks; the previous release then stands."
        ),
    )
    def release(
        context: dg.AssetExecutionContext, config: ReleaseConfig, equity: EquityResource
    ) -> dg.MaterializeResult:  # type: ignore[type-arg]
        store = audience.store(equity)
        built = (
            candidate_of(store, config.release_id)
            if config.release_id
            else newest_candidate(store, context.run.run_id)
        )
        try:
            published = publish_candidate(equity, audience, built)
        except ReleaseRefusedError as refusal:
            standing = store.pointer() or "none yet"
            raise dg.Failure(
                description=f"Release refused. Current release: {standing}.\n{refusal}",
                metadata={
                    "reasons": dg.MetadataValue.md(
                        "\n".join(f"- {line}" for line in str(refusal).splitlines())
                    ),
                    "candidate": dg.MetadataValue.path(str(built.folder)),
                    "revisions": revised_figures.as_table(revisions_beside(built)),
                },
                allow_retries=False,
            ) from refusal
        manifest_ = published.manifest
        return dg.MaterializeResult(
            metadata={
                "release_id": published.id,
                "path": dg.MetadataValue.path(str(published.folder)),
                "difference": dg.MetadataValue.md(
                    "\n".join(f"- {line}" for line in manifest_.difference.sentences)
                ),
                "difference_by_table": _difference_table(manifest_.difference),
                "revisions": revised_figures.as_table(manifest_.revisions),
                "approval": _approval_words(manifest_.approval),
                "lacks": dg.MetadataValue.md("\n".join(f"- {line}" for line in manifest_.lacks) or "nothing"),
                "expectations": manifest_.expectations.expectations,
                "warnings": len(manifest_.expectations.warnings),
                "suppressed_cells": dict(manifest_.suppressed_cells),
                "attacks": manifest_.attacks,
            }
        )

    return release
