"""The step that talks to SS 12000: made-up server by default, one list at a time, left out when told."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

import demo
from dagster_project import settings as settings_module
from dagster_project.defs.extracts.retention import pruned_extracts
from dagster_project.defs.extracts.ss12000 import asset_key, ss12000
from dagster_project.defs.resources import EquityResource
from dagster_project.lib.ss12000.tables import TABLES
from dagster_project.lib.warehouse import open_warehouse
from demo.server import Fault, running


@pytest.fixture
def data_dir(tmp_path: Path, using) -> Iterator[Path]:
    with using(tmp_path / "data"):
        yield tmp_path / "data"


def run(*lists: str, **variables: str) -> dg.ExecuteInProcessResult:
    """Materialise the raw tables named (all when none is), with these settings."""
    with pytest.MonkeyPatch.context() as monkeypatch, dg.DagsterInstance.ephemeral() as instance:
        for name, value in variables.items():
            monkeypatch.setenv(f"EQUITY_{name}", value)
        settings_module.load.cache_clear()
        result = dg.materialize(
            [ss12000],
            selection=[asset_key(f"ss12000_{name}") for name in lists] or None,
            resources={"equity": EquityResource()},
            instance=instance,
        )
    settings_module.load.cache_clear()
    return result


def metadata(result: dg.ExecuteInProcessResult, table: str) -> dict[str, object]:
    key = asset_key(f"ss12000_{table}")
    (event,) = [one for one in result.get_asset_materialization_events() if one.asset_key == key]
    return {key: value.value for key, value in event.materialization.metadata.items()}


def failed_checks(result: dg.ExecuteInProcessResult) -> dict[str, str]:
    return {
        check.asset_key.path[-1]: check.description or ""
        for check in result.get_asset_check_evaluations()
        if not check.passed
    }


def rows(data_dir: Path, query: str) -> list[tuple[object, ...]]:
    with open_warehouse(data_dir / "warehouse.duckdb", memory_limit="300MB", threads=1) as connection:
        return connection.execute(query).fetchall()


def test_by_default_the_made_up_municipality_answers_and_a_second_run_finds_nothing_new(data_dir):
    first = run("organisations", "persons", "enrolments")
    assert first.success and failed_checks(first) == {}
    assert metadata(first, "organisations")["dagster/row_count"] == 61
    assert (data_dir / "keys" / "person.key").is_file()
    second = run("organisations", "persons", "enrolments")
    assert metadata(second, "persons")["loaded"] == 0
    assert metadata(second, "persons")["dagster/row_count"] == metadata(first, "persons")["loaded"]


def test_a_server_of_ones_own_takes_the_place_of_the_made_up_one(data_dir):
    run("organisations", "duties")
    municipality = demo.generate()
    with running(municipality, faults=[Fault("duties", "status", status=403, times=99)]) as up:
        result = run(
            "organisations",
            "duties",
            SS12000_URL=up.url,
            SS12000_TOKEN_URL=up.token_url,
            SS12000_CLIENT_ID=up.client_id,
            SS12000_CLIENT_SECRET=up.client_secret,
        )
    assert result.success
    assert set(failed_checks(result)) == {"ss12000_duties"}
    assert "http_403" in failed_checks(result)["ss12000_duties"]
    assert rows(data_dir, "select count(*) from raw.ss12000_duties") == [(0,)]
    assert rows(data_dir, "select server from raw.ss12000_state") == [(up.url,)]


def test_switched_off_it_is_left_out_and_nothing_made_up_stays(data_dir):
    run("organisations")
    result = run(DEMO="off")
    assert result.success and failed_checks(result) == {}
    assert len(result.get_asset_materialization_events()) == len(TABLES)
    assert "EQUITY_SS12000_URL" in str(metadata(result, "organisations")["left_out"])
    assert rows(data_dir, "select count(*) from raw.ss12000_organisations") == [(0,)]
    assert rows(data_dir, "select count(*) from raw.extracts") == [(0,)]


def test_keys_that_do_not_fit_stop_the_step_before_anything_is_asked(data_dir):
    run("organisations", PERSON_KEYS="11" * 32)
    with pytest.raises(Exception, match="not those that the stored pseudonyms"):
        run("organisations", PERSON_KEYS="22" * 32)


def test_retention_runs_and_says_what_it_pruned(data_dir):
    run("organisations")
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize([pruned_extracts], resources={"equity": EquityResource()}, instance=instance)
    (event,) = result.get_asset_materialization_events()
    assert {key: value.value for key, value in event.materialization.metadata.items()} == {
        "files_pruned": 0,
        "rows_pruned": 0,
    }
