"""The audit record: what the gate found for exactly one candidate file, and the verdict on it.

Great Expectations passes an empty suite, an empty table and a column without values. The verdict therefore
asks not only whether anything failed but whether enough was asked.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictBool, ValidationError, computed_field

from dagster_project.lib.errors import ReleaseRefusedError
from dagster_project.lib.expectations.swedish import InSwedish
from dagster_project.lib.release import durable
from dagster_project.lib.release.candidate import Candidate
from dagster_project.lib.release.event_log import Disclosed

AUDIT_FILE = "audit.json"
# Beside the candidate: the cells that its publication would make known for good.
DISCLOSED_FILE = "disclosed.parquet"

ROW_COUNT_TYPES = frozenset({"expect_table_row_count_to_be_between", "expect_table_row_count_to_equal"})
NOT_NULL_TYPES = frozenset(
    {
        "expect_column_values_to_not_be_null",
        "expect_column_proportion_of_non_null_values_to_be_between",
    }
)

# Long enough for a sentence, too short for a list of rows.
ObservedText = Annotated[str, Field(max_length=300)]


class ExpectationResult(BaseModel):
    """What one expectation found.

    Attributes:
        id: stable identifier of the expectation within its suite.
        type: Great Expectations name, such as ``expect_table_row_count_to_be_between``.
        severity: ``critical`` refuses the release, ``warning`` is shown with it, ``info`` is kept.
        success: ``None`` when the expectation gave no result.
        observed: aggregate in words or figures, never values of single rows.
        owner, why, how_to_resolve: who answers for it, what it protects, what to do when it fails.
        rows_affected: number of rows that break it, when it counts rows.
        swedish: the texts of the quality report; records of earlier versions have none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    type: str
    severity: Literal["critical", "warning", "info"]
    success: StrictBool | None
    observed: ObservedText = ""
    owner: str
    why: str
    how_to_resolve: str
    rows_affected: int | None = None
    swedish: InSwedish | None = None


