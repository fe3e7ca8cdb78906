"""Reading a file back in full finds what opening it does not."""

from pathlib import Path

import duckdb
import pytest
from release_kit import build

from dagster_project.lib.errors import ReleaseRefusedError
from dagster_project.lib.release.candidate import Candidate
from dagster_project.lib.release.read_back import verify
from dagster_project.lib.release.reader import connect

BLOCK = 262_144  # bytes of a DuckDB block
HEADERS = 3 * 4096  # the main header and two database headers lie before the first block


@pytest.fixture
def candidate(tmp_path: Path) -> Candidate:
    return build(tmp_path, "b1", units=60_000)


def flip(file: Path, position: int) -> None:
    file.chmod(0o600)
    with file.open("r+b") as opened:
        opened.seek(position)
        byte = opened.read(1)[0]
        opened.seek(position)
        opened.write(bytes([byte ^ 0xFF]))


def test_a_sound_file_gives_its_rows_by_table(candidate: Candidate) -> None:
    expected = {"pub_municipality_results": 1, "pub_unit_results": 60_000}
    assert verify(candidate.file, release_id="R000001") == expected == candidate.tables


def test_a_flipped_byte_in_the_data_is_found_although_the_file_still_opens(candidate: Candidate) -> None:
    flip(candidate.file, HEADERS + BLOCK + 1000)  # the first block holds the catalogue, the next ones rows
    with connect(candidate.file) as connection:
        assert connection.execute("select count(*) from duckdb_tables()").fetchall() == [(2,)]
    with pytest.raises(ReleaseRefusedError, match="damaged and cannot be read back"):
        verify(candidate.file)


def test_a_truncated_file_is_refused(candidate: Candidate) -> None:
    candidate.file.chmod(0o600)
    with candidate.file.open("r+b") as opened:
        opened.truncate(candidate.file.stat().st_size - BLOCK)
    with pytest.raises(ReleaseRefusedError, match="damaged"):
        verify(candidate.file)


def test_a_write_ahead_log_beside_the_file_is_refused(candidate: Candidate) -> None:
    (candidate.folder / "equity.duckdb.wal").write_bytes(b"")
    with pytest.raises(ReleaseRefusedError, match=r"write-ahead log \(equity\.duckdb\.wal\)"):
        verify(candidate.file)


def test_rows_of_another_release_are_refused(candidate: Candidate) -> None:
    with pytest.raises(ReleaseRefusedError, match=r"Table pub_municipality_results: .* than R000002"):
        verify(candidate.file, release_id="R000002")


def test_a_missing_file_is_refused_and_not_created(tmp_path: Path) -> None:
    with pytest.raises(ReleaseRefusedError, match="no such file"):
        verify(tmp_path / "equity.duckdb")
    assert list(tmp_path.iterdir()) == []


def test_a_file_without_a_table_is_refused(tmp_path: Path) -> None:
    duckdb.connect(tmp_path / "equity.duckdb").close()
    with pytest.raises(ReleaseRefusedError, match="holds no table"):
        verify(tmp_path / "equity.duckdb")


def test_a_file_that_this_process_has_open_otherwise_is_not_called_damaged(candidate: Candidate) -> None:
    with duckdb.connect(candidate.file, read_only=True):
        assert verify(candidate.file) == candidate.tables
