"""Who has looked at the made-up municipality goes on without it."""

import duckdb
import pytest

from dagster_project import settings

pytestmark = pytest.mark.scale


def test_a_run_without_the_demo_follows_on_one_with_it(release_copy, monkeypatch, run_steps, words_of):
    with duckdb.connect(release_copy.database, read_only=True) as before:
        count = "select count(*) filter (where is_made_up), count(*) from pub_indicators"
        ((made_up, rows),) = before.sql(count).fetchall()
    assert made_up > 0
    monkeypatch.setenv("EQUITY_DEMO", "off")
    settings.load.cache_clear()
    result = run_steps()
    assert result.success, words_of(result)
    assert release_copy.folder.name == "R000002"
    with duckdb.connect(release_copy.database, read_only=True) as after:
        assert after.sql(count).fetchall() == [(0, rows - made_up)]
