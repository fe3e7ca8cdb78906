"""Runs whose process was killed: noticed, marked as failed, and out of the way of the next one."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from dagster_project import settings
from dagster_project.commands import installation, runs

# A run whose only step takes the pool's slot, then kills the process or waits for its input to end.
_PROGRAM = """
import os, signal, sys
import dagster as dg
from dagster_project.commands import runs

ending, is_tagged = sys.argv[1], sys.argv[2] == "tagged"

@dg.asset(pool="warehouse")
def work():
    if ending == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    print("at work", flush=True)
    sys.stdin.read()

job = dg.Definitions(assets=[work], jobs=[dg.define_asset_job("daily")]).resolve_job_def("daily")
with dg.DagsterInstance.get() as instance:
    job.execute_in_process(instance=instance, tags=runs.process_tags(os.getpid()) if is_tagged else {})
"""


@pytest.fixture
def instance(data_dir: Path) -> Iterator[dg.DagsterInstance]:
    installation.prepare_dagster_home(settings.load())
    with dg.DagsterInstance.get() as opened:
        yield opened


def _process(ending: str, tagged: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, ending, tagged],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


@pytest.mark.parametrize("tagged", ["tagged", "launched by the UI"])
def test_a_killed_run_is_marked_as_failed_and_gives_its_place_in_the_pool_back(
    instance: dg.DagsterInstance, tagged: str
):
    killed = _process("killed", tagged)
    killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL
    (orphan,) = runs.open_runs(instance)
    assert orphan.is_orphaned
    assert instance.event_log_storage.get_concurrency_info("warehouse").active_slot_count == 1

    assert runs.fail_orphans(instance) == [orphan.run_id]

    assert runs.open_runs(instance) == []
    ended = instance.get_run_by_id(orphan.run_id)
    assert ended is not None
    assert ended.status is dg.DagsterRunStatus.FAILURE
    assert instance.event_log_storage.get_concurrency_info("warehouse").active_slot_count == 0


@pytest.mark.parametrize("tagged", ["tagged", "launched by the UI"])
def test_a_run_at_work_is_left_alone(instance: dg.DagsterInstance, tagged: str):
    with _process("waits", tagged) as at_work:
        assert at_work.stdout is not None
        for line in at_work.stdout:
            if line == "at work\n":
                break

        assert runs.fail_orphans(instance) == []
        (found,) = runs.at_work(instance)
        assert found.pid == at_work.pid
        assert instance.event_log_storage.get_concurrency_info("warehouse").active_slot_count == 1
        at_work.communicate(timeout=60)


def test_a_run_of_another_machine_is_not_judged_from_here(instance: dg.DagsterInstance):
    killed = _process("killed", "tagged")
    killed.communicate(timeout=60)
    (orphan,) = runs.open_runs(instance)
    instance.add_run_tags(orphan.run_id, {runs.HOST_TAG: "another-machine"})

    assert runs.fail_orphans(instance) == []
    assert len(runs.at_work(instance)) == 1


def test_the_tags_are_those_of_this_very_process():
    tags = runs.process_tags(os.getpid())

    assert tags[runs.PID_TAG] == str(os.getpid())
    assert tags[runs.PROCESS_TAG]
