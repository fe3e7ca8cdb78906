"""`equity releases`: what is there, what changed, and the way back."""

from collections.abc import Callable
from pathlib import Path

import pytest
from release_kit import audited, lose
from typer.testing import Result

from dagster_project.lib.errors import ReleaseNotFoundError, ReleaseRefusedError
from dagster_project.lib.release.store import ReleaseStore

Equity = Callable[..., Result]


def test_the_list_marks_the_current_release_and_counts_rows_and_warnings(
    equity: Equity, two_releases: ReleaseStore
):
    lines = equity("releases", "list").stdout.splitlines()

    assert [line.split()[0] for line in lines[1:]] == ["R000001", "→"]
    assert lines[2].split()[1] == "R000002"
    assert lines[1].split()[-3:] == ["published", "31", "0"]


def test_the_list_names_refused_candidates_too(equity: Equity, two_releases: ReleaseStore):
    two_releases.refuse(audited(two_releases.data_dir, "b3"), ["Pupils are missing."])

    (line,) = [line for line in equity("releases", "list").stdout.splitlines() if "R000003" in line]
    assert line.split()[-1] == "refused"


def test_an_empty_data_directory_says_how_to_make_a_release(equity: Equity):
    assert "`equity run` makes one" in equity("releases", "list").stdout


def test_show_tells_what_a_release_is_made_of_and_what_it_lacks(equity: Equity, two_releases: ReleaseStore):
    shown = equity("releases", "show", "R000002").stdout

    assert "It is the current release." in shown
    assert "follows R000001" in shown
    assert "pub_unit_results, 30 rows: Results of year 9 by school unit" in shown
    assert "4 of 4 met" in shown
    assert "pub_unit_results: 3\n" in shown
    assert "Attendance: the municipality has not connected its system." in shown
    assert "pub_unit_results: 0 rows added, 0 removed, 30 changed" in shown


def test_show_of_a_refused_candidate_gives_the_reasons(equity: Equity, two_releases: ReleaseStore):
    two_releases.refuse(audited(two_releases.data_dir, "b3"), ["Pupils are missing.", "Ask the unit."])

    shown = equity("releases", "show", "R000003").stdout

    assert "R000003 was refused" in shown
    assert "  Pupils are missing.\n  Ask the unit.\n" in shown


def test_show_of_an_unknown_release_is_refused(equity: Equity, two_releases: ReleaseStore):
    with pytest.raises(ReleaseNotFoundError, match="There is no release R000009"):
        equity("releases", "show", "R000009")


def test_diff_compares_any_two_releases_row_by_row_by_the_key_of_each_table(
    equity: Equity, two_releases: ReleaseStore
):
    forward = equity("releases", "diff", "R000001", "R000002").stdout
    backward = equity("releases", "diff", "R000002", "R000001").stdout
    same = equity("releases", "diff", "R000001", "R000001").stdout

    assert (
        "pub_unit_results: 0 rows added, 0 removed, 30 changed (merit_value in 30, version in 30)." in forward
    )
    assert "From R000002 to R000001" in backward
    assert "pub_unit_results: 0 rows added, 0 removed, 0 changed." in same


def test_diff_refuses_a_damaged_release(equity: Equity, two_releases: ReleaseStore):
    file = two_releases.get("R000001").file
    file.parent.chmod(0o700)
    file.chmod(0o600)
    file.write_bytes(file.read_bytes()[:5000])

    with pytest.raises(ReleaseRefusedError, match="R000001"):
        equity("releases", "diff", "R000001", "R000002")


def test_rollback_moves_readers_and_keeps_the_reason(equity: Equity, two_releases: ReleaseStore):
    said = equity("releases", "rollback", "R000001", "--reason", "A unit was counted twice.").stdout

    assert "Readers now see R000001 (before: R000002)." in said
    assert two_releases.pointer() == "R000001"
    assert two_releases.log.moves()[-1].reasons == ["A unit was counted twice."]


def test_rollback_needs_a_reason(equity: Equity, two_releases: ReleaseStore):
    assert equity("releases", "rollback", "R000001").exit_code == 2
    with pytest.raises(ReleaseRefusedError, match="needs a reason"):
        equity("releases", "rollback", "R000001", "--reason", " ")
    assert two_releases.pointer() == "R000002"


def test_the_list_says_that_current_leads_nowhere(equity: Equity, two_releases: ReleaseStore):
    lose(two_releases, "R000002")

    assert "current leads to R000002, which is not on disk" in equity("releases", "list").stdout


def test_a_relative_data_directory_is_the_one_below_the_working_directory(
    equity: Equity, two_releases: ReleaseStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EQUITY_DATA_DIR", "data")

    assert "R000002" in equity("releases", "list").stdout
