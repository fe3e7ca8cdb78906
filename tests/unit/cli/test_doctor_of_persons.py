"""`equity doctor` on the keys behind the pseudonyms and on what should have been pruned."""

import datetime as dt
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from dagster_project import settings
from dagster_project.commands import doctor_of_persons
from dagster_project.lib.key_chain import KeyFile

sys.path.append(str(Path(__file__).parent.parent / "key_rotation"))

from rotation_kit import NOW, fill

Equity = Callable[..., Result]
ONE, TWO = "11" * 32, "22" * 32


@pytest.fixture(autouse=True)
def _no_keys_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EQUITY_PERSON_KEYS", "")


def graded(*, days_later: int = 1) -> dict[str, str]:
    """Sentence and remedy of every finding, by grade."""
    found: dict[str, str] = {}
    for one in doctor_of_persons.findings(settings.load(), now=NOW + dt.timedelta(days=days_later)):
        found[one.grade] = found.get(one.grade, "") + f"{one.sentence} {one.remedy}\n"
    return found


def test_before_the_first_run_there_are_no_keys_and_none_are_made(data_dir: Path):
    assert graded() == {"ok": "There are no keys yet; the first run with data of your own makes one. \n"}
    assert not data_dir.exists()


def test_keys_that_are_those_of_what_is_stored_are_well(data_dir: Path):
    keys = fill(data_dir)
    found = graded(days_later=-400)
    assert set(found) == {"ok"}
    assert "1 keys in" in found["ok"] and "those of the stored pseudonyms" in found["ok"]
    assert keys.chain[0].hex()[:8] not in found["ok"]


def test_the_command_says_it_and_ends_with_1(equity: Equity, data_dir: Path):
    fill(data_dir)
    (data_dir / "keys" / "person.key").chmod(0o640)
    result = equity("doctor")
    assert result.exit_code == 1
    assert "can be read by others than its owner (mode 0640)" in result.stdout.replace("\n", " ")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_key_file_that_others_can_read_fails_once(data_dir: Path, mode: int):
    fill(data_dir)
    (data_dir / "keys" / "person.key").chmod(mode)
    failures = graded()["fail"].splitlines()
    assert len(failures) == 1
    assert f"{mode:04o}" in failures[0] and "chmod 600" in failures[0] and "keys rotate" in failures[0]


@pytest.mark.parametrize("is_built", [True, False])
def test_a_key_file_that_is_gone_fails_where_pseudonyms_are_stored(data_dir: Path, is_built: bool):
    fill(data_dir)
    (data_dir / "keys" / "person.key").unlink()
    if not is_built:
        (data_dir / "warehouse.duckdb").unlink()
    assert "is gone. Put it back from your backup" in graded()["fail"]
    assert not (data_dir / "keys" / "person.key").exists(), "the doctor makes no key"


def test_other_keys_than_those_of_what_is_stored_fail(data_dir: Path):
    fill(data_dir)
    KeyFile(data_dir / "keys" / "person.key").write([bytes.fromhex(ONE)])
    assert "every person would have become another" in graded()["fail"]


def test_a_key_appended_in_the_environment_waits_for_the_rotation(data_dir: Path, monkeypatch):
    monkeypatch.setenv("EQUITY_PERSON_KEYS", ONE)
    fill(data_dir, ONE)
    assert "the setting EQUITY_PERSON_KEYS" in graded()["ok"]
    monkeypatch.setenv("EQUITY_PERSON_KEYS", f"{ONE},{TWO}")
    settings.load.cache_clear()
    found = graded()["fail"]
    assert "equity keys rotate" in found and ONE not in found and TWO not in found


@pytest.mark.parametrize("content", ["", "not a key\n"])
def test_a_file_without_keys_fails_and_is_not_repeated(data_dir: Path, content: str):
    fill(data_dir)
    path = data_dir / "keys" / "person.key"
    path.write_text(content)
    found = graded()["fail"]
    assert "does not hold keys" in found and "not a key" not in found


def test_a_key_in_the_environment_that_is_none_fails_without_being_shown(data_dir: Path, monkeypatch):
    monkeypatch.setenv("EQUITY_PERSON_KEYS", "abc123")
    settings.load.cache_clear()
    assert "hexadecimal" in graded()["fail"] and "abc123" not in graded()["fail"]


def test_while_a_run_has_the_build_file_the_chain_cannot_be_compared(
    data_dir: Path, holder: Callable[[Path], int]
):
    fill(data_dir)
    holder(data_dir / "warehouse.duckdb")
    assert "Ask again when the run has ended" in graded()["warn"]


def test_a_rotation_that_was_cut_off_is_told(data_dir: Path):
    fill(data_dir)
    (data_dir / "keys" / "rotation.json").write_text("{}")
    assert "cut off" in graded()["warn"]


def test_extracts_kept_past_their_time_are_counted(data_dir: Path):
    fill(data_dir)
    assert "warn" not in graded(days_later=80)
    assert "1 stored extracts of persons are older" in graded(days_later=100)["warn"]
