"""Names in SQL text: safe-listed or quoted, never as they came."""

from pathlib import Path

import duckdb
import pytest

from dagster_project.lib.errors import SettingsError
from dagster_project.lib.release.sql import identifier, literal

HOSTILE_NAMES = [
    "x'); drop table pupils; --.duckdb",
    "''.duckdb",
    'say "equity".duckdb',
    "[glob]*?.duckdb",
    "line\nbreak.duckdb",
    "skolår åäö \u202e.duckdb",
]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_hostile_file_name_is_attached_as_a_file_and_nothing_else(tmp_path: Path, name: str) -> None:
    with duckdb.connect() as connection:
        connection.execute("create table pupils (id integer)")
        connection.execute(f"attach {literal(tmp_path / name)} as there")
        connection.execute("create table there.t as select 1 as one")
        connection.execute("detach there")
        assert connection.execute("select count(*) from pupils").fetchall() == [(0,)]
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_nul_in_a_file_name_is_refused() -> None:
    with pytest.raises(SettingsError, match="NUL"):
        literal("a\0b")


@pytest.mark.parametrize(
    "name", ["", "Upper", "1st", "a b", 'a"; drop table b; --', "skolår", "a.b", "a\n", "_hidden", "a-b"]
)
def test_a_name_outside_the_safe_list_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match="lower-case letters"):
        identifier(name)


@pytest.mark.parametrize("name", ["pub_unit_results", "y9", "select", "a"])
def test_a_safe_name_is_quoted_even_when_it_is_a_keyword(name: str) -> None:
    assert identifier(name) == f'"{name}"'
