"""A person's word that the revisions of a candidate are right.

An approval is a line in the log. It is of one file (by its sha256), seen against one predecessor: neither
another build, nor the same build after a rollback, is approved by it.
"""

import os
import pwd

from dagster_project.lib.errors import ReleaseNotFoundError, ReleaseRefusedError
from dagster_project.lib.release.candidate import Candidate, load_candidate
from dagster_project.lib.release.event_log import LogEvent
from dagster_project.lib.release.store import LOCK_WAIT_SECONDS, ReleaseStore


def candidate_of(store: ReleaseStore, release_id: str) -> Candidate:
    """The candidate that would become release ``release_id``.

    Raises:
        ReleaseNotFoundError: none waits under this id.
    """
    waiting = [
        load_candidate(store.candidates_dir, path.parent.name)
        for path in store.candidates_dir.glob("[!.]*/candidate.json")
    ]
    for candidate in waiting:
        if candidate.release_id == release_id:
            return candidate
    known = ", ".join(sorted(candidate.release_id for candidate in waiting)) or "none"
    raise ReleaseNotFoundError(f"No candidate waits under the id {release_id}. Waiting: {known}.")


def approve(
    store: ReleaseStore,
    candidate: Candidate,
    reason: str,
    *,
    by: str | None = None,
    wait_seconds: float = LOCK_WAIT_SECONDS,
) -> LogEvent:
    """Write down that a person has looked at the revisions of ``candidate``.

    It opens nothing else: the gate judges the candidate at publication as it judges every other.

    Args:
        store: whose log.
        candidate: what was looked at.
        reason: why the revisions are right; stands in the log and in the release.
        by: who; the user of this process unless given.
        wait_seconds: how long to wait for a publisher.

    Raises:
        ReleaseRefusedError: no reason is given.
        WarehouseBusyError: see :meth:`ReleaseStore.lock`.
    """
    if not reason.strip():
        raise ReleaseRefusedError("An approval needs a reason: it stands in the log for those who ask later.")
    with store.lock(wait_seconds):
        event = LogEvent(
            event="approved",
            release_id=candidate.release_id,
            build_id=candidate.build_id,
            previous=store.pointer(),
            reasons=[reason],
            by=by or this_user(),
            file_sha256=candidate.sha256,
        )
        store.log.append(event)
    return event


def approval_of(store: ReleaseStore, candidate: Candidate) -> LogEvent | None:
    """The latest approval of exactly this file against what ``current`` leads to now."""
    approvals = [
        event
        for event in store.log.events()
        if event.event == "approved"
        and event.file_sha256 == candidate.sha256
        and event.previous == store.pointer()
    ]
    return approvals[-1] if approvals else None


def this_user() -> str:
    """Login of the user this process runs as; not what an environment variable says."""
    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"
