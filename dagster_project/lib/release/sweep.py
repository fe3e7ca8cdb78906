"""Put right what a crash left behind. Nothing here needs a person, and no release is ever removed."""

from collections.abc import Iterator

from dagster_project.lib.release import durable, lock
from dagster_project.lib.release.candidate import UNFINISHED_PREFIX
from dagster_project.lib.release.event_log import LogEvent
from dagster_project.lib.release.manifest import MANIFEST_FILE
from dagster_project.lib.release.store import LOCK_WAIT_SECONDS, ReleaseStore

RETIRED_PREFIX = ".old-"


def sweep(store: ReleaseStore, *, wait_seconds: float = LOCK_WAIT_SECONDS) -> list[str]:
    """Remove unfinished writes and finish the log; returns one sentence per thing found.

    A ``current`` that leads nowhere is reported and left: only a rollback or a publication may move it.

    Raises:
        WarehouseBusyError: a publication is at work, so nothing is stale.
    """
    with store.lock(wait_seconds):
        return sweep_locked(store)


def sweep_locked(store: ReleaseStore) -> list[str]:
    """As :func:`sweep`, for one who already holds the lock."""
    return [*_folders(store), *_temporary_files(store), *_log(store), *_register(store), *_pointer(store)]


def _folders(store: ReleaseStore) -> Iterator[str]:
    unfinished = [
        *store.releases_dir.glob(f"{UNFINISHED_PREFIX}*"),
        # Builds do not take the store's lock; one that is at work holds its folder.
        *(path for path in store.candidates_dir.glob(f"{UNFINISHED_PREFIX}*") if not lock.is_held(path)),
    ]
    for path in sorted(unfinished):
        durable.remove_tree(path)
        yield f"{path.name}: left unfinished by an interrupted run; removed."
    for path in sorted(store.releases_dir.glob(f"{RETIRED_PREFIX}*")):
        durable.remove_tree(path)
        yield f"{path.name}: an old release that was being removed; removed."


def _temporary_files(store: ReleaseStore) -> Iterator[str]:
    for folder in (store.data_dir, store.releases_dir, store.register_dir):
        for path in sorted(folder.glob(f"{durable.STAGED_PREFIX}*")):
            path.unlink()
            yield f"{path.name}: left by an interrupted write; removed."


def _log(store: ReleaseStore) -> Iterator[str]:
    if store.log.repair():
        yield "log.jsonl: the last line was cut off by a crash; removed."
    pointer = store.pointer()
    moves = store.log.moves()
    last = moves[-1].release_id if moves else None
    if pointer is None or pointer == last or not (store.releases_dir / pointer).is_dir():
        return
    published = any(event.release_id == pointer and event.event == "publish" for event in moves)
    store.log.append(
        LogEvent(
            event="rollback" if published else "publish",
            release_id=pointer,
            build_id=store.get(pointer).manifest.build_id,
            previous=last,
            reasons=["Written afterwards: the process ended between moving current and writing this line."],
            manifest_sha256=durable.sha256(store.releases_dir / pointer / MANIFEST_FILE),
            disclosed=store.get(pointer).manifest.disclosed,
        )
    )
    yield f"log.jsonl: the line for the move to {pointer} was missing; written."


def _register(store: ReleaseStore) -> Iterator[str]:
    """Entries of a release that never came to be: they are written before its folder is there."""
    for path in sorted(store.register_dir.glob("[!.]*.parquet")):
        is_known = any(event.release_id == path.stem for event in store.log.moves())
        if not is_known and not (store.releases_dir / path.stem).is_dir():
            path.unlink()
            yield f"register/{path.name}: of a release that was never finished; removed."


def _pointer(store: ReleaseStore) -> Iterator[str]:
    pointer = store.pointer()
    if pointer is not None and not (store.releases_dir / pointer).is_dir():
        yield f"current leads to {pointer}, which is not on disk. Roll back to another release or publish."