class SuiteResult(BaseModel):
    """All results of one suite; ``table`` is the name of the table as published."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    suite: str
    table: str
    ran_at: AwareDatetime
    expectations: list[ExpectationResult]

    def has(self, types: frozenset[str]) -> bool:
        """Whether an expectation of one of these types is in the suite."""
        return any(expectation.type in types for expectation in self.expectations)

    def warnings(self) -> list[ExpectationResult]:
        """Those of its expectations that failed without stopping the release."""
        return [e for e in self.expectations if e.success is False and e.severity == "warning"]


class RefusedBreakdown(BaseModel):
    """A breakdown of an indicator of which nothing, or not everything, could be shown.

    Attributes:
        audience: who does not get it.
        indicator_id, entity_type, dimension: the indicator, broken down by ``dimension`` for each unit, area
            or municipality.
        figures: how many figures are hidden with it.
        why_sv: the reason, in Swedish.
    """

    model_config = ConfigDict(frozen=True)

    audience: str
    indicator_id: str
    entity_type: str
    dimension: str
    figures: int
    why_sv: str


class AuditRecord(BaseModel):
    """The gate's findings, bound to one candidate by its build id and the sha256 of its file.

    Attributes:
        build_id, file_sha256: of the candidate.
        code_fingerprint: of code and deliveries.
        suites: what was found.
        required_suites: those without which there is no publication.
        disclosed: what publication would make known, in short; the cells lie in ``DISCLOSED_FILE``.
        disclosed_before: releases whose disclosures the attacker audit took into account.
        attacks: the attacker audit in figures, one row per audience.
        refused_breakdowns: what could not be protected otherwise than by hiding it whole.
    """

    model_config = ConfigDict(frozen=True)

    build_id: str
    file_sha256: str
    code_fingerprint: str
    suites: list[SuiteResult]
    required_suites: list[str]
    disclosed: Disclosed | None = None
    disclosed_before: list[str] = []
    attacks: list[dict[str, int | str | None]] = []
    refused_breakdowns: list[RefusedBreakdown] = []

    @computed_field  # type: ignore[prop-decorator]
    @property
    def verdict(self) -> Literal["passed", "refused"]:
        """``passed`` only if nothing speaks against the release."""
        return "refused" if self.refusals() else "passed"

    def refusals(self) -> list[str]:
        """Every reason against publication, one sentence each; empty when there is none."""
        return [*self._missing(), *self._vacuous(), *self._without_result(), *self._failed()]

    def unaudited(self, tables: list[str]) -> list[str]:
        """Those of ``tables`` that no required suite looks at."""
        covered = {suite.table for suite in self.suites if suite.suite in self.required_suites}
        return [table for table in tables if table not in covered]

    def warnings(self) -> list[ExpectationResult]:
        """Failed expectations that do not stop the release but are shown with it."""
        return [e for suite in self.suites for e in suite.warnings()]

    def _results(self) -> Iterator[tuple[SuiteResult, ExpectationResult]]:
        for suite in self.suites:
            for expectation in suite.expectations:
                yield suite, expectation

    def _missing(self) -> Iterator[str]:
        if not self.required_suites:
            yield "No suite is required, so nothing was audited. Name the suites of expectations/published."
        present = {suite.suite for suite in self.suites}
        for name in self.required_suites:
            if name not in present:
                yield f"Suite {name}: it was required but did not run. Run the gate again."

    def _vacuous(self) -> Iterator[str]:
        for suite in self.suites:
            if suite.suite not in self.required_suites:
                continue
            if not suite.expectations:
                yield f"Suite {suite.suite}: it holds no expectation. Add some to its file."
                continue
            if not suite.has(ROW_COUNT_TYPES):
                yield (
                    f"Suite {suite.suite}: no expectation on the number of rows, so an empty table passes. "
                    "Add expect_table_row_count_to_be_between."
                )
            if not suite.has(NOT_NULL_TYPES):
                yield (
                    f"Suite {suite.suite}: no expectation on missing values, so an empty column passes. "
                    "Add expect_column_values_to_not_be_null."
                )

    def _without_result(self) -> Iterator[str]:
        for suite, expectation in self._results():
            if expectation.success is None:
                yield (
                    f"Suite {suite.suite}, expectation {expectation.id}: it gave no result. "
                    f"Owner: {expectation.owner}. Run the gate again; if it persists, mend the expectation."
                )

    def _failed(self) -> Iterator[str]:
        for suite, expectation in self._results():
            if expectation.success is False and expectation.severity == "critical":
                rows = "" if expectation.rows_affected is None else f" ({expectation.rows_affected} rows)"
                observed = f" Observed: {expectation.observed}." if expectation.observed else ""
                yield (
                    f"Suite {suite.suite}, expectation {expectation.id} on table {suite.table} failed{rows}."
                    f"{observed} Why it matters: {expectation.why} Owner: {expectation.owner}. "
                    f"What to do: {expectation.how_to_resolve}"
                )


def save(record: AuditRecord, candidate: Candidate) -> Path:
    """Write ``record`` beside the candidate, atomically, and return the file.

    Raises:
        ReleaseRefusedError: the record is of another build.
    """
    _refuse_other_build(record, candidate)
    path = candidate.folder / AUDIT_FILE
    durable.write_atomically(path, record.model_dump_json(indent=2))
    return path


def load_for(candidate: Candidate) -> AuditRecord:
    """The audit record of exactly this candidate file.

    The verdict is not judged here: see :meth:`AuditRecord.refusals`.

    Raises:
        ReleaseRefusedError: no record, an unreadable one, one of another build, or a file that has changed
            since it was audited.
    """
    path = candidate.folder / AUDIT_FILE
    if not path.is_file():
        raise ReleaseRefusedError(
            f"Build {candidate.build_id}: the candidate has not been audited. Run the gate, then publish."
        )
    try:
        record = AuditRecord.model_validate_json(path.read_text(encoding="utf-8"))
    except (ValidationError, UnicodeDecodeError) as damage:
        raise ReleaseRefusedError(
            f"Build {candidate.build_id}: {AUDIT_FILE} is not a complete audit record. Run the gate again."
        ) from damage
    _refuse_other_build(record, candidate)
    if not candidate.file.is_file():
        raise ReleaseRefusedError(
            f"Build {candidate.build_id}: the candidate's file is gone. Build it again."
        )
    found = durable.sha256(candidate.file)
    for digest, when in ((candidate.sha256, "built"), (record.file_sha256, "audited")):
        if found != digest:
            raise ReleaseRefusedError(
                f"Build {candidate.build_id}: {candidate.file.name} is not the file that was {when}. "
                "Build and audit it again."
            )
    return record


def _refuse_other_build(record: AuditRecord, candidate: Candidate) -> None:
    if record.build_id != candidate.build_id:
        raise ReleaseRefusedError(
            f"Build {candidate.build_id}: the audit record is of build {record.build_id}. "
            "Run the gate on this candidate."
        )
