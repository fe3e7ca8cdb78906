"""The release store of one data directory: which releases there are, and which one readers see."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import ValidationError

from dagster_project.lib.errors import ReleaseNotFoundError, ReleaseRefusedError
from dagster_project.lib.release import durable, ids
from dagster_project.lib.release.candidate import DATABASE, Candidate
from dagster_project.lib.release.event_log import Disclosed, EventLog, LogEvent
from dagster_project.lib.release.lock import exclusive
from dagster_project.lib.release.manifest import MANIFEST_FILE, Manifest, describe_files
from dagster_project.lib.release.read_back import verify

REFUSAL_FILE = "refusal.txt"
LOCK_WAIT_SECONDS = 60.0


@dataclass(frozen=True)
class Release:
    """One immutable release on disk."""

    folder: Path
    manifest: Manifest

    @property
    def id(self) -> str:
        """Release id, such as ``R000007``."""
        return self.manifest.id

    @property
    def file(self) -> Path:
        """The DuckDB file, by its lasting path and not through ``current``."""
        return self.folder / DATABASE

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the manifest of the release in ``folder``.

        Raises:
            ReleaseRefusedError: the manifest is missing or damaged.
        """
        try:
            text = (folder / MANIFEST_FILE).read_text(encoding="utf-8")
            return cls(folder, Manifest.model_validate_json(text))
        except (FileNotFoundError, ValidationError, UnicodeDecodeError) as damage:
            raise ReleaseRefusedError(
                f"Release {folder.name}: {MANIFEST_FILE} is missing or damaged. "
                "Restore the release from a backup, or roll back to another one."
            ) from damage

    def check(self, manifest_sha256: str | None = None) -> None:
        """Compare every file with the manifest and read the database in full.

        Args:
            manifest_sha256: digest of the manifest when it was published, if known.

        Raises:
            ReleaseRefusedError: a file is missing, added or changed, or the database cannot be read.
        """
        remedy = "Restore the release from a backup, or choose another one."
        if manifest_sha256 not in {None, durable.sha256(self.folder / MANIFEST_FILE)}:
            raise ReleaseRefusedError(
                f"Release {self.id}: {MANIFEST_FILE} has changed since publication. {remedy}"
            )
        found = describe_files(self.folder)
        for name in sorted(found.keys() | self.manifest.files.keys()):
            if found.get(name) != self.manifest.files.get(name):
                raise ReleaseRefusedError(
                    f"Release {self.id}: {name} is missing, added or changed since publication. {remedy}"
                )
        verify(self.file, release_id=self.id)


