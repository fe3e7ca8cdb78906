"""What SQL through a reader's connection can and cannot do."""

from pathlib import Path

import duckdb
import pytest
from release_kit import PARTS, audited

from dagster_project.lib.release.publish import publish
from dagster_project.lib.release.reader import connect
from dagster_project.lib.release.store import ReleaseStore


def test_a_reader_sees_the_tables(one_release: ReleaseStore) -> None:
    with connect(one_release.current_link / "equity.duckdb") as connection:
        assert connection.execute("select count(*) from pub_unit_results").fetchall() == [(30,)]


@pytest.mark.parametrize(
    "statement",
    [
        "select * from read_text('{there}')",
        "select * from read_csv('{there}')",
        "select * from glob('{folder}/*')",
        "from '{there}'",
        "copy pub_unit_results to '{folder}/stolen.csv'",
        "export database '{folder}/stolen'",
        "attach '{folder}/other.duckdb'",
        "set enable_external_access = true",
        "reset lock_configuration",
        "set profiling_output = '{folder}/profile.json'",
        "pragma profile_output = '{folder}/profile.json'",
        "install httpfs",
        "load '{there}'",
        "create table mine (id integer)",
        "delete from pub_unit_results",
        "update pub_unit_results set pupils = 0",
    ],
)
def test_sql_can_neither_leave_the_release_nor_change_it(
    one_release: ReleaseStore, tmp_path: Path, statement: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    secret = outside / "secret.csv"
    secret.write_text("pupil;1\n", encoding="utf-8")
    with (
        connect(one_release.current_link / "equity.duckdb") as connection,
        pytest.raises(duckdb.Error),
    ):
        connection.execute(statement.format(there=secret, folder=outside)).fetchall()
    assert list(outside.iterdir()) == [secret]


def test_what_spills_goes_to_a_private_folder_and_not_beside_the_release(one_release: ReleaseStore) -> None:
    with connect(one_release.current_link / "equity.duckdb") as connection:
        ((folder,),) = connection.execute("select current_setting('temp_directory')").fetchall()
    # DuckDB opens the spill folder to SQL, so it may hold nothing else and be open to nobody else.
    assert list(Path(folder).iterdir()) == []
    assert Path(folder).stat().st_mode & 0o077 == 0
    assert not Path(folder).is_relative_to(one_release.data_dir)


def test_the_statements_above_do_work_on_a_connection_that_is_only_read_only(
    one_release: ReleaseStore, tmp_path: Path
) -> None:
    """Guards the test above: it is our settings that refuse, not a mistake in the statements."""
    with duckdb.connect(one_release.current_link / "equity.duckdb", read_only=True) as connection:
        connection.execute(f"copy pub_unit_results to '{tmp_path}/stolen.csv'")
        assert connection.execute(f"select count(*) from read_text('{tmp_path}/stolen.csv')").fetchall() == [
            (1,)
        ]


def test_a_new_reader_sees_the_new_release_while_an_old_one_is_open(
    one_release: ReleaseStore, tmp_path: Path
) -> None:
    query = "select distinct release_id from pub_unit_results"
    with connect(one_release.current_link / "equity.duckdb") as old:
        publish(one_release, audited(tmp_path, "two", version=2), PARTS)
        with connect(one_release.current_link / "equity.duckdb") as new:
            assert new.execute(query).fetchall() == [("R000002",)]
        assert old.execute(query).fetchall() == [("R000001",)]


def test_no_release_is_a_missing_file_and_never_an_empty_database(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        connect(tmp_path / "current" / "equity.duckdb")
    assert list(tmp_path.iterdir()) == []
