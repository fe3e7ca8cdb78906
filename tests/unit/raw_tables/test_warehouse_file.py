"""The build file has one writer, and whoever comes second is told so in words."""

import subprocess
import sys
import textwrap

import duckdb
import pytest

from dagster_project.lib.errors import WarehouseBusyError
from dagster_project.lib.warehouse import open_warehouse

_HOLDER = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from dagster_project.lib.warehouse import open_warehouse

    with open_warehouse(Path(sys.argv[1]), memory_limit="200MB", threads=1):
        print("held", flush=True)
        sys.stdin.read()
    """
)


@pytest.fixture
def held(tmp_path):
    """A build file that another process has open."""
    path = tmp_path / "warehouse.duckdb"
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    yield path, holder
    holder.kill()
    holder.communicate()


@pytest.mark.parametrize("read_only", [False, True])
def test_a_second_process_is_told_who_to_ask_and_what_to_do(held, read_only):
    path, _ = held
    with (
        pytest.raises(WarehouseBusyError) as caught,
        open_warehouse(path, memory_limit="200MB", threads=1, read_only=read_only),
    ):
        pass
    message = str(caught.value)
    assert "warehouse.duckdb is held by another process" in message
    assert "equity doctor" in message
    assert str(path.parent) not in message


def test_the_file_is_free_again_when_its_holder_is_killed(held):
    path, holder = held
    holder.kill()
    holder.wait(timeout=30)
    with open_warehouse(path, memory_limit="200MB", threads=1) as connection:
        assert connection.execute("select 42").fetchall() == [(42,)]


def test_a_file_that_is_no_warehouse_is_not_called_busy(tmp_path):
    path = tmp_path / "warehouse.duckdb"
    path.write_bytes(b"Kommun;Antal\n" * 1000)
    with (
        pytest.raises(duckdb.Error) as caught,
        open_warehouse(path, memory_limit="200MB", threads=1),
    ):
        pass
    assert not isinstance(caught.value, WarehouseBusyError)


def test_memory_and_threads_are_bounded_and_the_connection_is_closed_after_an_error(tmp_path):
    path = tmp_path / "warehouse.duckdb"

    def limits() -> tuple[str, int]:
        with open_warehouse(path, memory_limit="100MiB", threads=1) as connection:
            return connection.execute(
                "select current_setting('memory_limit'), current_setting('threads')"
            ).fetchone()

    assert limits() == ("100.0 MiB", 1)
    with (
        pytest.raises(ZeroDivisionError),
        open_warehouse(path, memory_limit="200MB", threads=1) as connection,
    ):
        raise ZeroDivisionError
    with pytest.raises(duckdb.ConnectionException):
        connection.execute("select 1")
    # Another configuration would be refused while the first connection lives.
    assert limits() == ("100.0 MiB", 1)
