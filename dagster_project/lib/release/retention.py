"""Which releases and candidates may go, and how they go without a reader noticing."""

from collections.abc import Callable

from dagster_project.lib.release import durable, ids
from dagster_project.lib.release.candidate import load_candidate
from dagster_project.lib.release.event_log import LogEvent
from dagster_project.lib.release.store import REFUSAL_FILE, ReleaseStore
from dagster_project.lib.release.sweep import RETIRED_PREFIX


def retire_releases(store: ReleaseStore, keep: int, *, fail_at: Callable[[str], None]) -> None:
    """Remove all but the ``keep`` newest releases (under the lock).

    Never removed: the current one, the one before it (a reader may just be opening it), and the one that the
    last rollback came from. A reader that has a removed file open goes on reading it.
    """
    moves = store.log.moves()
    rollbacks = [event for event in moves if event.event == "rollback"]
    protected = {store.pointer(), *(event.previous for event in moves[-1:] + rollbacks[-1:])}
    for folder in store.folders()[:-keep]:
        if folder.name in protected:
            continue
        # Logged first: a line too many does no harm, a release that is gone without a line does.
        store.log.append(LogEvent(event="removed", release_id=folder.name))
        retired = folder.rename(folder.with_name(f"{RETIRED_PREFIX}{folder.name}"))
        fail_at("retiring")
        durable.remove_tree(retired)


def retire_candidates(store: ReleaseStore, keep_refused: int | None) -> None:
    """Remove candidates that are no longer of use (under the lock).

    Those of earlier releases are copies of what is in the release. Refused ones are kept for inspection, the
    ``keep_refused`` newest or all. One that has not been decided on is left alone.
    """
    pointer = store.pointer()
    published = {event.release_id for event in store.log.moves()}
    refused = []
    for description in store.candidates_dir.glob("[!.]*/candidate.json"):
        candidate = load_candidate(store.candidates_dir, description.parent.name)
        if candidate.release_id == pointer:
            continue  # publishing it again must be able to see that there is nothing to do
        if candidate.release_id in published:
            durable.remove_tree(candidate.folder)
        elif (candidate.folder / REFUSAL_FILE).is_file():
            refused.append(candidate)
    if keep_refused is not None:
        refused.sort(key=lambda candidate: ids.number(candidate.release_id), reverse=True)
        for candidate in refused[keep_refused:]:
            durable.remove_tree(candidate.folder)
