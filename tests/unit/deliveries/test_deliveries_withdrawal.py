"""Taking a delivery back: its rows leave and stay away, and who did it and why is kept."""

import json
from collections.abc import Callable

import pytest
from delivered_files import MUNICIPALITY, PSEUDONYMS, as_csv, as_xlsx, made_up_number, rows, table

from dagster_project.lib import build_state, raw_tables
from dagster_project.lib.build_state import RawTable
from dagster_project.lib.deliveries import inbox, withdrawal
from dagster_project.lib.deliveries.catalogue import KINDS
from dagster_project.lib.deliveries.intake import Intake
from dagster_project.lib.errors import WithdrawalRefusedError
from dagster_project.lib.extract_store import ExtractStore
from dagster_project.lib.warehouse import open_warehouse

STAFF, LEDGER = KINDS["staff"], KINDS["ledger"]
WHY = {"reason": "Fel läsår.", "by": "anna"}


class Installation:
    """A folder of deliveries, what is stored of them, and the build file."""

    def __init__(self, folder, store, connection):
        self.folder, self.store, self.connection = folder, store, connection

    def take(self):
        intake = Intake(
            connection=self.connection,
            store=self.store,
            pseudonym_of=PSEUDONYMS.of_civic_number,
            municipality_code=MUNICIPALITY,
        )
        return {loaded.period: loaded for _, loaded in intake.take(inbox.find(self.folder))}

    def withdraw(self, file: str, **why: str) -> withdrawal.Withdrawal:
        return withdrawal.withdraw(self.connection, self.store, file=file, **(WHY | why))

    def count(self, kind: str = "staff") -> int:
        return self.connection.execute(f"select count(*) from raw.delivery_{kind}").fetchone()[0]

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        return self.connection.execute(sql).fetchall()

    def stored(self) -> list[str]:
        """Files of extracts."""
        return sorted(path.parts[-3] for path in self.store.root.rglob("*.bytes"))


@pytest.fixture
def here(tmp_path):
    folder = tmp_path / "leveranser"
    folder.mkdir()
    with open_warehouse(tmp_path / "data" / "w.duckdb", memory_limit="500MB", threads=1) as connection:
        raw_tables.create_tables(connection)
        yield Installation(folder, ExtractStore(tmp_path / "data" / "raw"), connection)


@pytest.fixture
def wrong(here):
    """A file with two sound rows and one in quarantine has been loaded, beside a right one."""
    lines = rows(STAFF, 3)
    lines[0] |= {"Läsår": "?"}
    path = here.folder / "fel.csv"
    path.write_bytes(as_csv(table(STAFF, lines)))
    (here.folder / "rätt.csv").write_bytes(as_csv(table(STAFF, rows(STAFF, 4))))
    here.take()
    assert here.count() == 6
    return path


def test_its_rows_leave_and_those_of_other_files_stay(here, wrong):
    assert here.withdraw("fel.csv").rows_withdrawn == 2
    assert here.count() == 4
    assert here.rows("select count(*) from raw.rejected_rows") == [(0,)]
    assert here.rows("select period from raw.extracts") == [("rätt",)]


def test_the_next_build_knows_that_something_changed(here, wrong):
    build_state.remember(here.connection, "code")
    here.withdraw("fel.csv")
    assert build_state.touched(here.connection, "code") == [RawTable("deliveries", "delivery_staff")]


def test_left_in_the_folder_it_is_refused_and_its_sender_told(here, wrong):
    here.withdraw("fel.csv")
    for _ in range(2):
        assert "withdrawn" in here.take()["fel"].problem
        assert here.count() == 4
    report = (here.folder / "fel.csv.rapport.txt").read_text(encoding="utf-8")
    assert "Avvisad" in report and "återtagits" in report
    assert here.rows("select rule from raw.delivery_problems") == [("withdrawn",)]


def test_taken_out_of_the_folder_it_is_nobodys_problem(here, wrong):
    here.withdraw("fel.csv")
    wrong.unlink()
    here.take()
    assert here.rows("select count(*) from raw.delivery_problems") == [(0,)]
    assert here.count() == 4


def test_under_another_name_the_same_bytes_are_refused(here, wrong):
    here.withdraw("fel.csv")
    wrong.rename(here.folder / "igen.csv")
    assert "withdrawn" in here.take()["igen"].problem


