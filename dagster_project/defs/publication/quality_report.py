"""The quality report of a release, in Swedish: every expectation, its outcome, what to do about warnings."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dagster_project.lib.expectations.swedish import InSwedish
from dagster_project.lib.release import audit
from dagster_project.lib.release.candidate import Candidate

OWNERS: Final = {
    "data-engineering": "datateamet",
    "source-system": "källsystemets förvaltare",
    "statistics": "statistikansvarig",
}
_SEVERITY: Final = {"critical": "kritisk", "warning": "varning", "info": "upplysning"}
_OUTCOME: Final = {True: "uppfylld", False: "avvikelse", None: "kördes inte"}


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
        f"## Varningar ({len(record.warnings())})",
        "",
        *(line for suite in record.suites for warning in suite.warnings() for line in _shown(suite, warning)),
        "## Alla förväntningar",
        "",
        "| svit | krav | grad | utfall | förväntan |",
        "|---|---|---|---|---|",
        *(_row(suite, result) for suite in record.suites for result in suite.expectations),
    ]
    path = built.folder / "quality.md"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _shown(suite: audit.SuiteResult, warning: audit.ExpectationResult) -> Iterator[str]:
    words = _words(warning)
    yield f"### `{suite.table}`: `{warning.id}`"
    yield ""
    yield f"- Krav: {words.requirement}."
    yield f"- Utfall: {words.observed}."
    yield f"- Varför det spelar roll: {words.why or warning.why}"
    yield f"- Åtgärd: {words.how_to_resolve or warning.how_to_resolve}"
    yield f"- Ansvarig: {OWNERS.get(warning.owner, warning.owner)}."
    yield ""


def _row(suite: audit.SuiteResult, result: audit.ExpectationResult) -> str:
    # A bar ends the cell of a table, also within code.
    requirement = _words(result).requirement.replace("|", "\\|")
    return (
        f"| {suite.suite} | {requirement} | {_SEVERITY[result.severity]} | {_OUTCOME[result.success]} "
        f"| `{result.id}` |"
    )


def _words(result: audit.ExpectationResult) -> InSwedish:
    """The result in Swedish; a candidate that an earlier version audited has only its English words."""
    return result.swedish or InSwedish(requirement=result.id, observed=result.observed)
