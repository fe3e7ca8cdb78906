"""`equity status`: where things stand, also while a run is at work."""

from collections.abc import Callable
from pathlib import Path

import duckdb
from release_kit import audited
from typer.testing import Result

from dagster_project.commands.run_lock import only_run
from dagster_project.lib import raw_tables
from dagster_project.lib.errors import SourceUnavailableError
from dagster_project.lib.release.store import ReleaseStore

Equity = Callable[..., Result]


def _with_a_problem(warehouse: Path) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        raw_tables.create_tables(connection)
        raw_tables.record_failed_fetch(
            connection,
            source="siris",
            dataset="teachers",
            period="2025",
            raw_table="siris_teachers",
            problem=SourceUnavailableError(
                source="report 76", rule="no_answer", message="no answer", remedy="Try again tomorrow."
            ),
        )


def test_before_the_first_release_it_says_what_to_do(equity: Equity):
    assert "There is no release yet. `equity run` makes one." in equity("status").stdout


def test_it_names_the_current_release_what_it_lacks_and_the_last_decision(
    equity: Equity, two_releases: ReleaseStore
):
    said = equity("status").stdout

    assert "Current release: R000002" in said
    assert "Lacks: Attendance: the municipality has not connected its system." in said
    assert "Last decision: R000002 published" in said


def test_a_refusal_is_shown_with_its_reasons_beside_the_release_that_stands(
    equity: Equity, two_releases: ReleaseStore
):
    two_releases.refuse(audited(two_releases.data_dir, "b3"), ["Suite x: 3 rows are wrong."])

    said = equity("status").stdout

    assert "Current release: R000002" in said
    assert "Last decision: R000003 refused" in said
    assert "  Suite x: 3 rows are wrong." in said


def test_deliveries_that_failed_since_the_release_are_named(equity: Equity, two_releases: ReleaseStore):
    _with_a_problem(two_releases.data_dir / "warehouse.duckdb")

    said = equity("status").stdout

    assert "siris teachers 2025: report 76: no answer (rule no_answer). Try again tomorrow." in said


def test_a_build_file_in_use_is_left_alone_and_that_is_said(
    equity: Equity, two_releases: ReleaseStore, holder: Callable[[Path], int]
):
    holder(two_releases.data_dir / "warehouse.duckdb")

    assert "A run is at work on warehouse.duckdb" in equity("status").stdout


def test_between_two_steps_of_a_run_the_build_file_is_left_alone_too(
    equity: Equity, two_releases: ReleaseStore
):
    _with_a_problem(two_releases.data_dir / "warehouse.duckdb")

    with only_run(two_releases.data_dir):
        said = equity("status").stdout

    assert "A run is at work" in said
    assert "no answer" not in said
