"""The whole command on real extracts: publish, nothing new, the next day, compare, roll back."""

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from demo.calendar import TODAY

# The tests share one data directory and follow on one another.
pytestmark = pytest.mark.xdist_group("equity_command")

Equity = Callable[..., subprocess.CompletedProcess[str]]
MARKED = "raw.siris_grades_y6"


def execute(data_dir: Path, statement: str) -> None:
    with duckdb.connect(data_dir / "warehouse.duckdb") as connection:
        connection.execute(statement)


@pytest.fixture(scope="module")
def data_dir(release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the first run left behind; the commands that follow change it."""
    return shutil.copytree(
        release.data_dir, tmp_path_factory.mktemp("equity_command") / "data", symlinks=True
    )


@pytest.fixture(scope="module")
def equity(data_dir: Path) -> Equity:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("EQUITY_", "DAGSTER_"))
    }
    environment |= {"EQUITY_DATA_DIR": str(data_dir), "COLUMNS": "100"}

    def call(*arguments: str, as_of: dt.date = TODAY) -> subprocess.CompletedProcess[str]:
        """Run `equity`; the made-up municipality is as it was at the end of a day."""
        command = (
            "import datetime, functools, demo; from dagster_project.cli import main;"
            f"demo.generate = functools.partial(demo.generate, as_of={as_of!r}); main()"
        )
        return subprocess.run(
            [sys.executable, "-c", command, *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=900,
        )

    return call


@dataclass(frozen=True)
class SecondRun:
    """A run with nothing new; extracts, their manifest and a marked raw table before and after it."""

    process: subprocess.CompletedProcess[str]
    before: object
    after: object


@pytest.fixture(scope="module")
def second(equity: Equity, data_dir: Path) -> SecondRun:
    def loaded() -> object:
        with duckdb.connect(data_dir / "warehouse.duckdb", read_only=True) as connection:
            extracts = connection.execute(
                "select extract_id, fetched_at, sha256 from raw.extracts order by 1"
            )
            marks = connection.execute(f"select count(*) from {MARKED} where municipality_name = 'marked'")
            return extracts.fetchall(), marks.fetchall(), (data_dir / "raw" / "manifest.jsonl").read_bytes()

    # Loaded anew, the table would lose its marks.
    execute(data_dir, f"create table raw.kept as from {MARKED}")
    execute(data_dir, f"update {MARKED} set municipality_name = 'marked'")
    before = loaded()
    process = equity("run", "--municipality", "1480")
    after = loaded()
    for statement in (
        f"delete from {MARKED}",
        f"insert into {MARKED} from raw.kept",
        "drop table raw.kept",
    ):
        execute(data_dir, statement)
    return SecondRun(process, before, after)


def test_the_first_run_publishes_and_says_so_in_words(release):
    assert "Published: release R000001" in release.words
    assert str(release.data_dir / "releases" / "R000001") in release.words
    assert release.folder.name == "R000001"


def test_the_summary_accounts_for_every_source_what_was_left_out_and_what_was_set_aside(release):
    lines = [line.split() for line in release.words.splitlines()]

    assert ["underlag_for_analys", "293", "608", "293", "608", "0", "0"] in lines
    assert ["costs_gy", "299", "290", "9", "0"] in lines
    assert "Left out: Kolada v3" in release.words
    assert "9 in siris costs_gy: not_a_code." in release.words


def test_the_summary_counts_checks_by_severity_and_says_what_to_do_about_warnings(release):
    assert " passed, 0 failed.\n" in release.words.partition("Tests of the build: ")[2]
    critical = release.words.partition("  critical: ")[2].splitlines()[0]
    assert critical.endswith(" passed, 0 failed")
    assert "Warning no_column_is_blank" in release.words
    assert "What to do (statistics): Tell Skolverket" in release.words


def test_the_summary_ends_with_three_figures_of_uppsala(release):
    assert "Uppsala (0380) in release R000001" in release.words
    assert "235,58 poäng (1 954 pupils, 19 units); nation 223,56 poäng" in release.words
    assert "−11,4 procentenheter" in release.words
    assert "71,5 %; nation 71,9 %" in release.words


def test_what_the_libraries_say_is_in_a_file_and_not_on_the_screen(release):
    assert "STEP_START" not in release.words
    assert "Finished dbt command" in (release.data_dir / "last_run.log").read_text()


def test_the_run_is_in_the_storage_that_the_interface_reads(release):
    with dg.DagsterInstance.from_config(str(release.data_dir / "dagster_home")) as instance:
        run = instance.get_runs()[-1]

    assert run.job_name == "daily"
    assert run.status is dg.DagsterRunStatus.SUCCESS


def test_a_second_run_finds_nothing_new_and_shows_the_municipality_asked_for(second, data_dir):
    told = second.process.stdout
    assert second.process.returncode == 0, told + second.process.stderr
    assert "Nothing new. Release R000001 stands." in told
    assert "Göteborg (1480) in release R000001" in told
    assert "Göteborgs kommun" in told
    assert [path.name for path in sorted((data_dir / "releases").glob("R*"))] == ["R000001"]


def test_a_second_run_loads_nothing_anew(second):
    assert second.after == second.before


def test_the_next_day_is_built_as_far_as_it_changed_anything_and_can_be_rolled_back(second, equity, data_dir):
    built = equity("run", as_of=TODAY + dt.timedelta(days=1))
    assert "Published: release R000002" in built.stdout, built.stdout + built.stderr

    results = json.loads((data_dir / "dbt_target" / "run_results.json").read_text(encoding="utf-8"))
    message_of = {result["unique_id"].split(".")[2]: result["message"] for result in results["results"]}
    standing = {name for name, message in message_of.items() if message == "STANDS"}
    assert {"pub_units", "pub_unit_measures", "ind_need_slopes"} <= standing
    assert {"fct_grade", "fct_pupil_attendance_month", "ind_own_grades"} <= message_of.keys() - standing

    # One grade and one day of attendance are of few pupils: their school year stands until the next revision.
    assert (
        equity("releases", "diff", "R000001", "R000002").stdout.count("0 rows added, 0 removed, 0 changed")
        > 1
    )
    assert equity("releases", "rollback", "R000001", "--reason", "A test.").returncode == 0
    assert (data_dir / "current").resolve().name == "R000001"
    assert "Last decision: R000001 made current by a rollback" in equity("status").stdout


# Another whole run.
@pytest.mark.scale
def test_a_build_from_the_same_data_differs_in_nothing(second, equity, data_dir):
    before = (data_dir / "current").resolve().name
    built = equity("run", "--even-if-unchanged")
    assert "Published: release R" in built.stdout, built.stdout + built.stderr
    after = (data_dir / "current").resolve().name
    assert after != before

    difference = equity("releases", "diff", before, after).stdout
    assert "pub_indicators: 0 rows added, 0 removed, 0 changed." in difference
    assert "whole rows" not in difference
    internal = equity("releases", "diff", before, after, "--internal").stdout
    assert "pub_internal_indicators: 0 rows added, 0 removed, 0 changed." in internal
    assert "whole rows" not in internal
