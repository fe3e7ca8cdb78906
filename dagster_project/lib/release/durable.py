"""Writing so that a power cut or a kill leaves either the old state or the new one."""

import hashlib
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from dagster_project.lib.errors import StorageFailedError

# Begins the name of a file that is not yet in place; what a crash leaves under it may be removed.
STAGED_PREFIX = ".tmp-"

NOTHING_CHANGED = "Nothing half-written is kept and the current release stands."

# As what DuckDB reports a write that the disk did not take: at once, at the commit, and ever after.
_FAILED_WRITES = (duckdb.IOException, duckdb.TransactionException, duckdb.FatalException)

_WRITE_BITS = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def sha256(path: Path) -> str:
    """Hex digest of the bytes of one file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync(path: Path) -> None:
    """Force one file's bytes, or one folder's names, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Force everything below ``folder``, and the folder itself, to the disk."""
    for path in folder.rglob("*"):
        sync(path)
    sync(folder)


def write_atomically(path: Path, text: str) -> None:
    """Replace ``path`` with ``text`` (UTF-8): a reader sees the old text or the new, after a crash too."""
    temporary = path.with_name(f"{STAGED_PREFIX}{path.name}")
    temporary.write_text(text, encoding="utf-8")
    sync(temporary)
    temporary.replace(path)
    sync(path.parent)


def stage_link(link: Path, target: Path) -> Path:
    """Make a symbolic link to ``target`` under a temporary name beside ``link``, and return that name.

    :func:`commit_link` puts it in place; until then ``link`` leads where it led.
    """
    temporary = link.with_name(f"{STAGED_PREFIX}{link.name}")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target)
    return temporary


def commit_link(staged: Path, link: Path) -> None:
    """Put a staged link in place of ``link``, in one atomic step."""
    staged.replace(link)
    sync(link.parent)


def make_read_only(path: Path) -> None:
    """Take all write permission from a file, or from a folder and everything below it."""
    paths = [*path.rglob("*"), path] if path.is_dir() else [path]
    for entry in paths:
        entry.chmod(stat.S_IMODE(entry.stat().st_mode) & ~_WRITE_BITS)


def remove_tree(folder: Path) -> None:
    """Remove a folder that may be read-only."""
    for entry in [folder, *folder.rglob("*")]:
        if entry.is_dir() and not entry.is_symlink():
            entry.chmod(stat.S_IRWXU)
    shutil.rmtree(folder)


@contextmanager
def scratch_folder(folder: Path) -> Iterator[Path]:
    """A new, empty ``folder`` that is gone afterwards unless it has been renamed.

    A disk that fills up leaves half a file grown to the limit; removing the folder gives the space back.
    """
    if folder.exists():
        remove_tree(folder)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        if folder.exists():
            remove_tree(folder)


@contextmanager
def storage_failures(doing: str, *, consequence: str = NOTHING_CHANGED) -> Iterator[None]:
    """Turn a failed write into one sentence about what was being done and how things stand now.

    Raises:
        StorageFailedError: the operating system or DuckDB could not write (full disk, quota, permission).
    """
    try:
        yield
    except (OSError, *_FAILED_WRITES) as failure:
        cause = os.strerror(failure.errno) if isinstance(failure, OSError) and failure.errno else str(failure)
        raise StorageFailedError(
            f"{doing} failed: {cause}. {consequence} Free disk space or mend the permission, then try again."
        ) from failure
