"""`equity deliver withdraw`: one command takes a file back, and not while a run is at work."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from dagster_project.commands.run_lock import only_run
from dagster_project.lib import raw_tables
from dagster_project.lib.deliveries import inbox
from dagster_project.lib.deliveries.catalogue import KINDS
from dagster_project.lib.deliveries.intake import Intake
from dagster_project.lib.errors import WarehouseBusyError, WithdrawalRefusedError
from dagster_project.lib.extract_store import ExtractStore
from dagster_project.lib.warehouse import open_warehouse

sys.path.append(str(Path(__file__).parent.parent / "deliveries"))

from delivered_files import MUNICIPALITY, PSEUDONYMS, as_csv, rows, table

Equity = Callable[..., Result]


@pytest.fixture
def loaded(data_dir: Path, tmp_path: Path) -> Callable[[], int]:
    """A file has been loaded; tells how many rows of it there are now."""
    folder = tmp_path / "leveranser"
    folder.mkdir()
    (folder / "fel.csv").write_bytes(as_csv(table(KINDS["staff"], rows(KINDS["staff"]))))

    def count() -> int:
        with open_warehouse(data_dir / "warehouse.duckdb", memory_limit="300MB", threads=1) as connection:
            return connection.execute("select count(*) from raw.delivery_staff").fetchone()[0]

    with open_warehouse(data_dir / "warehouse.duckdb", memory_limit="300MB", threads=1) as connection:
        raw_tables.create_tables(connection)
        intake = Intake(connection, ExtractStore(data_dir / "raw"), PSEUDONYMS.of_civic_number, MUNICIPALITY)
        assert len(list(intake.take(inbox.find(folder)))) == 1
    assert count() == 3
    return count


def test_it_says_what_left_and_what_is_left_to_do(equity: Equity, loaded: Callable[[], int], data_dir: Path):
    told = equity("deliver", "withdraw", "fel.csv", "--reason", "Fel kommun.", "--by", "anna").stdout
    told = " ".join(told.split())
    assert "fel.csv är återtagen: 3 rader" in told
    assert "raderat" in told and "Ta bort filen ur leveransmappen" in told
    assert loaded() == 0
    assert '"withdrawn_by": "anna"' in (data_dir / "raw" / "withdrawn.jsonl").read_text()
    undone = equity("deliver", "withdraw", "fel.csv", "--reason", "Den var rätt.", "--undo").stdout
    assert "hävt" in undone


def test_a_file_that_is_not_loaded_is_answered_with_those_that_are(equity: Equity, loaded: Callable[[], int]):
    with pytest.raises(WithdrawalRefusedError, match=r"fel\.csv"):
        equity("deliver", "withdraw", "annan.csv", "--reason", "Fel.")
    assert loaded() == 3


def test_while_a_run_is_at_work_nothing_is_taken_back(
    equity: Equity, loaded: Callable[[], int], data_dir: Path
):
    with only_run(data_dir), pytest.raises(WarehouseBusyError):
        equity("deliver", "withdraw", "fel.csv", "--reason", "Fel.")
    assert loaded() == 3