class ReleaseStore:
    """Releases, candidates and the ``current`` pointer under one data directory.

    Reading needs no lock. Whatever changes the store holds ``releases/.lock``.
    """

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.releases_dir = data_dir / "releases"
        self.candidates_dir = data_dir / "candidates"
        self.current_link = data_dir / "current"
        self.register_dir = self.releases_dir / "register"
        self.log = EventLog(self.releases_dir / "log.jsonl")
        self._counter = self.releases_dir / "counter"

    @contextmanager
    def lock(self, wait_seconds: float = LOCK_WAIT_SECONDS) -> Iterator[None]:
        """Be the only one to change the store.

        Raises:
            WarehouseBusyError: someone else is, and was not done within ``wait_seconds``.
        """
        with exclusive(self.releases_dir / ".lock", wait_seconds=wait_seconds):
            yield

    def reserve_id(self, *, wait_seconds: float = LOCK_WAIT_SECONDS) -> str:
        """A release id that has never been given out; on the disk before it is returned.

        The id of a refused candidate is not used again, so ids may have gaps.

        Raises:
            WarehouseBusyError: see :meth:`lock`.
            ReleaseRefusedError: the counter file is damaged.
        """
        with self.lock(wait_seconds):
            counted = 0
            if self._counter.is_file():
                text = self._counter.read_text(encoding="ascii", errors="replace").strip()
                if not ids.is_release_id(text):
                    raise ReleaseRefusedError(
                        f"releases/{self._counter.name} does not hold a release id. Remove the file; the "
                        "next id is then counted from the releases and the log."
                    )
                counted = ids.number(text)
            # A counter restored from an old backup must not give out an id twice.
            known = [event.release_id for event in self.log.events()]
            known += [path.name for path in self.folders()]
            reserved = ids.release_id(max([counted, *map(ids.number, known)]) + 1)
            durable.write_atomically(self._counter, reserved + "\n")
            return reserved

    def folders(self) -> list[Path]:
        """Folder of every release on disk, oldest first; its name is the id."""
        if not self.releases_dir.is_dir():
            return []
        folders = [
            path for path in self.releases_dir.iterdir() if path.is_dir() and ids.is_release_id(path.name)
        ]
        return sorted(folders, key=lambda path: ids.number(path.name))

    def releases(self) -> list[Release]:
        """Every release on disk, oldest first.

        Raises:
            ReleaseRefusedError: the manifest of one is missing or damaged.
        """
        return [Release.load(folder) for folder in self.folders()]

    def get(self, release_id: str) -> Release:
        """The release with this id.

        Raises:
            ReleaseNotFoundError: there is none.
            ReleaseRefusedError: its manifest is missing or damaged.
        """
        ids.number(release_id)
        folder = self.releases_dir / release_id
        if not folder.is_dir():
            available = ", ".join(path.name for path in self.folders()) or "none"
            raise ReleaseNotFoundError(f"There is no release {release_id}. On disk: {available}.")
        return Release.load(folder)

    def pointer(self) -> str | None:
        """Id that ``current`` names, whether or not it is on disk; ``None`` before the first release."""
        return self.current_link.readlink().name if self.current_link.is_symlink() else None

    def current(self) -> Release | None:
        """The release that readers see; ``None`` before the first publication.

        Raises:
            ReleaseNotFoundError: ``current`` names a release that is not on disk.
        """
        release_id = self.pointer()
        if release_id is None:
            return None
        try:
            return self.get(release_id)
        except ReleaseNotFoundError as dangling:
            raise ReleaseNotFoundError(
                f"current leads to {release_id}, which is not on disk. "
                "Roll back to another release or publish."
            ) from dangling

    def last_file(self) -> Path | None:
        """Database file that ``current`` leads to, read in full; ``None`` before the first release.

        Raises:
            ReleaseRefusedError: the file is missing or damaged.
        """
        release_id = self.pointer()
        if release_id is None:
            return None
        file = self.releases_dir / release_id / DATABASE
        verify(file)
        return file

    def files_before_last(self, number: int) -> list[Path]:
        """Database files of at most ``number`` releases made before the one of ``current``, newest first.

        One that is damaged is left out: `equity doctor` tells of it, and nothing is published from it.
        """
        pointer = self.pointer()
        if pointer is None:
            return []
        earlier = [path for path in self.folders() if ids.number(path.name) < ids.number(pointer)]
        files = [path / DATABASE for path in earlier[::-1][:number]]
        return [file for file in files if _can_be_read(file)]

    def manifest_sha256(self, release_id: str) -> str | None:
        """Digest of the manifest as logged when the release was published, if it was."""
        logged = [
            e.manifest_sha256 for e in self.log.events() if e.release_id == release_id and e.manifest_sha256
        ]
        return logged[-1] if logged else None

    def disclosed(self) -> Mapping[str, Disclosed]:
        """What each release made known of cells under disclosure control, in short, by its id.

        Releases on disk count, whether or not readers have seen them yet, and so do those removed since.

        Raises:
            ReleaseRefusedError: the manifest of a release on disk is missing or damaged.
        """
        told = {release.id: release.manifest.disclosed for release in self.releases()}
        told |= {e.release_id: e.disclosed for e in self.log.events() if e.event == "publish"}
        return {release_id: disclosed for release_id, disclosed in told.items() if disclosed is not None}

    def rollback(self, release_id: str, reason: str, *, wait_seconds: float = LOCK_WAIT_SECONDS) -> Release:
        """Let ``current`` lead to another release on disk, older or newer, after checking it in full.

        Args:
            release_id: where to.
            reason: why; stands in the log.
            wait_seconds: how long to wait for another publisher.

        Raises:
            ReleaseNotFoundError: there is no such release.
            ReleaseRefusedError: it is damaged, or no reason is given; ``current`` stays.
            WarehouseBusyError: see :meth:`lock`.
            StorageFailedError: the disk did not take the new pointer.
        """
        if not reason.strip():
            raise ReleaseRefusedError(
                "A rollback needs a reason: it stands in the log for those who ask later."
            )
        with self.lock(wait_seconds), durable.storage_failures(f"The rollback to {release_id}"):
            release = self.get(release_id)
            release.check(self.manifest_sha256(release_id))
            previous = self.pointer()
            if previous != release_id:
                self.commit_pointer(self.stage_pointer(release_id))
                self.log.append(
                    LogEvent(event="rollback", release_id=release_id, previous=previous, reasons=[reason])
                )
            return release

    def stage_pointer(self, release_id: str) -> Path:
        """Prepare the new pointer under a temporary name (under the lock); returns that name."""
        return durable.stage_link(self.current_link, Path(self.releases_dir.name) / release_id)

    def commit_pointer(self, staged: Path) -> None:
        """Let readers see the release of a staged pointer, in one atomic step (under the lock)."""
        durable.commit_link(staged, self.current_link)

    def refuse(
        self, candidate: Candidate, reasons: Sequence[str], *, wait_seconds: float = LOCK_WAIT_SECONDS
    ) -> None:
        """Keep a candidate for inspection, with the reasons beside it and in the log.

        Raises:
            WarehouseBusyError: see :meth:`lock`.
        """
        with self.lock(wait_seconds):
            self.note_refusal(candidate, reasons)

    def note_refusal(self, candidate: Candidate, reasons: Sequence[str]) -> None:
        """As :meth:`refuse`, for one who already holds the lock."""
        durable.write_atomically(candidate.folder / REFUSAL_FILE, "\n".join(reasons) + "\n")
        self.log.append(
            LogEvent(
                event="refused",
                release_id=candidate.release_id,
                build_id=candidate.build_id,
                previous=self.pointer(),
                reasons=list(reasons),
            )
        )


def _can_be_read(file: Path) -> bool:
    try:
        verify(file)
    except ReleaseRefusedError:
        return False
    return True
