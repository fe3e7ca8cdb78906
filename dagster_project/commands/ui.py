"""`equity ui`: the web interface, on the runs and settings that `equity run` uses."""

import os
import sys

from rich.console import Console

from dagster_project.commands.installation import prepare_dagster_home, settings_in_force
from dagster_project.commands.words import say


def start(*, host: str, port: int) -> None:
    """Become `dagster dev`; does not return.

    Raises:
        SettingsError: see :func:`prepare_dagster_home`.
    """
    home = prepare_dagster_home(settings_in_force())
    _fail_orphans(Console())
    # There Dagster finds the dagster.yaml it is to use, and no other.
    os.chdir(home)
    arguments = ["-m", "dagster", "dev", "-m", "dagster_project.definitions", "-h", host, "-p", str(port)]
    sys.stdout.flush()
    os.execvpe(sys.executable, [sys.executable, *arguments], os.environ)


def _fail_orphans(console: Console) -> None:
    # One run at a time: a dead one would keep the queue waiting until its longest time is over.
    from dagster import DagsterInstance  # noqa: PLC0415

    from dagster_project.commands import runs  # noqa: PLC0415

    with DagsterInstance.get() as instance:
        for run_id in runs.fail_orphans(instance):
            say(console, f"Run {run_id[:8]} had ended without a word; it is now marked as failed.")
