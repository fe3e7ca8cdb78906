"""How a run ended, judged from the events of real Dagster runs of small jobs with the same step names."""

import uuid
from collections.abc import Callable

import dagster as dg
import pytest
from rich.console import Console

from dagster_project.commands.outcome import Outcome, judge
from dagster_project.commands.progress import RunProgress, in_words
from dagster_project.lib.errors import ReleaseRefusedError, WarehouseBusyError

Judge = Callable[..., Outcome]


def _outcome(release_step: Callable[[], object], *, built: bool = True) -> Outcome:
    @dg.multi_asset(
        name="warehouse",
        outs={"pub_units": dg.AssetOut(is_required=False)},
        check_specs=[dg.AssetCheckSpec(name, asset="pub_units") for name in ("unique", "range")],
        can_subset=True,  # as dbt's assets: a test that does not run is no error
    )
    def warehouse():
        if built:
            yield dg.Output(None, "pub_units")
            yield dg.AssetCheckResult(passed=True, check_name="unique")
            yield dg.AssetCheckResult(passed=False, check_name="range", severity=dg.AssetCheckSeverity.WARN)

    @dg.asset(key=["kolada", "kolada_kpis"])
    def kolada_kpis() -> dg.MaterializeResult:
        return dg.MaterializeResult(metadata={"left_out": "Kolada: no recorded answers."})

    @dg.asset(deps=["pub_units"])
    def release():
        return release_step()

    run_id = str(uuid.uuid4())
    job = dg.Definitions(
        assets=[warehouse, kolada_kpis, release],
        jobs=[dg.define_asset_job("daily", executor_def=dg.in_process_executor)],
    ).resolve_job_def("daily")
    with (
        dg.DagsterInstance.ephemeral() as instance,
        RunProgress(Console(quiet=True), steps=3) as progress,
    ):
        instance.add_event_listener(run_id, progress.listen)
        result = job.execute_in_process(instance=instance, run_id=run_id, raise_on_error=False)
    return judge(progress.events, success=result.success)


def _publish() -> dg.MaterializeResult:
    return dg.MaterializeResult(metadata={"release_id": "R000007"})


def test_a_published_run_names_its_release_its_tests_and_what_it_left_out():
    outcome = _outcome(_publish)

    assert (outcome.ending, outcome.release_id) == ("published", "R000007")
    assert (outcome.dbt_tests, outcome.dbt_tests_failed) == (2, 1)
    assert outcome.left_out == ["Kolada: no recorded answers."]


def test_a_run_that_built_nothing_has_nothing_new():
    outcome = _outcome(_publish, built=False)

    assert (outcome.ending, outcome.release_id) == ("nothing_new", None)


def test_a_refusal_by_the_gate_keeps_the_gate_s_own_words():
    def refuse() -> None:
        raise dg.Failure("Release refused. Suite x: 3 rows are wrong.") from ReleaseRefusedError("x")

    outcome = _outcome(refuse)

    assert outcome.ending == "refused"
    (failure,) = outcome.failures
    assert (failure.message, failure.traceback) == ("Release refused. Suite x: 3 rows are wrong.", None)


def test_an_error_of_ours_in_a_step_is_its_message_alone():
    def busy() -> None:
        raise WarehouseBusyError("warehouse.duckdb is held by another process: wait.")

    outcome = _outcome(busy)

    assert outcome.ending == "failed"
    (failure,) = outcome.failures
    assert failure.step == "Publish"
    assert failure.message == "warehouse.duckdb is held by another process: wait."
    assert failure.traceback is None


def test_an_unexpected_error_in_a_step_keeps_its_traceback():
    def stumble() -> None:
        raise ZeroDivisionError("division")

    (failure,) = _outcome(stumble).failures

    assert failure.message == "ZeroDivisionError: division"
    assert failure.traceback is not None
    assert "in stumble" in failure.traceback


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("siris__siris_final_grades_y9", "Fetch and load SIRIS: final grades y9"),
        ("gate", "Check the candidate against the expectations"),
        ("something_new", "something new"),
    ],
)
def test_steps_are_named_in_words(step: str, words: str):
    assert in_words(step) == words
