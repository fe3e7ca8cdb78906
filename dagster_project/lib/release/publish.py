"""Publication: the gate and the swap in one step that nobody can go around.

Whoever calls this (a scheduled run, a click, a shell) gets the same answer: without a complete audit record
of exactly this file there is no release, nor without a person's word where published figures would change;
what fails or is killed on the way leaves ``current`` as it was.
"""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import pandas as pd
from pydantic import ValidationError

from dagster_project.lib.disclosure.errors import RegisterError
from dagster_project.lib.errors import ReleaseHeldError, ReleaseRefusedError, SettingsError
from dagster_project.lib.release import audit, disclosed, durable, ids
from dagster_project.lib.release.approval import approval_of
from dagster_project.lib.release.candidate import DATABASE, UNFINISHED_PREFIX, Candidate
from dagster_project.lib.release.difference import Difference, compare
from dagster_project.lib.release.event_log import LogEvent
from dagster_project.lib.release.exports import write_exports
from dagster_project.lib.release.manifest import (
    MANIFEST_FILE,
    Approval,
    Manifest,
    ManifestParts,
    describe_files,
    describe_tables,
    summarise,
)
from dagster_project.lib.release.read_back import verify
from dagster_project.lib.release.retention import retire_candidates, retire_releases
from dagster_project.lib.release.revisions import (
    NOTHING_UNSEEN,
    RevisionLimits,
    Revisions,
    WatchedTable,
    find_revisions,
)
from dagster_project.lib.release.store import LOCK_WAIT_SECONDS, Release, ReleaseStore
from dagster_project.lib.release.sweep import sweep_locked

DIFFERENCE_FILE = "difference.json"
REVISIONS_FILE = "revisions.json"
REVISED_ROWS_FILE = "revised_rows.parquet"
_TOLD_IN_A_REFUSAL = 20

# Every point at which a publication can be killed in the tests, in order.
PHASES = (
    "locked",
    "audited",
    "read_back",
    "copied",
    "exported",
    "described",
    "synced",
    "registered",
    "renamed",
    "staged",
    "repointed",
    "logged",
    "retiring",
    "retired",
)


