"""The build file has one writer, and whoever comes second is told so in words."""

import functools
import subprocess
import sys
import textwrap

import duckdb
import pytest

from dagster_project.lib.errors import WarehouseBusyError
from dagster_project.lib.warehouse import open_warehouse, rewrite_when_next_opened

opened = functools.partial(open_warehouse, memory_limit="200MB", threads=1)
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


def test_what_was_replaced_is_gone_from_the_file_once_it_has_been_rewritten(tmp_path):
    path = tmp_path / "warehouse.duckdb"
    with opened(path) as connection:
        # Stored as they are, so that the bytes can be looked for.
        connection.execute("set force_compression = 'uncompressed'")
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.pupils as select 'old-pseudonym-' || n as key from range(20000) as r(n)"
        )
        connection.execute("create view marts.seen as select key from warehouse.marts.pupils")
        connection.execute("checkpoint")
        connection.execute("update marts.pupils set key = replace(key, 'old', 'new')")
        rewrite_when_next_opened(connection)
    assert b"old-pseudonym-" in path.read_bytes()
    with opened(path, read_only=True):
        assert b"old-pseudonym-" in path.read_bytes()
    with opened(path) as connection:
        rows = connection.execute("select count(*), min(key) from marts.seen").fetchall()
        ((free,),) = connection.execute("select free_blocks from pragma_database_size()").fetchall()
    assert rows == [(20000, "new-pseudonym-0")]
    assert free == 0
    assert b"old-pseudonym-" not in path.read_bytes()
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == ["warehouse.duckdb"]


def test_a_rewriting_that_was_cut_off_is_begun_anew(tmp_path):
    path = tmp_path / "warehouse.duckdb"
    with opened(path) as connection:
        connection.execute("create table kept as select 1 as one")
        rewrite_when_next_opened(connection)
    (tmp_path / "warehouse.duckdb.fresh").write_bytes(b"half a file")
    with opened(path) as connection:
        assert connection.execute("from kept").fetchall() == [(1,)]
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == ["warehouse.duckdb"]


def test_a_file_that_another_process_has_open_is_not_rewritten(held):
    path, _ = held
    (path.parent / "warehouse.duckdb.to_be_rewritten").touch()
    with pytest.raises(WarehouseBusyError), opened(path):
        pass
    assert (path.parent / "warehouse.duckdb.to_be_rewritten").exists()
