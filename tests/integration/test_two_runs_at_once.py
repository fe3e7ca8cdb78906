"""Two runs at once: the second is told in words, and neither the warehouse nor the release is harmed."""

import subprocess
import sys
import textwrap

import duckdb
import pytest

_OTHER_RUN = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from dagster_project.lib.warehouse import open_warehouse

    with open_warehouse(Path(sys.argv[1]), memory_limit="200MB", threads=1):
        print("at work", flush=True)
        sys.stdin.read()
    """
)


@pytest.fixture
def another_run_at_work(release_copy):
    """A process that is in the middle of writing to the warehouse."""
    other = subprocess.Popen(
        [sys.executable, "-c", _OTHER_RUN, str(release_copy.warehouse)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "at work\n"
    yield other
    other.kill()
    other.communicate()


@pytest.mark.parametrize(
    "steps", [("siris/siris_grades_y6",), ("candidate", "release")], ids=["extract", "publication"]
)
def test_the_second_run_ends_with_words_and_the_release_stands(
    another_run_at_work, release_copy, run_steps, words_of, steps
):
    result = run_steps(*steps)
    assert not result.success
    assert "WarehouseBusyError" in words_of(result)
    assert "Wait for the other run to end" in words_of(result) or "Wait for that run to end" in words_of(
        result
    )
    assert release_copy.store.pointer() == "R000001"
    release_copy.store.get("R000001").check(release_copy.store.manifest_sha256("R000001"))


def test_once_the_first_run_has_ended_or_been_killed_the_second_goes_on(
    another_run_at_work, release_copy, run_steps, words_of
):
    assert not run_steps("siris/siris_grades_y6").success
    another_run_at_work.kill()
    another_run_at_work.wait(timeout=30)
    result = run_steps("siris/siris_grades_y6")
    assert result.success, words_of(result)
    with duckdb.connect(release_copy.warehouse, read_only=True) as connection:
        assert connection.sql("select count(*) > 4000 from raw.siris_grades_y6").fetchall() == [(True,)]


def test_readers_of_a_release_do_not_stand_in_the_way_of_a_run(release_copy, run_steps, words_of):
    from dagster_project.lib.release.reader import connect

    with connect(release_copy.database) as reader:
        result = run_steps("siris/siris_grades_y6")
        assert result.success, words_of(result)
        assert reader.sql("select count(*) > 0 from pub_indicators").fetchall() == [(True,)]
