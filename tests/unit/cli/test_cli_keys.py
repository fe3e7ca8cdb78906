"""`equity keys`: shows no key, and refuses to rotate where it must not."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from dagster_project import settings
from dagster_project.commands.run_lock import only_run
from dagster_project.lib.errors import SettingsError, WarehouseBusyError
from dagster_project.lib.key_rotation import RotationRefusedError

sys.path.append(str(Path(__file__).parent.parent / "key_rotation"))

from rotation_kit import everything, expected, fill

Equity = Callable[..., Result]
ONE, TWO = "11" * 32, "22" * 32


def use_keys(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("EQUITY_PERSON_KEYS", text)
    settings.load.cache_clear()


def test_before_the_first_run_there_are_no_keys_and_none_are_made(equity: Equity, data_dir: Path):
    assert "no keys yet" in equity("keys", "show").stdout
    assert not (data_dir / "keys").exists()


def test_keys_are_shown_by_fingerprints_and_rotated(equity: Equity, data_dir: Path):
    before = fill(data_dir)
    shown = equity("keys", "show").stdout
    assert "were made under these keys" in shown
    rotated = equity("keys", "rotate").stdout
    assert "There are 2 keys now" in rotated
    shown += equity("keys", "show").stdout
    assert "2. " in shown and "Rotated" in shown
    keys = [bytes.fromhex(line) for line in (data_dir / "keys" / "person.key").read_text().split()]
    assert keys[:-1] == list(before.chain)
    told = shown + rotated
    assert not any(key.hex()[:10] in told for key in keys)
    assert everything(data_dir)["built"] == ["fct_unit"]


def test_keys_of_the_environment_are_left_to_the_operator(equity: Equity, data_dir: Path, monkeypatch):
    fill(data_dir, ONE)
    use_keys(monkeypatch, ONE)
    with pytest.raises(RotationRefusedError, match="append it to EQUITY_PERSON_KEYS") as caught:
        equity("keys", "rotate")
    assert ONE not in str(caught.value)
    use_keys(monkeypatch, f"{ONE},{TWO}")
    assert "equity keys rotate" in equity("keys", "show").stdout.replace("\n", " ")
    assert "There are 2 keys now" in equity("keys", "rotate").stdout
    assert "were made under these keys" in equity("keys", "show").stdout


def test_while_a_run_is_at_work_nothing_is_rotated(equity: Equity, data_dir: Path):
    before = fill(data_dir)
    with only_run(data_dir), pytest.raises(WarehouseBusyError):
        equity("keys", "rotate")
    assert everything(data_dir) == expected(before, is_built=True)


def test_while_another_process_has_the_warehouse_open_nothing_is_rotated(
    equity: Equity, data_dir: Path, holder: Callable[[Path], int]
):
    before = fill(data_dir)
    pid = holder(data_dir / "warehouse.duckdb")
    assert pid
    with pytest.raises(WarehouseBusyError):
        equity("keys", "rotate")
    assert len((data_dir / "keys" / "person.key").read_text().split()) == len(before.chain)


def test_other_keys_than_those_of_what_is_stored_are_refused(equity: Equity, data_dir: Path, monkeypatch):
    fill(data_dir, ONE)
    use_keys(monkeypatch, TWO)
    with pytest.raises(SettingsError, match="not those that the stored pseudonyms") as caught:
        equity("keys", "rotate")
    assert TWO not in str(caught.value)
