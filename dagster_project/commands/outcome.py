"""How a run ended, from its events: published, nothing new, refused by the gate, or failed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from dagster import DagsterEvent, DagsterEventType

from dagster_project.commands.progress import in_words
from dagster_project.lib.errors import EquityError

Ending = Literal["published", "nothing_new", "refused", "failed"]

# Steps that let readers see something new.
_RELEASES = ("release", "release_internal")


@dataclass(frozen=True)
class Failure:
    """One step that failed.

    Attributes:
        message: for people when the error is one of ours, else as the library put it.
        traceback: of an unexpected error only.
    """

    step: str
    message: str
    traceback: str | None


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Attributes:
        release_id: of the release this run published.
        failures: steps that failed, in order.
        left_out: sentences on what the run did not fetch on purpose.
        dbt_tests, dbt_tests_failed: number of the build's tests that ran, and of those that did not hold.
    """

    ending: Ending
    release_id: str | None
    failures: Sequence[Failure]
    left_out: Sequence[str]
    dbt_tests: int
    dbt_tests_failed: int


def judge(events: Sequence[DagsterEvent], *, success: bool) -> Outcome:
    """Read a finished run's events; ``success`` is the run's own verdict."""
    failures = [_failure(event) for event in events if event.event_type is DagsterEventType.STEP_FAILURE]
    metadata = [
        (event.step_key, event.step_materialization_data.materialization.metadata)
        for event in events
        if event.event_type is DagsterEventType.ASSET_MATERIALIZATION
    ]
    published = [
        str(each["release_id"].value) for step, each in metadata if step in {"release", "release_internal"}
    ]
    tests = [
        event.asset_check_evaluation_data
        for event in events
        if event.event_type is DagsterEventType.ASSET_CHECK_EVALUATION and event.step_key == "warehouse"
    ]
    return Outcome(
        ending=_ending(events, bool(published), success),
        release_id=published[0] if published else None,
        failures=failures,
        left_out=list(
            dict.fromkeys(str(each["left_out"].value) for _, each in metadata if "left_out" in each)
        ),
        dbt_tests=len(tests),
        dbt_tests_failed=sum(not test.passed for test in tests),
    )


def _ending(events: Iterable[DagsterEvent], is_published: bool, success: bool) -> Ending:
    if is_published and success:
        return "published"
    if success:
        return "nothing_new"
    is_refusal = any(
        event.event_type is DagsterEventType.STEP_FAILURE
        and event.step_key in _RELEASES
        and event.step_failure_data.user_failure_data is not None
        for event in events
    )
    return "refused" if is_refusal else "failed"


def _failure(event: DagsterEvent) -> Failure:
    data = event.step_failure_data
    step = in_words(event.step_key or "")
    if data.user_failure_data is not None and data.user_failure_data.description:
        return Failure(step, data.user_failure_data.description, None)
    # The library's own error is on the outside; the one that was raised in the step is innermost.
    error = data.error
    while error is not None and error.cause is not None and error.cls_name not in _our_errors():
        error = error.cause
    if error is None:
        return Failure(step, "It failed without saying why.", None)
    # "package.module.WarehouseBusyError: the sentence"
    message = error.message.partition(": ")[2].strip() or error.message.strip()
    if error.cls_name in _our_errors():
        return Failure(step, message, None)
    return Failure(step, f"{error.cls_name}: {message}", data.error.to_string() if data.error else None)


def _our_errors() -> set[str]:
    def below(kind: type[EquityError]) -> Iterable[str]:
        yield kind.__name__
        for child in kind.__subclasses__():
            yield from below(child)

    return set(below(EquityError))
