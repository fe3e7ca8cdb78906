"""The attacker audit in the gate: what readers of a candidate can compute, with all they were ever told."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
import duckdb
import pandas as pd

from dagster_project.defs.constants import OWNER_STATISTICS
from dagster_project.defs.publication.audience import AUDIENCES, INTERNAL, PUBLIC, Audience
from dagster_project.defs.resources import EquityResource
from dagster_project.lib.disclosure import register
from dagster_project.lib.disclosure.errors import DisclosureError
from dagster_project.lib.expectations.swedish import InSwedish
from dagster_project.lib.release import audit, disclosed
from dagster_project.lib.release.candidate import Candidate
from dagster_project.lib.release.event_log import Disclosed
from dagster_project.lib.release.reader import connect

if TYPE_CHECKING:
    from dagster_project.lib.disclosure.release_audit import ReleaseAudit

SUITE = "disclosure/attacker_audit"
CHECK_NAME = "attacker_audit"
_TABLE = {"public": "pub_indicators", "internal": "pub_internal_indicators"}
# Every row that shows a figure, in whatever column.
_FIGURES = """
    select entity_type, entity_key, school_year, indicator_id, group_id
    from {table}
    where coalesce(cast(numerator as double), value, interval_low, interval_high) is not null
"""
_COUNTS = ("cells", "hidden", "primaries", "protected", "exposed", "narrowest")
_OWNER = OWNER_STATISTICS.removeprefix("team:")


@dataclass(frozen=True)
class Attack:
    """The attack on one candidate, and what came of it.

    Attributes:
        suite: findings as the audit record keeps them.
        told: what publication would make known, in short; the cells lie beside the candidate.
        told_before: releases that the audit took into account.
        summary: per audience, see :class:`ReleaseAudit`; may be published.
    """

    suite: audit.SuiteResult
    told: Disclosed | None
    told_before: list[str]
    summary: list[dict[str, int | str | None]]


def registers(equity: EquityResource) -> Mapping[str, pd.DataFrame]:
    """What every audience was ever told.

    Raises:
        RegisterError: what a release told is lost or was changed.
    """
    stores = {audience.name: audience.store(equity) for audience in AUDIENCES}
    return {
        name: disclosed.read_register(store.register_dir, store.disclosed()) for name, store in stores.items()
    }


def attack(
    equity: EquityResource, audience: Audience, built: Candidate, warehouse: duckdb.DuckDBPyConnection
) -> Attack:
    """Attack a candidate, and write down beside it what its publication would make known.

    Whatever keeps the audit from being carried out is a finding that refuses the release.

    Args:
        equity: where earlier releases lie.
        audience: of the candidate.
        built: the candidate.
        warehouse: the build file it came from.
    """
    # The solver takes a second to import and is needed here only.
    from dagster_project.lib.disclosure import pooled, statistics  # noqa: PLC0415
    from dagster_project.lib.disclosure.release_audit import (  # noqa: PLC0415
        SHOWN_ROWS,
        audit_release,
        visible_cells,
    )

    told_before = sorted(audience.store(equity).disclosed())
    try:
        told = registers(equity)
        rows, cells, relations, margins, in_pooled = (
            warehouse.execute(f"select * from indicators.ind_disclosure_{table}").df()  # noqa: S608 - constants
            for table in ("rows", "cells", "relations", "margins", "pooled")
        )
        parts = warehouse.execute(
            "select * from indicators.ind_own_statistic_parts where audience = ?", [audience.name]
        ).df()
        files = _files(equity, audience, built)
        shown = {name: _rows_of(file, SHOWN_ROWS[name]) for name, file in files.items()}
        found = audit_release(rows, cells, relations, shown, register=_all_told(told), margins=margins)
        visible = visible_cells(rows, shown[audience.name], audience.name)
    except DisclosureError as failure:
        return Attack(_suite(audience, None, str(failure)), None, told_before, [])
    figures = pd.concat(_rows_of(file, _FIGURES.format(table=_TABLE[name])) for name, file in files.items())
    entries = _entries(built, cells[cells["audience"] == audience.name], visible, told[audience.name])
    disclosed.write_entries(built.folder / audit.DISCLOSED_FILE, entries)
    return Attack(
        _suite(
            audience,
            found,
            "; ".join(found.reasons),
            units_told=pooled.told(in_pooled, figures),
            unproven=statistics.made_of_unseen(parts, figures),
        ),
        disclosed.in_short(entries),
        told_before,
        found.summary,
    )


def _files(equity: EquityResource, audience: Audience, built: Candidate) -> dict[str, Path]:
    """The candidate, and what its readers see beside it."""
    files = {audience.name: built.file}
    if audience is INTERNAL and (current := PUBLIC.store(equity).current()) is not None:
        files[PUBLIC.name] = current.file
    return files


def _rows_of(file: Path, query: str) -> pd.DataFrame:
    with connect(file) as connection:
        return connection.execute(query).df()


def _all_told(told: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(
        [register.latest(entries).assign(audience=audience) for audience, entries in told.items()],
        ignore_index=True,
    )


def _entries(built: Candidate, cells: pd.DataFrame, visible: set[str], told: pd.DataFrame) -> pd.DataFrame:
    """What the candidate tells that no earlier release told."""
    shown = cells.loc[cells["cell_id"].isin(visible) & ~cells["is_published_before"], ["cell_id", "value"]]
    entries = pd.DataFrame(
        {
            "release_id": built.release_id,
            "cell_id": register.versions(shown, told),
            "low": shown["value"],
            "high": shown["value"],
        }
    )
    return entries[~entries["cell_id"].isin(told["cell_id"])].reset_index(drop=True)


def _suite(
    audience: Audience,
    found: "ReleaseAudit | None",
    reasons: str,
    units_told: pd.DataFrame | None = None,
    unproven: pd.DataFrame | None = None,
) -> audit.SuiteResult:
    """The findings in the form of the audit record: how much was looked at, and what came of it.

    Args:
        audience: of the candidate.
        found: the audit of cells; ``None`` if it could not be carried out.
        reasons: why it refuses the candidate, or why it could not be carried out.
        units_told: see :func:`pooled.told`; ``None`` if it was not looked for.
        unproven: see :func:`statistics.made_of_unseen`; ``None`` if it was not looked for.
    """
    mine = {} if found is None else next(row for row in found.summary if row["audience"] == audience.name)
    looked_at = _finding(
        "figures_are_under_control",
        "expect_table_row_count_to_be_between",
        success=found is not None,
        requirement="varje siffra under sekretesskontroll ingår i granskningen",
        observed=f"{mine.get('cells', 0)} figures, {mine.get('hidden', 0)} of them hidden",
        why="What no relation describes cannot be protected.",
        how_to_resolve="Look at ind_disclosure_rows and ind_disclosure_relations.",
    )
    proven = _finding(
        "each_has_a_proof",
        "expect_column_values_to_not_be_null",
        success=found is not None,
        requirement="för varje siffra som inte får visas finns ett bevis för att den är skyddad",
        observed=f"{mine.get('primaries', 0)} figures may not be shown, {mine.get('protected', 0)} protected",
        why="A figure without a proof may be one that can be computed.",
        how_to_resolve="Run the gate again; if it persists, look at lib/disclosure/audit.py.",
    )
    attacked = _finding(
        "nobody_can_be_computed",
        "attacker_audit",
        success=found is not None and found.is_passed,
        requirement="ingen dold siffra kan räknas fram ur det som visas här och i tidigare utgåvor",
        observed=reasons[:300],
        why="A hidden figure that follows from those shown, and from all earlier releases, is shown.",
        how_to_resolve="Do not publish. Build anew; docs/operations.md says what to do with the register.",
    )
    pooled = _finding(
        "no_hidden_unit_is_told_by_what_is_pooled",
        "attacker_audit",
        success=units_told is not None and units_told.empty,
        requirement="ingen enhet som en myndighet dolt kan räknas fram ur det som är sammanlagt av enheter",
        observed=_counted(units_told, "times a hidden unit, or two together, can be solved"),
        why="What is pooled from units, less the units that are shown, leaves those that an agency hid.",
        how_to_resolve="Do not publish. Look at the rules for hidden units of ind_levels, ind_need_quarters.",
    )
    statistics = _finding(
        "statistics_are_made_of_what_is_shown",
        "attacker_audit",
        success=unproven is not None and unproven.empty,
        requirement="varje visat mått över enheter är räknat på siffror som också visas",
        observed=_counted(unproven, "statistics are made of a figure that is hidden"),
        why="Several statistics of the same units are as many equations in those that are hidden.",
        how_to_resolve="Do not publish. Look at ind_own_indicators, and at ind_own_statistic_parts.",
    )
    return audit.SuiteResult(
        suite=SUITE,
        table=_TABLE[audience.name],
        ran_at=dt.datetime.now(dt.UTC),
        expectations=[looked_at, proven, attacked, pooled, statistics],
    )


def _counted(found: pd.DataFrame | None, what: str) -> str:
    """How many, and of which indicators the first are; never of whom."""
    if found is None:
        return "not looked for"
    first = ", ".join(sorted(set(found["indicator_id"]))[:3])
    return f"{len(found)} {what}{f': {first}' if first else ''}"


def _finding(
    name: str, kind: str, *, success: bool, requirement: str, observed: str, why: str, how_to_resolve: str
) -> audit.ExpectationResult:
    return audit.ExpectationResult(
        id=name,
        type=kind,
        severity="critical",
        success=success,
        observed=observed,
        owner=_OWNER,
        why=why,
        how_to_resolve=how_to_resolve,
        # Critical, so no release shows more of it than what is asked.
        swedish=InSwedish(requirement=requirement, observed=""),
    )


def check_spec(audience: Audience) -> dg.AssetCheckSpec:
    """The attack as an asset check of the candidate."""
    return dg.AssetCheckSpec(
        CHECK_NAME,
        asset=audience.candidate_key,
        description=(
            "Whether a reader of the candidate, who has also read all earlier releases, can compute a figure "
            "that may not be shown."
        ),
    )


def check_result(audience: Audience, found: Attack) -> dg.AssetCheckResult:
    """Outcome of the check of :func:`check_spec`, with the figures of the attack in a table."""
    failed = [result for result in found.suite.expectations if not result.success]
    return dg.AssetCheckResult(
        asset_key=audience.candidate_key,
        check_name=CHECK_NAME,
        passed=not failed,
        severity=dg.AssetCheckSeverity.ERROR,
        description="\n".join(f"{r.id}: {r.observed} {r.why} {r.how_to_resolve}" for r in failed) or None,
        metadata={
            "attacks": dg.MetadataValue.table(
                [dg.TableRecord(dict(row)) for row in found.summary],
                schema=dg.TableSchema(
                    columns=[
                        dg.TableColumn("audience", "string"),
                        *(dg.TableColumn(name, "int") for name in _COUNTS),
                    ]
                ),
            ),
            "releases_taken_into_account": len(found.told_before),
        },
    )
