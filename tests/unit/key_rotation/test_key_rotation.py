"""Rotation: everybody gets the pseudonym that the longer chain gives, everywhere or nowhere."""

import os
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from rotation_kit import NUMBER, everything, expected, fill, place

from dagster_project.lib import build_state, fingerprint, key_rotation, person_keys
from dagster_project.lib.errors import SettingsError
from dagster_project.lib.key_rotation import PHASES, Place, RotationRefusedError
from dagster_project.lib.person_keys import Keys

KIT = Path(__file__).with_name("rotation_kit.py")
ONE, TWO, THREE = "11" * 32, "22" * 32, "33" * 32


def rotate(data_dir: Path, setting: str = "") -> Keys:
    with place(data_dir) as here:
        keys = key_rotation.recover(here, person_keys.in_force(setting, here.keys_dir))
        return key_rotation.rotate(here, keys)


def child_key(here: Place) -> bytes:
    """The stored pseudonym of the one child, as it stands in the file."""
    (key,) = here.connection.execute("select child_key from raw.ss12000_placements").fetchone() or ("",)
    return str(key).encode()


def in_force(data_dir: Path, setting: str = "") -> Keys:
    """Keys after whatever a run does first."""
    with place(data_dir) as here:
        key_rotation.open_pseudonymiser(here, setting)
        return person_keys.in_force(setting, here.keys_dir)


def test_every_stored_pseudonym_becomes_the_one_of_the_longer_chain(tmp_path):
    before = fill(tmp_path)
    assert everything(tmp_path) == expected(before, is_built=True)
    after = rotate(tmp_path)
    assert after.chain[:-1] == before.chain and len(after.chain) == 2
    assert everything(tmp_path) == expected(after, is_built=False)
    assert in_force(tmp_path).chain == after.chain
    # And once more.
    assert everything(tmp_path) != expected(rotate(tmp_path), is_built=True)
    assert everything(tmp_path) == expected(in_force(tmp_path), is_built=False)


def test_old_pseudonyms_leave_the_build_file_when_it_is_next_opened(tmp_path):
    fill(tmp_path)
    with place(tmp_path) as here:
        old = child_key(here)
    file = tmp_path / "warehouse.duckdb"
    assert old in file.read_bytes()
    rotate(tmp_path)
    with place(tmp_path) as here:
        new = child_key(here)
    assert old not in file.read_bytes()
    assert new in file.read_bytes()


def test_a_person_fetched_after_the_rotation_meets_what_was_stored_before(tmp_path):
    fill(tmp_path)
    rotate(tmp_path)
    with place(tmp_path) as here:
        pseudonymiser = key_rotation.open_pseudonymiser(here, "")
        stored = here.connection.execute("select civic_no_key from raw.ss12000_persons").fetchall()
    assert (pseudonymiser.of_civic_number(f"{NUMBER[:8]}-{NUMBER[8:]}"),) in stored


def test_the_next_run_builds_everything(tmp_path):
    fill(tmp_path)
    with place(tmp_path) as here:
        build_state.remember(here.connection, "code")
        before = fingerprint.of_deliveries(here.connection)
    rotate(tmp_path)
    with place(tmp_path) as here:
        assert build_state.touched(here.connection, "code") is None
        assert fingerprint.of_deliveries(here.connection) != before


def test_the_key_file_stays_readable_by_its_owner_alone_and_the_log_holds_no_key(tmp_path):
    fill(tmp_path)
    keys = rotate(tmp_path)
    assert stat.S_IMODE((tmp_path / "keys" / "person.key").stat().st_mode) == 0o600
    logged = (tmp_path / "keys" / "log.jsonl").read_text()
    assert len(key_rotation.log(tmp_path / "keys")) == 1
    assert not any(key.hex() in logged or key.hex()[:16] in logged for key in keys.chain)
    assert not any(key.hex()[:12] in repr(keys) for key in keys.chain)


