"""The command as a process: quick to start, plain in its errors."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from dagster_project.lib.release.store import ReleaseStore

_HEAVY = ("dagster", "dagster_dbt", "dbt", "great_expectations")
EquityProcess = Callable[..., subprocess.CompletedProcess[str]]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["run", "--help"],
        ["status"],
        ["releases", "list"],
        ["releases", "show", "R000002"],
        ["releases", "diff", "R000001", "R000002"],
        ["releases", "rollback", "R000001", "--reason", "test"],
    ],
    ids=" ".join,
)
def test_commands_that_only_look_do_not_load_dagster_dbt_or_great_expectations(
    arguments: list[str], two_releases: ReleaseStore
):
    program = f"""
import sys
from dagster_project.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
print("LOADED", [name for name in {_HEAVY} if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout.splitlines()[-1] == "LOADED []"


def test_an_error_of_ours_is_one_plain_message(equity_process: EquityProcess, two_releases: ReleaseStore):
    done = equity_process("releases", "show", "R000099")

    assert done.returncode == 1
    assert done.stderr == "There is no release R000099. On disk: R000001, R000002.\n"


def test_a_wrong_setting_is_named(equity_process: EquityProcess, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("EQUITY_MODE", "paper")

    done = equity_process("status")

    assert done.returncode == 1
    assert "EQUITY_MODE" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_municipality_is_refused_before_anything_is_run(equity_process: EquityProcess):
    done = equity_process("run", "--municipality", "9999")

    assert done.returncode == 1
    assert done.stderr.startswith("No municipality has the code 9999.")
    assert "Traceback" not in done.stderr


def test_an_unexpected_error_keeps_its_traceback(equity_process: EquityProcess, two_releases: ReleaseStore):
    two_releases.log.path.write_text("not a log\n")

    done = equity_process("status")

    assert done.returncode == 1
    assert "Traceback" in done.stderr
