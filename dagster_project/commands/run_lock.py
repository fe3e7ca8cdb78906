"""One `equity run` at a time on one data directory."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from dagster_project.lib.errors import WarehouseBusyError
from dagster_project.lib.release.lock import exclusive

LOCK_FILE = ".run.lock"


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