def _no_fault(phase: str) -> None:
    """Nothing fails."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class PublishOptions:
    """How to publish.

    Attributes:
        key_columns: columns that name a row, by table, for the difference from the last release.
        watched: tables whose published figures do not change without a person's word, by name.
        limits: how much of them may.
        approve_option: names this store in ``equity releases approve``, where a person has to be told so.
        attachments: further files and folders (pictures, quality report) by their path inside the release.
        decimal_comma: write ``1,5`` in CSV.
        keep: how many releases, and how many refused candidates, to keep; ``None`` keeps all.
        lock_wait_seconds: how long to wait for another publisher.
        now: the clock, for ``created_at`` only.
        fail_at: called with each phase of ``PHASES``; tests kill the process in it.
    """

    key_columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    watched: Mapping[str, WatchedTable] = field(default_factory=dict)
    limits: RevisionLimits = NOTHING_UNSEEN
    approve_option: str = ""
    attachments: Mapping[str, Path] = field(default_factory=dict)
    decimal_comma: bool = True
    keep: int | None = None
    lock_wait_seconds: float = LOCK_WAIT_SECONDS
    now: Callable[[], datetime] = _utc_now
    fail_at: Callable[[str], None] = _no_fault


def publish(
    store: ReleaseStore, candidate: Candidate, parts: ManifestParts, options: PublishOptions | None = None
) -> Release:
    """Make ``candidate`` the release that readers see.

    Order: audit record and verdict, full read-back, files under a temporary name, sync to disk, read-only,
    rename to ``releases/<id>``, atomic move of ``current``, log, retention. Calling it again after it was
    interrupted finishes what was begun; calling it again after it succeeded changes nothing.

    Args:
        store: where to.
        candidate: from :func:`candidate.build_candidate`, audited since (``audit.json`` beside it).
        parts: what the manifest says about code, extracts, suppression and gaps.
        options: see :class:`PublishOptions`.

    Raises:
        ReleaseRefusedError: the audit is missing, incomplete, of another file, or speaks against the release;
            the file is damaged; a newer release has been published; this one was published and rolled back.
            The reasons are kept beside the candidate and in the log.
        ReleaseHeldError: published figures would change and nobody has approved it. Kept likewise; the
            changes lie beside the candidate, in ``revisions.json`` and by row in ``revised_rows.parquet``.
        SettingsError: an attachment's path leads out of the release, or ``keep`` is below 1.
        WarehouseBusyError: another publisher was not done in time.
        StorageFailedError: the disk did not take the release.
    """
    chosen = options or PublishOptions()
    if chosen.keep is not None and chosen.keep < 1:
        raise SettingsError("The number of releases to keep must be at least 1.")
    ids.number(candidate.release_id)
    with store.lock(chosen.lock_wait_seconds):
        chosen.fail_at("locked")
        try:
            with durable.storage_failures(f"The publication of {candidate.release_id}"):
                staged, previous = _prepare(store, candidate, parts, chosen)
        except ReleaseRefusedError as refusal:
            store.note_refusal(candidate, str(refusal).splitlines())
            raise
        if staged is not None:
            with durable.storage_failures(
                f"The log or the clearing up after {candidate.release_id}",
                consequence=f"Release {candidate.release_id} is complete; the next run mends the rest.",
            ):
                _swap(store, candidate, staged, previous, chosen)
    return store.get(candidate.release_id)


def _prepare(
    store: ReleaseStore, candidate: Candidate, parts: ManifestParts, options: PublishOptions
) -> tuple[Path | None, str | None]:
    """All that can still be refused; returns the staged pointer (``None``: is current) and the last id."""
    sweep_locked(store)
    folder = store.releases_dir / candidate.release_id
    record = audited(candidate)
    options.fail_at("audited")
    previous = store.pointer()
    if folder.is_dir():
        _check_begun_before(store, candidate)
        if previous == candidate.release_id:
            return None, previous
    _refuse_outdated(store, candidate)
    if not folder.is_dir():
        _write_release(store, candidate, record, parts, options)
        options.fail_at("renamed")
    staged = store.stage_pointer(candidate.release_id)
    options.fail_at("staged")
    return staged, previous


def _swap(
    store: ReleaseStore, candidate: Candidate, staged: Path, previous: str | None, options: PublishOptions
) -> None:
    store.commit_pointer(staged)
    options.fail_at("repointed")
    store.log.append(
        LogEvent(
            event="publish",
            release_id=candidate.release_id,
            build_id=candidate.build_id,
            previous=previous,
            manifest_sha256=durable.sha256(store.releases_dir / candidate.release_id / MANIFEST_FILE),
            disclosed=store.get(candidate.release_id).manifest.disclosed,
        )
    )
    options.fail_at("logged")
    if options.keep is not None:
        retire_releases(store, options.keep, fail_at=options.fail_at)
    retire_candidates(store, options.keep)
    options.fail_at("retired")


def audited(candidate: Candidate) -> audit.AuditRecord:
    """The audit record of a candidate that may be published.

    Raises:
        ReleaseRefusedError: every reason against it, one sentence a line.
    """
    record = audit.load_for(candidate)
    reasons = record.refusals()
    reasons += [
        f"Table {table}: no required suite looks at it. Write one, or take the table off the release."
        for table in record.unaudited(sorted(candidate.tables))
    ]
    if reasons:
        raise ReleaseRefusedError("\n".join(reasons))
    return record


def note_revisions(
    store: ReleaseStore, candidate: Candidate, watched: Mapping[str, WatchedTable], limits: RevisionLimits
) -> Revisions:
    """What ``candidate`` says differently from the last release, also written beside it.

    Of a last release that cannot be read nothing is known, which the note says.

    Raises:
        StorageFailedError, OSError: the disk did not take the files.
    """
    last_id = store.pointer()
    rows_file = candidate.folder / REVISED_ROWS_FILE
    rows_file.unlink(missing_ok=True)
    revisions = Revisions(compared_with=last_id)
    if last_id is not None and watched:
        try:
            last = store.last_file()
        except ReleaseRefusedError as damage:
            revisions = Revisions(compared_with=last_id, note=f"Not compared with {last_id}: {damage}")
        else:
            assert last is not None  # there is a pointer
            revisions = find_revisions(candidate.file, last, last_id, watched, limits, rows_file=rows_file)
    durable.write_atomically(candidate.folder / REVISIONS_FILE, revisions.model_dump_json(indent=2))
    return revisions


def revisions_beside(candidate: Candidate) -> Revisions:
    """What :func:`note_revisions` last wrote beside ``candidate``; none if it has not been asked yet.

    Raises:
        ReleaseRefusedError: the file is damaged.
    """
    path = candidate.folder / REVISIONS_FILE
    if not path.is_file():
        return Revisions(compared_with=None)
    try:
        return Revisions.model_validate_json(path.read_text(encoding="utf-8"))
    except (ValidationError, UnicodeDecodeError) as damage:
        raise ReleaseRefusedError(
            f"Build {candidate.build_id}: {REVISIONS_FILE} is damaged. Publish again; it is written anew."
        ) from damage


def _refuse_unseen(
    store: ReleaseStore, candidate: Candidate, revisions: Revisions, approve_option: str
) -> None:
    """Hold a candidate whose revisions nobody has approved."""
    if not revisions.needs_approval or approval_of(store, candidate) is not None:
        return
    told = [revision.sentence() for revision in revisions.unexpected[:_TOLD_IN_A_REFUSAL]]
    more = len(revisions.unexpected) - len(told)
    command = " ".join(["equity releases approve", candidate.release_id, *approve_option.split()])
    lines = [
        *([revisions.note] if revisions.note else []),
        *told,
        *([f"And {more} more; all are in {REVISIONS_FILE}."] if more else []),
        f"Release {candidate.release_id} is held: figures that {revisions.compared_with} published would "
        f"change, so a person has to look first, at candidates/{candidate.build_id}/{REVISED_ROWS_FILE}. "
        f'If they are right: {command} --reason "why they changed".',
    ]
    raise ReleaseHeldError("\n".join(lines))


def _newly_disclosed(
    store: ReleaseStore, candidate: Candidate, record: audit.AuditRecord
) -> pd.DataFrame | None:
    """What publication will make known; ``None`` when nothing is under disclosure control.

    Raises:
        ReleaseRefusedError: the audit did not know all that has been made known before, or what it found
            is damaged.
    """
    if record.disclosed is None:
        return None
    before = sorted(set(store.disclosed()) - {candidate.release_id})
    if before != sorted(record.disclosed_before):
        raise ReleaseRefusedError(
            f"Build {candidate.build_id}: there are other releases than those it was audited against; "
            "together they may disclose what none does alone. Run the gate on it again."
        )
    try:
        entries = disclosed.read_entries(candidate.folder / audit.DISCLOSED_FILE)
    except RegisterError as damage:
        raise ReleaseRefusedError(str(damage)) from damage
    if disclosed.in_short(entries) != record.disclosed:
        raise ReleaseRefusedError(
            f"Build {candidate.build_id}: {audit.DISCLOSED_FILE} is not what was audited. Run the gate again."
        )
    return entries


def _check_begun_before(store: ReleaseStore, candidate: Candidate) -> None:
    """Refuse an existing release unless an interrupted publication of this very candidate left it."""
    release = store.get(candidate.release_id)
    same = release.manifest.files.get(DATABASE)
    if release.manifest.build_id != candidate.build_id or same is None or same.sha256 != candidate.sha256:
        raise ReleaseRefusedError(
            f"Release {release.id} exists already and holds another build. A release is never overwritten: "
            "reserve a new id and build again."
        )
    release.check(store.manifest_sha256(release.id))


def _refuse_outdated(store: ReleaseStore, candidate: Candidate) -> None:
    moved_to = [event.release_id for event in store.log.moves()]
    if candidate.release_id in moved_to:
        raise ReleaseRefusedError(
            f"Release {candidate.release_id} has been published before and was left by a rollback. "
            "Roll forward to it by its id instead of publishing it again."
        )
    newest = max(moved_to, key=ids.number, default=None)
    if newest is not None and ids.number(newest) > ids.number(candidate.release_id):
        raise ReleaseRefusedError(
            f"Candidate {candidate.release_id} is older than {newest}, which has been published since. "
            "Build again from the present data."
        )


def _write_release(
    store: ReleaseStore,
    candidate: Candidate,
    record: audit.AuditRecord,
    parts: ManifestParts,
    options: PublishOptions,
) -> None:
    release_id = candidate.release_id
    entries = _newly_disclosed(store, candidate, record)
    revisions = note_revisions(store, candidate, options.watched, options.limits)
    _refuse_unseen(store, candidate, revisions, options.approve_option)
    approved = approval_of(store, candidate) if revisions.needs_approval else None
    rows = verify(candidate.file, release_id=release_id)
    if rows != candidate.tables:
        raise ReleaseRefusedError(
            f"Build {candidate.build_id}: the file does not hold the tables and rows that were built. "
            "Build it again."
        )
    options.fail_at("read_back")
    with durable.scratch_folder(store.releases_dir / f"{UNFINISHED_PREFIX}{release_id}") as work:
        database = work / DATABASE
        # A copy, not a hard link: whatever happens to the candidate later must not reach the release.
        shutil.copyfile(candidate.file, database)
        shutil.copyfile(candidate.folder / audit.AUDIT_FILE, work / audit.AUDIT_FILE)
        if durable.sha256(database) != record.file_sha256:
            raise ReleaseRefusedError(
                f"Release {release_id}: the copy differs from the audited file. Try again."
            )
        options.fail_at("copied")
        write_exports(database, work, decimal_comma=options.decimal_comma)
        _copy_attachments(options.attachments, work)
        options.fail_at("exported")
        difference = _difference(store, database, options.key_columns)
        (work / DIFFERENCE_FILE).write_text(difference.model_dump_json(indent=2), encoding="utf-8")
        if (candidate.folder / REVISED_ROWS_FILE).is_file():
            shutil.copyfile(candidate.folder / REVISED_ROWS_FILE, work / REVISED_ROWS_FILE)
        manifest = Manifest(
            id=release_id,
            build_id=candidate.build_id,
            created_at=options.now().astimezone(UTC),
            previous=store.pointer(),
            code_fingerprint=record.code_fingerprint,
            tables=describe_tables(database, rows, options.key_columns),
            files=describe_files(work),
            expectations=summarise(record),
            difference=difference,
            revisions=revisions,
            approval=Approval.of(approved) if approved else None,
            disclosed=record.disclosed,
            attacks=record.attacks,
            refused_breakdowns=record.refused_breakdowns,
            **parts.model_dump(),
        )
        (work / MANIFEST_FILE).write_text(manifest.model_dump_json(indent=2), encoding="utf-8")
        options.fail_at("described")
        durable.sync_tree(work)
        durable.make_read_only(work)
        options.fail_at("synced")
        if entries is not None:
            # Before anybody can see it: what is not in the register does not count as known.
            disclosed.write_entries(disclosed.file_of(store.register_dir, release_id), entries)
        options.fail_at("registered")
        work.rename(store.releases_dir / release_id)
        durable.sync(store.releases_dir)


def _copy_attachments(attachments: Mapping[str, Path], work: Path) -> None:
    for name, source in attachments.items():
        inside = PurePosixPath(name)
        if inside.is_absolute() or ".." in inside.parts or (work / inside).exists():
            raise SettingsError(
                f"Attachment {name!r}: its path leads out of the release or to a file of the store. "
                "Rename it."
            )
        if any(path.is_symlink() for path in [source, *source.rglob("*")]):
            raise SettingsError(f"Attachment {name!r}: it holds a symbolic link. Give the files themselves.")
        (work / inside).parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, work / inside)
        else:
            shutil.copyfile(source, work / inside)


def _difference(store: ReleaseStore, database: Path, key_columns: Mapping[str, Sequence[str]]) -> Difference:
    pointer = store.pointer()
    if pointer is None:
        return compare(None, database, key_columns)
    last = store.releases_dir / pointer / DATABASE
    try:
        verify(last)
    except ReleaseRefusedError as damage:
        # A damaged or lost old release must not keep a sound new one from readers; the manifest says so.
        return Difference(previous=False, note=f"Not compared with {pointer}: {damage}")
    return compare(last, database, key_columns)
