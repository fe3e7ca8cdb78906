"""One `equity run` at a time on one data directory."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from dagster_project.commands.installation import prepare_dagster_home
from dagster_project.lib.errors import WarehouseBusyError
from dagster_project.lib.release.lock import exclusive
from dagster_project.settings import Settings

LOCK_FILE = ".run.lock"


@contextmanager
def no_run(settings: Settings) -> Iterator[None]:
    """Change what is stored while no run is at work, neither from the command line nor from the UI.

    Raises:
        WarehouseBusyError: one is.
    """
    from dagster import DagsterInstance  # noqa: PLC0415 - takes seconds

    from dagster_project.commands import runs  # noqa: PLC0415

    prepare_dagster_home(settings)
    with only_run(settings.data_dir):
        with DagsterInstance.get() as instance:
            runs.fail_orphans(instance)
            runs.refuse_second_run(instance)
        yield


@contextmanager
def only_run(data_dir: Path) -> Iterator[None]:
    """Be the only `equity run`; the kernel frees the lock when the process ends, also by a kill.

    Raises:
        WarehouseBusyError: another one is at work.
    """
    with ExitStack() as stack:
        try:
            # `equity status` holds it for an instant to see whether it is free.
            stack.enter_context(exclusive(data_dir / LOCK_FILE, wait_seconds=2))
        except WarehouseBusyError as busy:
            raise WarehouseBusyError(
                "Another `equity run` is at work on this data directory. Wait for it to end, or see "
                "`equity doctor` for the process."
            ) from busy
        yield
