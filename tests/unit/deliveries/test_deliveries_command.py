"""`equity deliver`: a look at a file before it is sent, and the templates."""

import pytest
from delivered_files import as_csv, made_up_number, rows, table
from typer.testing import CliRunner

from dagster_project.cli import app
from dagster_project.lib.deliveries.catalogue import KINDS
from dagster_project.lib.errors import SettingsError

STAFF = KINDS["staff"]


def deliver(*arguments: object):
    return CliRunner().invoke(app, ["deliver", *map(str, arguments)], catch_exceptions=True)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "personal.csv"
    path.write_bytes(as_csv(table(STAFF, rows(STAFF))))
    return path


def test_a_flawless_file_ends_with_0_and_leaves_nothing_behind(file):
    result = deliver("check", file)
    assert result.exit_code == 0, result.output
    assert "Inlästa: 3" in result.output
    assert list(file.parent.iterdir()) == [file]


def test_a_row_that_would_be_set_aside_ends_with_1(file):
    file.write_bytes(as_csv(table(STAFF, [*rows(STAFF), rows(STAFF, 1)[0] | {"Läsår": "?"}])))
    result = deliver("check", file)
    assert result.exit_code == 1
    assert "rad 5, kolumnen Läsår" in result.output


def test_a_file_that_would_be_refused_ends_with_1(file):
    file.write_bytes(b"")
    result = deliver("check", file)
    assert result.exit_code == 1
    assert "Avvisad" in result.output


def test_a_file_that_is_not_there_ends_with_1(file):
    result = deliver("check", file.with_name("borta.csv"))
    assert result.exit_code == 1
    assert "unreadable" in result.output


def test_a_file_named_after_a_person_would_be_refused(file):
    number = made_up_number(1)
    result = deliver("check", file.rename(file.with_name(f"{number}.csv")))
    assert result.exit_code == 1
    assert number not in result.output


def test_the_kind_may_be_given(file):
    assert deliver("check", file, "--kind", "staff").exit_code == 0
    assert 'Kolumn: "Kalenderår"' in deliver("check", file, "--kind", "ledger").output


def test_an_unknown_kind_is_answered_with_the_known_ones(file):
    result = deliver("check", file, "--kind", "personal")
    assert isinstance(result.exception, SettingsError)
    assert "staff" in str(result.exception)


def test_templates_of_every_kind_are_written(tmp_path):
    folder = tmp_path / "nya" / "mallar"
    assert deliver("templates", folder).exit_code == 0
    assert len(list(folder.iterdir())) == 2 * len(KINDS)
    assert deliver("check", folder / "staff.xlsx").exit_code == 1, "an empty template is no delivery"
