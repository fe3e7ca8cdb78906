"""Made-up deliveries stand in while nothing of one's own is set, and never beside what is."""

from collections.abc import Callable
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from dagster_project import settings
from dagster_project.defs.extracts.deliveries import DELIVERY_ASSETS
from dagster_project.defs.resources import EquityResource
from dagster_project.lib.deliveries.catalogue import KINDS

POOLS = KINDS["structural_pools"]
ONE_ROW = "\n".join(
    ";".join(cells)
    for cells in (
        [column.header_sv for column in POOLS.columns],
        [column.example for column in POOLS.columns],
    )
)
# One row of the file and one of the log.
OWN_ROWS = 2

Read = Callable[..., str]


@pytest.fixture
def own_folder(tmp_path: Path) -> str:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "pott.csv").write_text(ONE_ROW, encoding="utf-8")
    return str(tmp_path / "own")


@pytest.fixture
def read(tmp_path: Path, using, monkeypatch) -> Read:
    """Reads deliveries with some settings and nothing else; returns what the step says it left out."""

    def read(**variables: str) -> str:
        with using(tmp_path / "data"), monkeypatch.context() as changed:
            for name, value in variables.items():
                changed.setenv(f"EQUITY_{name}", value)
            settings.load.cache_clear()
            result = dg.materialize(DELIVERY_ASSETS, resources={"equity": EquityResource()})
        assert result.success
        (said,) = {
            str(left_out.value) if (left_out := event.materialization.metadata.get("left_out")) else ""
            for event in result.get_asset_materialization_events()
        }
        return said

    return read


def loaded_rows(tmp_path: Path) -> int:
    """Rows of deliveries, their quarantine and their log."""
    tables = ["delivery_files", "rejected_rows", *(kind.raw_table for kind in KINDS.values())]
    with duckdb.connect(str(tmp_path / "data" / "warehouse.duckdb"), read_only=True) as connection:
        return sum(
            count
            for table in tables
            for (count,) in connection.execute(f"select count(*) from raw.{table}").fetchall()
        )


def test_made_up_files_are_gone_when_the_demo_is_switched_off(read: Read, tmp_path):
    assert read(DEMO="on") == ""
    assert loaded_rows(tmp_path) > 1000
    assert "EQUITY_DELIVERIES_DIR" in read(DEMO="off")
    assert loaded_rows(tmp_path) == 0


def test_made_up_files_make_way_for_a_folder_of_ones_own(read: Read, tmp_path, own_folder):
    read(DEMO="on")
    assert read(DEMO="on", DELIVERIES_DIR=own_folder) == ""
    assert loaded_rows(tmp_path) == OWN_ROWS


def test_made_up_files_make_way_for_a_server_of_ones_own(read: Read, tmp_path):
    read(DEMO="on")
    assert "EQUITY_DELIVERIES_DIR" in read(DEMO="on", SS12000_URL="https://ss12000.example/v2.0")
    assert loaded_rows(tmp_path) == 0


def test_made_up_files_are_never_read_beside_files_of_ones_own(read: Read, tmp_path, own_folder):
    read(DELIVERIES_DIR=own_folder)
    assert "never stand beside them" in read(DEMO="on")
    assert loaded_rows(tmp_path) == OWN_ROWS


def test_files_of_ones_own_stay_when_their_folder_is_no_longer_set(read: Read, tmp_path, own_folder):
    read(DELIVERIES_DIR=own_folder)
    read(DEMO="off")
    assert loaded_rows(tmp_path) == OWN_ROWS
