"""Which process is alive, and which one holds a file. Reads ``/proc``; elsewhere less is known, and said."""

import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
# Fields of /proc/<pid>/stat counted after the command's name, which may hold spaces.
_STATE, _START_TICKS = 0, 19
_ENDED = frozenset("ZX")


@dataclass(frozen=True)
class Holder:
    """A process that has a file open; ``command`` is empty where the system does not tell."""

    pid: int
    command: str


def host() -> str:
    """Name of this machine."""
    return socket.gethostname()


def identity(pid: int) -> str | None:
    """What tells a running process from any later one with the same pid; none if it has ended.

    Made of the boot and the clock tick of its start, so that it survives a change of the wall clock. Without
    ``/proc`` every running process has the same identity: nothing is then known against a pid in use.
    """
    ticks = _start_ticks(pid)
    if ticks is None:
        return None
    boot = _PROC / "sys" / "kernel" / "random" / "boot_id"
    return f"{boot.read_text().strip()}/{ticks}" if boot.is_file() else "running"


def ran_at(pid: int, moment: float) -> bool:
    """Whether the process that has ``pid`` now had it at ``moment`` (Unix time): pids are used again."""
    ticks = _start_ticks(pid)
    if ticks is None:
        return False
    if ticks == 0:
        return True
    age = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    # The wall clock may have been set by a little since.
    return time.time() - age <= moment + 2


def _start_ticks(pid: int) -> int | None:
    """Clock ticks from boot to the start of a running process; 0 where the system does not tell."""
    if not _PROC.is_dir():
        return 0 if _exists(pid) else None
    try:
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[_STATE] in _ENDED else int(fields[_START_TICKS])


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
        return (
            (_PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        )
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return ""