@pytest.mark.faults
@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("setting", ["", f"{ONE},{TWO}"], ids=["key file", "environment"])
def test_a_rotation_killed_anywhere_leaves_the_old_keys_or_the_new_and_never_both(tmp_path, phase, setting):
    before = fill(tmp_path, setting.split(",")[0])
    killed = subprocess.run(
        [sys.executable, str(KIT), str(tmp_path), phase],
        env={**os.environ, "EQUITY_PERSON_KEYS": setting},
        capture_output=True,
        text=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    is_decided = PHASES.index(phase) >= PHASES.index("decided")
    if setting and not is_decided:
        # The operator has appended a key; nothing is stored under it yet, and a run says what to do.
        with pytest.raises(SettingsError, match="equity keys rotate"):
            in_force(tmp_path, setting)
        assert everything(tmp_path) == expected(before, is_built=True)
        rotate(tmp_path, setting)
        is_decided = True
    keys = in_force(tmp_path, setting)
    assert everything(tmp_path) == expected(keys, is_built=not is_decided)
    assert (keys.chain != before.chain) == is_decided
    assert len(key_rotation.log(tmp_path / "keys")) == int(is_decided)


def test_keys_of_the_environment_are_not_changed_and_the_refusal_says_what_to_do(tmp_path):
    before = fill(tmp_path, ONE)
    with pytest.raises(RotationRefusedError) as caught:
        rotate(tmp_path, ONE)
    assert "append it to EQUITY_PERSON_KEYS" in str(caught.value)
    assert ONE not in str(caught.value)
    assert everything(tmp_path) == expected(before, is_built=True)


def test_a_key_appended_in_the_environment_is_taken_up(tmp_path):
    fill(tmp_path, ONE)
    keys = rotate(tmp_path, f"{ONE},{TWO}")
    assert everything(tmp_path) == expected(keys, is_built=False)
    assert not (tmp_path / "keys" / "person.key").exists()


@pytest.mark.parametrize("setting", [TWO, f"{TWO},{ONE}", f"{ONE},{TWO}"])
def test_keys_that_are_not_those_of_what_is_stored_stop_a_run(tmp_path, setting):
    before = fill(tmp_path, ONE)
    with pytest.raises(SettingsError) as caught:
        in_force(tmp_path, setting)
    assert ONE not in str(caught.value) and TWO not in str(caught.value)
    if not setting.startswith(ONE):
        with pytest.raises(SettingsError):
            rotate(tmp_path, setting)
    assert everything(tmp_path) == expected(before, is_built=True)


def test_a_rotation_cut_off_under_keys_that_are_gone_says_which(tmp_path):
    fill(tmp_path, ONE)
    subprocess.run(
        [sys.executable, str(KIT), str(tmp_path), "decided"],
        env={**os.environ, "EQUITY_PERSON_KEYS": f"{ONE},{TWO}"},
        check=False,
    )
    with pytest.raises(SettingsError, match="cut off"):
        in_force(tmp_path, f"{ONE},{THREE}")
    assert everything(tmp_path)["built"] == ["dim_pupil", "fct_unit"]
    keys = in_force(tmp_path, f"{ONE},{TWO}")
    assert everything(tmp_path) == expected(keys, is_built=False)


def test_a_full_disk_while_preparing_changes_nothing(tmp_path, monkeypatch):
    before = fill(tmp_path)
    from dagster_project.lib.errors import StorageFailedError

    def full(line: bytes, pseudonymiser: object) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(key_rotation, "_rekeyed", full)
    with pytest.raises(StorageFailedError):
        rotate(tmp_path)
    monkeypatch.undo()
    assert in_force(tmp_path).chain == before.chain
    assert everything(tmp_path) == expected(before, is_built=True)


def test_an_installation_moved_elsewhere_keeps_its_pseudonyms(tmp_path):
    fill(tmp_path / "a")
    rotate(tmp_path / "a")
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    assert everything(tmp_path / "b") == expected(in_force(tmp_path / "b"), is_built=False)
