"""`equity run`: the job the schedules start, in this process, with its steps and results in plain words."""

import os
import uuid
from pathlib import Path
from typing import Any

from dagster import DagsterInstance, JobDefinition
from rich.console import Console
from rich.markup import escape

from dagster_project.commands import installation, quiet, runs, summary
from dagster_project.commands.outcome import Outcome, judge
from dagster_project.commands.progress import RunProgress
from dagster_project.commands.run_lock import only_run
from dagster_project.commands.words import say
from dagster_project.lib.errors import SettingsError
from dagster_project.lib.release.store import ReleaseStore
from dagster_project.lib.release.sweep import sweep
from dagster_project.settings import Settings

LOG_FILE = "last_run.log"


def run(*, settings: Settings, refresh: bool, even_if_unchanged: bool, verbose: bool) -> int:
    """Execute ``daily`` (or ``open_data_refresh``) and print a summary.

    Returns:
        Exit code: 0 published or nothing new, 1 refused or failed.

    Raises:
        SettingsError: no municipality has the code in the settings.
        WarehouseBusyError: another run is at work.
        StorageFailedError: the disk does not take what is to be written.
    """
    if installation.municipality_name(settings.municipality) is None:
        raise SettingsError(
            f"No municipality has the code {settings.municipality}. Codes are in "
            "seeds/reference/ref_municipalities.csv; choose one with --municipality or EQUITY_MUNICIPALITY."
        )
    installation.prepare_dagster_home(settings)
    with only_run(settings.data_dir):
        if verbose:
            return _run(Console(), settings, refresh, even_if_unchanged, log_file=None)
        log_file = settings.data_dir / LOG_FILE
        with quiet.output_to(log_file) as console:
            return _run(console, settings, refresh, even_if_unchanged, log_file)


def _run(
    console: Console, settings: Settings, refresh: bool, even_if_unchanged: bool, log_file: Path | None
) -> int:
    with DagsterInstance.get() as instance:
        for run_id in runs.fail_orphans(instance):
            say(console, f"Run {run_id[:8]} had ended without a word; it is now marked as failed.")
        runs.refuse_second_run(instance)
        for sentence in sweep(ReleaseStore(settings.data_dir)):
            say(console, f"Put right after an interrupted run: {escape(sentence)}")
        with console.status("Reading the project (the first time this parses the dbt models)"):
            from dagster_project.definitions import defs  # noqa: PLC0415 - parses dbt, reads the settings

            job = defs.resolve_job_def("open_data_refresh" if refresh else "daily")
        run_id = str(uuid.uuid4())
        outcome = _execute(console, instance, job, run_id, even_if_unchanged)
    summary.print_summary(console, settings, outcome, run_id=run_id, log_file=log_file)
    return 0 if outcome.ending in {"published", "nothing_new"} else 1


def _execute(
    console: Console, instance: DagsterInstance, job: JobDefinition, run_id: str, even_if_unchanged: bool
) -> Outcome:
    config: dict[str, Any] = {**(job.run_config or {})}
    if even_if_unchanged:
        config["ops"] = {**config.get("ops", {}), "warehouse": {"config": {"even_if_unchanged": True}}}
    with RunProgress(console, steps=len(job.graph.node_dict)) as progress:
        instance.add_event_listener(run_id, progress.listen)
        result = job.execute_in_process(
            run_config=config,
            instance=instance,
            run_id=run_id,
            tags=runs.process_tags(os.getpid()),
            raise_on_error=False,
        )
    return judge(progress.events, success=result.success)
