"""Which process lives and which one holds a file: read from the system, for processes started here."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dagster_project.commands import processes


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    yield process
    process.communicate(timeout=30)


def test_two_processes_have_different_identities_and_each_keeps_its_own(child: subprocess.Popen[bytes]):
    assert processes.identity(child.pid) == processes.identity(child.pid)
    assert processes.identity(child.pid) != processes.identity(os.getpid())


def test_a_killed_process_has_no_identity_even_before_its_parent_has_noticed(child: subprocess.Popen[bytes]):
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)

    assert processes.identity(child.pid) is None


def test_a_pid_that_is_used_again_is_not_taken_for_the_earlier_process(child: subprocess.Popen[bytes]):
    now = time.time()

    assert processes.ran_at(child.pid, now)
    assert not processes.ran_at(child.pid, now - 3600)


def test_the_holder_of_a_file_is_named_with_its_command(holder: Callable[[Path], int], tmp_path: Path):
    file = tmp_path / "held.duckdb"
    pid = holder(file)

    (found,) = processes.holders(file) or []

    assert found.pid == pid
    assert "duckdb.connect" in found.command


def test_a_file_nobody_holds_has_no_holder(holder: Callable[[Path], int], tmp_path: Path):
    holder(tmp_path / "other.duckdb")
    free = tmp_path / "free.duckdb"
    free.write_bytes(b"")

    assert processes.holders(free) == []
    assert processes.holders(tmp_path / "absent.duckdb") == []