def test_the_same_rows_saved_anew_under_the_name_are_refused(here, wrong):
    here.withdraw("fel.csv")
    wrong.write_bytes(b"\xef\xbb\xbf" + wrong.read_bytes())
    assert "withdrawn" in here.take()["fel"].problem
    assert here.count() == 4


@pytest.mark.parametrize("write", [as_csv, as_xlsx])
def test_the_right_file_under_the_same_name_takes_its_place(here, wrong, write):
    here.withdraw("fel.csv")
    wrong.unlink()
    (here.folder / f"fel.{'csv' if write is as_csv else 'xlsx'}").write_bytes(
        write(table(STAFF, rows(STAFF, 1)))
    )
    assert here.take()["fel"].problem is None
    assert here.count() == 5
    here.take()
    assert here.count() == 5


def test_what_is_stored_of_persons_is_deleted_at_once_and_of_other_things_kept(here, wrong):
    (here.folder / "budget.csv").write_bytes(as_csv(table(LEDGER, rows(LEDGER))))
    here.take()
    assert here.stored() == ["ledger", "staff", "staff"]
    here.withdraw("fel.csv")
    here.withdraw("budget.csv")
    assert here.count("ledger") == 0
    assert here.stored() == ["ledger", "staff"]


def test_who_when_and_why_is_kept_beside_the_extracts_and_in_the_warehouse(here, wrong):
    done = here.withdraw("fel.csv")
    wanted = ("fel.csv", "staff", "anna", "Fel läsår.", 2)
    columns = "file, kind, withdrawn_by, reason, rows_withdrawn"
    assert here.rows(f"select {columns} from raw.withdrawn_deliveries") == [wanted]
    (line,) = (here.store.root / "withdrawn.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["withdrawn_at"] == done.withdrawn_at
    # The warehouse can be deleted and made again.
    here.connection.execute("delete from raw.withdrawn_deliveries")
    here.take()
    assert here.rows(f"select {columns} from raw.withdrawn_deliveries") == [wanted]


def test_cut_off_after_it_was_written_down_the_next_run_carries_it_out(here, wrong, monkeypatch):
    with monkeypatch.context() as crash:
        crash.setattr(withdrawal, "carry_out", lambda *_: None)
        here.withdraw("fel.csv")
    assert here.count() == 6
    here.take()
    assert here.count() == 4


def test_a_line_cut_off_in_the_middle_never_happened(here, wrong):
    here.withdraw("fel.csv")
    record = here.store.root / "withdrawn.jsonl"
    with record.open("ab") as file:
        file.write(b'{"event": "withd')
    assert len(withdrawal.read(here.store).by_sha256) == 1
    here.withdraw("rätt.csv")
    assert len(withdrawal.read(here.store).by_sha256) == 2


def test_undone_the_file_is_read_again(here, wrong):
    here.withdraw("fel.csv")
    withdrawal.reinstate(here.store, file="fel.csv", reason="Den var rätt.", by="bo")
    here.take()
    assert here.count() == 6
    assert here.rows("select count(*) from raw.withdrawn_deliveries") == [(0,)]
    events = [json.loads(line) for line in (here.store.root / "withdrawn.jsonl").read_text().splitlines()]
    assert [event["event"] for event in events] == ["withdrawn", "reinstated"]


Refused = Callable[[Installation], object]


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        (lambda here: here.withdraw("annan.csv"), "Inlästa filer: fel.csv, rätt.csv"),
        (lambda here: here.withdraw("fel.csv", reason=" "), "skäl"),
        (lambda here: here.withdraw("fel.csv", reason=f"om {made_up_number(1)}"), "personnummer"),
        (lambda here: withdrawal.reinstate(here.store, file="fel.csv", **WHY), "Ingen återtagen"),
    ],
    ids=["unknown_file", "no_reason", "number_in_reason", "not_withdrawn"],
)
def test_what_cannot_be_done_says_why_and_changes_nothing(here, wrong, attempt: Refused, words):
    with pytest.raises(WithdrawalRefusedError, match=words) as caught:
        attempt(here)
    assert made_up_number(1) not in str(caught.value)
    assert here.count() == 6
    assert not (here.store.root / "withdrawn.jsonl").exists()


def test_a_file_withdrawn_twice_is_told_to_be_gone(here, wrong):
    here.withdraw("fel.csv")
    with pytest.raises(WithdrawalRefusedError, match=r"Inlästa filer: rätt\.csv"):
        here.withdraw("fel.csv")
