"""What came of running a suite. Counts and texts from the suite only: no value of the data is ever kept."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from dagster_project.lib.expectations.suite import Severity, Stage
from dagster_project.lib.expectations.swedish import InSwedish

Outcome = Literal["passed", "failed", "vacuous", "did_not_run"]
"""``vacuous``: there was nothing to look at, so nothing is proven. ``did_not_run``: no result came about."""


class ExpectationResult(BaseModel):
    """One expectation's result.

    Attributes:
        columns: the columns looked at; empty for an expectation on the table as a whole.
        observed: one sentence for people: counts, sums, means; never a cell.
        element_count: rows of the table, after ``where``; none when the table could not be read.
        evaluated_count: those rows that hold something to look at.
        unexpected_count: those of them that break the rule, where the expectation judges rows.
        exception_class: name of the error's class when it did not run; never the error's text.
        swedish: what is asked, observed and to be done, for the quality report.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    type: str
    columns: tuple[str, ...]
    where: str | None
    severity: Severity
    outcome: Outcome
    observed: str
    element_count: int | None
    evaluated_count: int | None
    unexpected_count: int | None
    exception_class: str | None
    owner: str
    why: str
    how_to_resolve: str
    swedish: InSwedish

    @property
    def success(self) -> bool:
        """The data was looked at and meets the rule."""
        return self.outcome == "passed"

    @property
    def refuses(self) -> bool:
        """Stops a publication: a critical rule not met, or a rule of any severity that did not run."""
        return self.outcome == "did_not_run" or (self.severity == "critical" and not self.success)


class SuiteResult(BaseModel):
    """One suite's results, in the order of its file.

    Attributes:
        suite_sha256: the exact suite (and query) that was run.
        row_count: rows of the table, before any ``where``; none when it could not be read.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    table: str
    stage: Stage
    required: bool
    suite_sha256: str
    row_count: int | None
    expectations: tuple[ExpectationResult, ...]

    @property
    def refusals(self) -> tuple[ExpectationResult, ...]:
        """The results that stop a publication."""
        return tuple(result for result in self.expectations if result.refuses)

    @property
    def passed(self) -> bool:
        """Something was looked at and nothing refuses. Warnings may be among the results."""
        return bool(self.expectations) and not self.refusals
