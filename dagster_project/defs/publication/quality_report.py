"""The quality report of a release: every expectation, its outcome, and what to do about those that failed."""

from pathlib import Path

from dagster_project.lib.release import audit
from dagster_project.lib.release.candidate import Candidate


def write_quality_report(built: Candidate) -> Path:
    """Write ``quality.md`` beside an audited candidate.

    Raises:
        ReleaseRefusedError: there is no audit record of exactly this file.
    """
    record = audit.load_for(built)
    lines = [
        f"# Kvalitetsrapport {built.release_id}",
        "",
        "Varje förväntan på utgåvan och hur den föll ut. Kritiska avvikelser stoppar publiceringen,",
        "varningar visas här.",
        "",
    ]
    warnings = record.warnings()
    lines += [f"## Varningar ({len(warnings)})", ""]
    for warning in warnings:
        lines += [
            f"- **{warning.id}**: {warning.observed}",
            f"  {warning.why} Ansvarig: {warning.owner}. Åtgärd: {warning.how_to_resolve}",
        ]
    lines += ["", "## Alla förväntningar", "", "| svit | förväntan | grad | utfall |", "|---|---|---|---|"]
    outcome = {True: "uppfylld", False: "avvikelse", None: "kördes inte"}
    lines += [
        f"| {suite.suite} | {result.id} | {result.severity} | {outcome[result.success]} |"
        for suite in record.suites
        for result in suite.expectations
    ]
    path = built.folder / "quality.md"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
