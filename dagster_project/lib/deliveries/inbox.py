"""The folder that deliveries are dropped in. Nothing in it is ever moved or changed; reports are added."""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from dagster_project.lib.deliveries import report
from dagster_project.lib.deliveries.catalogue import KINDS
from dagster_project.lib.deliveries.kinds import Kind
from dagster_project.lib.deliveries.problems import refused
from dagster_project.lib.errors import DeliveryProblem
from dagster_project.lib.pseudonyms import contains_personal_number

_READABLE: Final = frozenset({".csv", ".txt", ".tsv", ".xlsx"})
_UNFINISHED: Final = frozenset({".tmp", ".part", ".partial", ".crdownload", ".filepart"})
# Lock files of Office and LibreOffice, hidden files.
_PASSED_OVER: Final = ("~$", ".")


@dataclass(frozen=True)
class DroppedFile:
    """A file in the folder, as it was when the folder was listed.

    Attributes:
        path: where it lies.
        name: path below the folder, with ``/``; a stand-in where that holds a personal identity number.
        period: ``name`` without the ending: a newer file of the same period takes its place.
        size, modified: bytes and nanoseconds, to see whether it changes.
        kind: of the sub-folder that is named after one, else to be guessed.
        is_named_after_person: its name holds a personal identity number.
    """

    path: Path
    name: str
    period: str
    size: int
    modified: int
    kind: Kind | None
    is_named_after_person: bool

    @property
    def received_at(self) -> datetime:
        """UTC instant of the last change."""
        return datetime.fromtimestamp(self.modified // 10**9, UTC)

    @property
    def report_path(self) -> Path:
        return self.path.with_name(self.path.name + report.SUFFIX)

    def read(self) -> bytes:
        """Its bytes.

        Raises:
            SourceUnavailableError: it cannot be read, or has changed since the folder was listed.
        """
        try:
            body = self.path.read_bytes()
            now = self.path.stat()
        except OSError as error:
            raise refused(self.name, "unreadable") from error
        if (now.st_size, now.st_mtime_ns) != (self.size, self.modified):
            raise refused(self.name, "still_growing")
        return body


def find(folder: Path) -> list[DroppedFile]:
    """The newest file of every period, oldest first.

    Raises:
        SourceUnavailableError: the folder is not there or cannot be read.
    """
    if not folder.is_dir():
        raise refused(folder.name, "unreadable")
    newest: dict[str, DroppedFile] = {}
    for file in sorted(_files(folder), key=lambda file: (file.modified, file.name)):
        newest[file.period] = file
    return sorted(newest.values(), key=lambda file: (file.modified, file.name))


def signature(files: list[DroppedFile]) -> str:
    """Changes when a file is added, changed or taken away."""
    places = sorted((str(file.path), file.size, file.modified) for file in files)
    return hashlib.sha256(repr(places).encode()).hexdigest()


def describe(path: Path, folder: Path) -> DroppedFile:
    """The file at ``path`` below ``folder``.

    Raises:
        SourceUnavailableError: it is not there.
    """
    relative = path.relative_to(folder)
    name = relative.as_posix()
    is_named_after_person = contains_personal_number(name)
    try:
        status = path.stat()
    except OSError as error:
        raise refused("" if is_named_after_person else name, "unreadable") from error
    if is_named_after_person:
        changed = datetime.fromtimestamp(status.st_mtime, UTC)
        name = f"(namnet dolt, ändrad {changed:%Y-%m-%dT%H.%M.%S.%f})"
    is_readable = path.suffix.casefold() in _READABLE
    kinds = [KINDS[part] for part in relative.parts[:-1] if part in KINDS]
    return DroppedFile(
        path=path,
        name=name,
        period=name.removesuffix(path.suffix) if is_readable else name,
        size=status.st_size,
        modified=status.st_mtime_ns,
        kind=kinds[-1] if kinds else None,
        is_named_after_person=is_named_after_person,
    )


def _files(folder: Path) -> Iterator[DroppedFile]:
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        if any(part.startswith(_PASSED_OVER) for part in parts) or path.name.endswith(report.SUFFIX):
            continue
        # A link may lead out of the folder, to what is no delivery.
        if path.suffix.casefold() in _UNFINISHED or path.is_symlink() or not path.is_file():
            continue
        # A file that is gone again by now was never delivered.
        with suppress(DeliveryProblem):
            yield describe(path, folder)
