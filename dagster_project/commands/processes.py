"""Which process is alive, and which one holds a file. Reads ``/proc``; elsewhere less is known, and said."""

import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
# Fields of /proc/<pid>/stat counted after the command's name, which may hold spaces.
_STATE, _START_TICKS = 0, 19


@dataclass(frozen=True)
class Holder:
    """A process that has a file open; ``command`` is empty where the system does not tell."""

    pid: int
    command: str


def host() -> str:
    """Name of this machine."""
    return socket.gethostname()


def started_at(pid: int) -> float | None:
    """Unix time at which a process started; none if there is no such process or it has ended.

    Without ``/proc`` a running process is said to have started at 0, that is: nothing is known against it.
    """
    if not _PROC.is_dir():
        return 0.0 if _exists(pid) else None
    try:
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    if fields[_STATE] in {"Z", "X"}:
        return None
    seconds_since_boot = int(fields[_START_TICKS]) / os.sysconf("SC_CLK_TCK")
    return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME) + seconds_since_boot


def is_alive_since(pid: int, moment: float) -> bool:
    """Whether the process that had ``pid`` at ``moment`` (Unix time) still runs: pids are used again."""
    start = started_at(pid)
    # The clock may have been set by a little since.
    return start is not None and start <= moment + 2


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def holders(path: Path) -> list[Holder] | None:
    """Processes with a lock on ``path``; none where the system does not say (no ``/proc/locks``)."""
    table = _PROC / "locks"
    if not table.is_file():
        return None
    if not path.exists():
        return []
    wanted = path.stat()
    pids = set()
    for line in table.read_text().splitlines():
        # 1: POSIX  ADVISORY  WRITE 4711 08:01:131090 0 EOF; waiting ones have an arrow in front.
        fields = line.partition(": ")[2].split()
        if fields[0] == "->":
            continue
        pid, (major, minor, inode) = int(fields[3]), fields[4].split(":")
        if int(inode) != wanted.st_ino:
            continue
        same_device = os.makedev(int(major, 16), int(minor, 16)) == wanted.st_dev
        # A container's file system reports another device than the lock table.
        if same_device or path.resolve() in _open_files(pid):
            pids.add(pid)
    return [Holder(pid, _command(pid)) for pid in sorted(pids)]


def _open_files(pid: int) -> set[Path]:
    try:
        return {link.readlink() for link in (_PROC / str(pid) / "fd").iterdir()}
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return set()


def _command(pid: int) -> str:
    try:
        return (_PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return ""
