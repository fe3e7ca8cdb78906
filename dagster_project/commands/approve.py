"""`equity releases approve`: a person says that a held release's revisions are right, and it is published."""

import os
import uuid
from collections.abc import Sequence

from dagster import AssetKey, DagsterInstance
from rich.console import Console
from rich.markup import escape

from dagster_project.commands import installation, quiet, runs
from dagster_project.commands.outcome import judge
from dagster_project.commands.releases import store_for
from dagster_project.commands.run import LOG_FILE
from dagster_project.commands.run_lock import only_run
from dagster_project.commands.words import say
from dagster_project.lib.errors import ReleaseRefusedError
from dagster_project.lib.release.approval import approve, candidate_of
from dagster_project.lib.release.publish import revisions_beside
from dagster_project.settings import Settings

# The administration's release follows the public one.
_AFTER_APPROVAL = {False: ("release", "candidate_internal", "release_internal"), True: ("release_internal",)}


def approve_release(release_id: str, reason: str, settings: Settings, *, internal: bool) -> int:
    """Log the approval and publish exactly that candidate through the gate.

    Args:
        release_id: id the candidate would get.
        reason: why the revisions are right.
        settings: of the installation.
        internal: a candidate for the administration, not for everybody.

    Returns:
        Exit code: 0 published, 1 refused for another reason; the approval then stands in the log.

    Raises:
        ReleaseNotFoundError: no candidate waits under this id.
        ReleaseRefusedError: it does not wait for an approval, or no reason is given.
        WarehouseBusyError: a run is at work.
    """
    store = store_for(settings, internal=internal)
    candidate = candidate_of(store, release_id)
    revisions = revisions_beside(candidate)
    if not revisions.needs_approval or revisions.compared_with != store.pointer():
        raise ReleaseRefusedError(
            f"Release {release_id} does not wait for an approval against the current release. "
            "`equity run` builds and publishes; it says when an approval is needed."
        )
    installation.prepare_dagster_home(settings)
    with only_run(settings.data_dir):
        approved = approve(store, candidate, reason)
        with quiet.output_to(settings.data_dir / LOG_FILE) as console:
            say(console, f"{approved.by} has approved {release_id}; it stands in the log. Publishing.")
            return _publish(console, release_id, _AFTER_APPROVAL[internal])


def _publish(console: Console, release_id: str, steps: Sequence[str]) -> int:
    from dagster_project.definitions import defs  # noqa: PLC0415 - parses dbt, reads the settings

    with DagsterInstance.get() as instance:
        result = defs.resolve_job_def("daily").execute_in_process(
            run_config={"ops": {steps[0]: {"config": {"release_id": release_id}}}},
            instance=instance,
            run_id=str(uuid.uuid4()),
            tags=runs.process_tags(os.getpid()),
            asset_selection=[AssetKey(name) for name in steps],
            raise_on_error=False,
        )
    outcome = judge(result.all_events, success=result.success)
    is_published = outcome.release_id == release_id
    if is_published:
        say(console, f"Readers now see {release_id}.")
    for failure in outcome.failures:
        say(console, f"[red]{escape(failure.step)}: not done.[/] {escape(failure.message)}")
    return 0 if is_published else 1
