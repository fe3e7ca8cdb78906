"""``releases/log.jsonl``: what was published, approved, rolled back, refused and removed, in order."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from dagster_project.lib.release import durable


class Disclosed(BaseModel):
    """What one release made known of cells under disclosure control, in short.

    Attributes:
        cells: number of cells shown for the first time.
        sha256: digest of what was told about them; the file itself lies in ``releases/register/``.
    """

    model_config = ConfigDict(frozen=True)

    cells: int
    sha256: str


class LogEvent(BaseModel):
    """One thing that happened to a release.

    Attributes:
        event: ``publish`` and ``rollback`` moved ``current``; the others did not.
        release_id: the release (for ``approved`` and ``refused``: the id it would have).
        previous: where ``current`` led before.
        reasons: why, in sentences.
        manifest_sha256: of the manifest that was published, to tell later whether it is still the same.
        by: who approved, as the operating system knows them.
        file_sha256: of the candidate's file that was approved; no other file is.
        disclosed: what the release made known, if it showed anything under disclosure control.
    """

    model_config = ConfigDict(frozen=True)

    event: Literal["publish", "approved", "rollback", "refused", "removed"]
    release_id: str
    at: AwareDatetime = Field(default_factory=lambda: datetime.now(UTC))
    build_id: str | None = None
    previous: str | None = None
    reasons: list[str] = []
    manifest_sha256: str | None = None
    by: str | None = None
    file_sha256: str | None = None
    disclosed: Disclosed | None = None


class EventLog:
    """Append-only file of one JSON object per line. Append and repair only under the store's lock."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def events(self) -> list[LogEvent]:
        """All events in order; a last line that a crash cut off was never acknowledged and is left out."""
        if not self.path.is_file():
            return []
        complete, _, _ = self.path.read_bytes().rpartition(b"\n")
        return [LogEvent.model_validate_json(line) for line in complete.splitlines() if line]

    def moves(self) -> list[LogEvent]:
        """The events that moved ``current``, in order."""
        return [event for event in self.events() if event.event in {"publish", "rollback"}]

    def append(self, event: LogEvent) -> None:
        """Add one event; it is on the disk when this returns."""
        self.repair()
        line = event.model_dump_json(exclude_none=True).encode() + b"\n"
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(descriptor, line)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        durable.sync(self.path.parent)

    def repair(self) -> bool:
        """Cut off an unfinished last line; tells whether there was one."""
        if not self.path.is_file():
            return False
        content = self.path.read_bytes()
        complete = content.rfind(b"\n") + 1
        if complete == len(content):
            return False
        os.truncate(self.path, complete)
        durable.sync(self.path)
        return True
