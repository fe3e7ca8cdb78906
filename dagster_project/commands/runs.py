"""Dagster runs that are at work, and those whose process is gone."""

from collections.abc import Sequence
from dataclasses import dataclass

from dagster import DagsterEventType, DagsterInstance, DagsterRunStatus, RunRecord, RunsFilter

from dagster_project.commands import processes
from dagster_project.lib.errors import WarehouseBusyError

PID_TAG = "equity/pid"
PROCESS_TAG = "equity/process"
HOST_TAG = "equity/host"

_IN_A_PROCESS = [DagsterRunStatus.STARTING, DagsterRunStatus.STARTED, DagsterRunStatus.CANCELING]
_ORPHANED = "Its process ended without a word (killed, or the machine was restarted)."


@dataclass(frozen=True)
class OpenRun:
    """A run that Dagster takes to be at work.

    Attributes:
        pid: its process, where that is known.
        is_orphaned: the process is known and gone.
        was_started_by: ``equity run`` or ``the web interface``.
    """

    record: RunRecord
    pid: int | None
    is_orphaned: bool
    was_started_by: str

    @property
    def run_id(self) -> str:
        return self.record.dagster_run.run_id


def process_tags(pid: int) -> dict[str, str]:
    """Tags by which a later process can tell whether the run's process still lives."""
    return {PID_TAG: str(pid), PROCESS_TAG: processes.identity(pid) or "", HOST_TAG: processes.host()}


def open_runs(instance: DagsterInstance) -> list[OpenRun]:
    """Runs that Dagster takes to be at work in a process, oldest first."""
    records = instance.get_run_records(RunsFilter(statuses=_IN_A_PROCESS), ascending=True)
    return [_open_run(instance, record) for record in records]


def _open_run(instance: DagsterInstance, record: RunRecord) -> OpenRun:
    tags = record.dagster_run.tags
    if PID_TAG in tags:
        pid = int(tags[PID_TAG])
        is_here = tags[HOST_TAG] == processes.host()
        is_orphaned = is_here and processes.identity(pid) != tags[PROCESS_TAG]
        return OpenRun(record, pid, is_orphaned, "`equity run`")
    seen = _last_seen_process(instance, record)
    if seen is None:
        return OpenRun(record, None, False, "the web interface")
    return OpenRun(record, seen[0], not processes.ran_at(*seen), "the web interface")


def _last_seen_process(instance: DagsterInstance, record: RunRecord) -> tuple[int, float] | None:
    """Pid and time of the latest event in which a run launched by the UI names its process."""
    entries = instance.all_logs(record.dagster_run.run_id, of_type=DagsterEventType.ENGINE_EVENT)
    for entry in reversed(entries):
        pid = entry.get_dagster_event().engine_event_data.metadata.get("pid")
        if pid is not None:
            return int(str(pid.value)), entry.timestamp
    return None


def fail_orphans(instance: DagsterInstance) -> list[str]:
    """Mark runs of dead processes as failed and free their place in the pool; returns their ids."""
    orphans = [run for run in open_runs(instance) if run.is_orphaned]
    for orphan in orphans:
        instance.report_run_failed(orphan.record.dagster_run, _ORPHANED)
    _free_slots_of_ended_runs(instance)
    return [orphan.run_id for orphan in orphans]


def _free_slots_of_ended_runs(instance: DagsterInstance) -> None:
    # The UI's daemon does the same, but need not be running; a step would wait for such a slot for ever.
    storage = instance.event_log_storage
    for run_id in storage.get_concurrency_run_ids():
        run = instance.get_run_by_id(run_id)
        if run is None or run.is_finished:
            storage.free_concurrency_slots_for_run(run_id)


def at_work(instance: DagsterInstance) -> Sequence[OpenRun]:
    """Runs whose process lives, or of which nothing is known."""
    return [run for run in open_runs(instance) if not run.is_orphaned]


def refuse_second_run(instance: DagsterInstance) -> None:
    """Let nothing start beside a run.

    Raises:
        WarehouseBusyError: a run is at work; says which.
    """
    runs = at_work(instance)
    if runs:
        first = runs[0]
        process = "" if first.pid is None else f", process {first.pid}"
        raise WarehouseBusyError(
            f"A run started by {first.was_started_by} is at work (run {first.run_id[:8]}{process}). "
            "Wait for it to end, or terminate it in the web interface (`equity ui`, page Runs)."
        )
