"""The sensor asks for a run when files are new and lie still, once per change, and is off by default."""

import os

import dagster as dg
import pytest
from delivered_files import as_csv, rows, table

from dagster_project import settings
from dagster_project.defs.automation.delivery_sensor import deliveries_arrived
from dagster_project.lib.deliveries.catalogue import KINDS


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("EQUITY_DELIVERIES_DIR", str(tmp_path / "in"))
    settings.load.cache_clear()
    (tmp_path / "in").mkdir()
    yield tmp_path / "in"
    settings.load.cache_clear()


@pytest.fixture
def look():
    """Lets the sensor look once more; the run keys it asks for."""
    cursor = None

    def look() -> list[str]:
        nonlocal cursor
        context = dg.build_sensor_context(cursor=cursor)
        result = deliveries_arrived(context)
        cursor = result.cursor if isinstance(result, dg.SensorResult) else context.cursor
        return (
            [request.run_key for request in result.run_requests]
            if isinstance(result, dg.SensorResult)
            else []
        )

    return look


def drop(folder, minute: int = 0) -> None:
    kind = KINDS["staff"]
    path = folder / "personal.csv"
    path.write_bytes(as_csv(table(kind, rows(kind))))
    os.utime(path, (1_790_000_000 + minute * 60,) * 2)


def test_it_is_off_until_it_is_switched_on():
    assert deliveries_arrived.default_status is dg.DefaultSensorStatus.STOPPED


def test_an_empty_folder_asks_for_nothing(folder, look):
    assert [look(), look()] == [[], []]


def test_a_file_that_lies_still_asks_for_one_run(folder, look):
    drop(folder)
    assert look() == []
    assert len(look()) == 1
    assert [look(), look()] == [[], []]


def test_a_growing_file_is_waited_for(folder, look):
    for minute in range(3):
        drop(folder, minute)
        assert look() == []
    assert len(look()) == 1


def test_a_changed_file_asks_for_another_run(folder, look):
    drop(folder)
    look()
    first = look()
    drop(folder, minute=1)
    look()
    second = look()
    assert len({*first, *second}) == 2


def test_the_report_beside_a_file_asks_for_nothing(folder, look):
    drop(folder)
    look()
    look()
    (folder / "personal.csv.rapport.txt").write_text("rapport")
    assert [look(), look()] == [[], []]


def test_without_a_folder_it_says_so(monkeypatch):
    monkeypatch.delenv("EQUITY_DELIVERIES_DIR", raising=False)
    settings.load.cache_clear()
    result = deliveries_arrived(dg.build_sensor_context())
    assert isinstance(result, dg.SkipReason)
    settings.load.cache_clear()


def test_a_folder_that_is_gone_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("EQUITY_DELIVERIES_DIR", str(tmp_path / "borta"))
    settings.load.cache_clear()
    assert "unreadable" in deliveries_arrived(dg.build_sensor_context()).skip_message
    settings.load.cache_clear()
