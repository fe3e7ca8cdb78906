"""The folder: what is taken in, kept, reported and logged; nothing in it moved or changed."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from delivered_files import MUNICIPALITY, PSEUDONYMS, as_csv, as_xlsx, made_up_number, rows, table

from dagster_project.lib import raw_tables
from dagster_project.lib.deliveries import inbox
from dagster_project.lib.deliveries.catalogue import KINDS
from dagster_project.lib.deliveries.intake import Intake
from dagster_project.lib.errors import SourceUnavailableError
from dagster_project.lib.extract_store import ExtractStore
from dagster_project.lib.raw_tables import LoadReport
from dagster_project.lib.warehouse import open_warehouse

STAFF = KINDS["staff"]


@pytest.fixture
def connection(tmp_path):
    with open_warehouse(tmp_path / "data" / "w.duckdb", memory_limit="500MB", threads=1) as connection:
        raw_tables.create_tables(connection)
        yield connection


@pytest.fixture
def folder(tmp_path) -> Path:
    folder = tmp_path / "leveranser"
    folder.mkdir()
    return folder


Take = Callable[..., dict[str, tuple[str, LoadReport]]]


@pytest.fixture
def take(connection, tmp_path, folder) -> Take:
    """Takes the folder in; dataset and report by period."""

    def take(*, municipality: str = MUNICIPALITY, reports: bool = True):
        intake = Intake(
            connection=connection,
            store=ExtractStore(tmp_path / "data" / "raw"),
            pseudonym_of=PSEUDONYMS.of_civic_number,
            municipality_code=municipality,
            reports=reports,
        )
        return {loaded.period: (dataset, loaded) for dataset, loaded in intake.take(inbox.find(folder))}

    return take


def staff(count: int = 3, **changes: str) -> bytes:
    lines = rows(STAFF, count)
    lines[0] |= changes
    return as_csv(table(STAFF, lines))


def drop(folder: Path, name: str, body: bytes, minute: int = 0) -> Path:
    """Puts a file there, last changed ``minute`` minutes into a fixed hour."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    moment = 1_790_000_000 + minute * 60
    os.utime(path, (moment, moment))
    return path


def loaded_rows(connection) -> int:
    return connection.execute("select count(*) from raw.delivery_staff").fetchone()[0]


def log(connection, columns: str = "file, kind, delivered, accepted, quarantined, refused_rule, report"):
    return connection.execute(f"select {columns} from raw.delivery_files order by all").fetchall()


def problems(connection):
    return connection.execute("select dataset, period, rule from raw.delivery_problems order by 1").fetchall()


def report(path: Path) -> str:
    return path.with_name(path.name + ".rapport.txt").read_text(encoding="utf-8")


def test_a_sound_file_is_loaded_logged_and_reported_on(take, folder, connection):
    path = drop(folder, "personal.csv", staff())
    assert take()["personal"][0] == "staff"
    assert loaded_rows(connection) == 3
    assert log(connection) == [("personal.csv", "staff", 3, 3, 0, None, "personal.csv.rapport.txt")]
    assert "Utfall: Godtagen.\n" in report(path)
    assert "Inlästa: 3\n" in report(path)


def test_rows_in_quarantine_are_counted_and_named_to_the_sender_by_place_and_remedy(take, folder, connection):
    path = drop(folder, "personal.csv", staff(Läsår="hemligt läsår"))
    take()
    assert log(connection, "delivered, accepted, quarantined") == [(3, 2, 1)]
    ((rule, row, reason),) = connection.execute(
        "select rule, row_number, reason from raw.rejected_rows"
    ).fetchall()
    assert (rule, row) == ("school_year", 2)
    assert "Läsår" in reason
    assert "- rad 2, kolumnen Läsår: " in report(path)
    assert "Skriv läsåret som 2025/26." in report(path)
    assert "hemligt" not in report(path) + reason


def test_what_is_stored_and_reported_holds_no_number_of_a_person(take, folder, connection, tmp_path):
    number = made_up_number(0)
    path = drop(folder, "personal.csv", staff(Befattning=number))
    drop(folder, "utan rubrik.csv", b"\r\n".join(staff().splitlines()[1:]))
    take()
    connection.execute("checkpoint")
    import gzip

    for stored in (tmp_path / "data").rglob("*"):
        if stored.is_file():
            body = stored.read_bytes()
            text = (gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body).decode("latin-1")
            assert all(made_up_number(serial)[2:] not in text for serial in range(3)), stored.name
    assert number not in report(path)
    assert number[2:] not in report(folder / "utan rubrik.csv")


def test_delivering_the_same_again_does_nothing(take, folder, connection):
    path = drop(folder, "personal.csv", staff())
    take()
    written = (path.parent / "personal.csv.rapport.txt").stat().st_mtime_ns
    assert take()["personal"][1].unchanged
    assert (path.parent / "personal.csv.rapport.txt").stat().st_mtime_ns == written
    assert len(log(connection)) == 1


def test_another_municipality_reads_every_file_again(take, folder, connection):
    drop(folder, "personal.csv", staff())
    take()
    assert take()["personal"][1].extract is None
    assert take(municipality="0380")["personal"][1].extract is not None
    (codes,) = connection.execute(
        "select list(distinct municipality_code) from raw.delivery_staff"
    ).fetchall()
    assert codes == (["0380"],)


def test_a_lost_report_is_written_again(take, folder):
    path = drop(folder, "personal.csv", staff())
    take()
    text = report(path)
    (folder / "personal.csv.rapport.txt").unlink()
    take()
    assert report(path) == text


def test_a_file_of_the_same_name_takes_the_earlier_ones_place_also_as_a_workbook(take, folder, connection):
    drop(folder, "personal.csv", staff(5))
    take()
    drop(folder, "personal.xlsx", as_xlsx(table(STAFF, rows(STAFF, 2))), minute=5)
    take()
    assert loaded_rows(connection) == 2
    (folder / "personal.xlsx").unlink()
    take()
    assert loaded_rows(connection) == 5


def test_files_of_other_names_stand_side_by_side(take, folder, connection):
    drop(folder, "ht.csv", staff(2))
    drop(folder, "vt.csv", staff(3), minute=5)
    take()
    assert loaded_rows(connection) == 5
    received = log(connection, "file, epoch(received_at)::bigint, extract_id")
    assert [(name, at) for name, at, _ in received] == [("ht.csv", 1_790_000_000), ("vt.csv", 1_790_000_300)]
    used = connection.execute("select distinct _extract_id from raw.delivery_staff order by 1").fetchall()
    assert sorted(extract for _, _, extract in received) == [extract for (extract,) in used]


def test_a_refused_file_changes_nothing_that_was_loaded(take, folder, connection):
    path = drop(folder, "personal.csv", staff())
    take()
    drop(folder, "personal.csv", b"<html>Logga in</html>", minute=5)
    assert take()["personal"][1].problem
    assert loaded_rows(connection) == 3
    assert log(connection, "refused_rule, accepted") == [("web_page", 0), (None, 3)]
    assert "Utfall: Avvisad i sin helhet." in report(path)
    assert problems(connection) == [("unknown", "personal", "web_page")]


def test_a_missing_column_is_named_in_the_report_with_the_template(take, folder):
    path = drop(folder, "personal.csv", as_csv([line[1:] for line in table(STAFF, rows(STAFF))]))
    take()
    assert 'Kolumn: "Personnummer".' in report(path)
    assert "Mall: Pedagogisk personal (staff)" in report(path)


def test_a_mended_or_removed_file_is_nobodys_problem_any_more(take, folder, connection):
    drop(folder, "personal.csv", b"")
    drop(folder, "annat.csv", b"")
    take()
    assert len(problems(connection)) == 2
    drop(folder, "personal.csv", staff(), minute=5)
    (folder / "annat.csv").unlink()
    take()
    assert problems(connection) == []


def test_a_refused_file_stays_a_problem_until_something_is_done(take, folder, connection):
    drop(folder, "personal.csv", b"")
    take()
    assert take()["personal"][1].problem
    assert problems(connection) == [("unknown", "personal", "empty_file")]


def test_a_sub_folder_named_after_a_kind_decides_the_kind(take, folder):
    drop(folder, "ledger/fil.csv", staff())
    dataset, loaded = take()["ledger/fil"]
    assert dataset == "ledger"
    assert "missing_column" in loaded.problem


def test_files_are_left_as_they_were(take, folder):
    path = drop(folder, "personal.csv", staff())
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    take()
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert {file.name for file in folder.iterdir()} == {"personal.csv", "personal.csv.rapport.txt"}


def test_without_reports_nothing_is_written_in_the_folder(take, folder, connection):
    drop(folder, "personal.csv", staff())
    take(reports=False)
    assert [file.name for file in folder.iterdir()] == ["personal.csv"]
    assert log(connection, "report") == [(None,)]


def test_a_folder_that_takes_no_reports_is_read_all_the_same(take, folder, connection):
    (drop(folder, "personal.csv", staff()).parent / "personal.csv.rapport.txt").mkdir()
    take()
    assert log(connection, "accepted, report") == [(3, None)]


@pytest.mark.parametrize("name", ["~$personal.xlsx", ".personal.csv", "personal.csv.part", "x.tmp"])
def test_lock_files_and_unfinished_copies_are_passed_over(folder, name):
    drop(folder, name, staff())
    assert inbox.find(folder) == []


def test_links_out_of_the_folder_are_passed_over(folder, tmp_path):
    outside = tmp_path / "utanför.csv"
    outside.write_bytes(staff())
    (folder / "personal.csv").symlink_to(outside)
    assert inbox.find(folder) == []


def test_other_documents_are_refused_and_not_passed_over_in_silence(take, folder, connection):
    drop(folder, "personal.pdf", b"%PDF-1.7\n" + b"x" * 100)
    take()
    assert log(connection, "file, refused_rule") == [("personal.pdf", "not_this_file")]


def test_a_file_named_after_a_person_is_refused_and_its_name_told_to_nobody(take, folder, connection):
    number = made_up_number(4)
    drop(folder, f"{number[:8]}-{number[8:]}.csv", staff())
    take()
    ((name, rule, written),) = log(connection, "file, refused_rule, report")
    assert (rule, written) == ("personal_number_in_name", None)
    said = repr(connection.execute("from raw.delivery_problems").fetchall()) + name
    assert number[8:] not in said
    assert len(list(folder.iterdir())) == 1


def test_a_file_that_changes_while_it_is_read_waits_for_the_next_run(folder):
    path = drop(folder, "personal.csv", staff())
    (file,) = inbox.find(folder)
    drop(folder, "personal.csv", staff(5), minute=1)
    with pytest.raises(SourceUnavailableError, match="still_growing"):
        file.read()
    assert inbox.describe(path, folder).read() == staff(5)


def test_a_folder_that_is_not_there_is_a_problem(tmp_path):
    with pytest.raises(SourceUnavailableError, match="unreadable"):
        inbox.find(tmp_path / "borta")


def test_the_signature_of_the_folder_follows_its_files(folder):
    empty = inbox.signature(inbox.find(folder))
    drop(folder, "personal.csv", staff())
    one = inbox.signature(inbox.find(folder))
    drop(folder, "personal.csv", staff(), minute=1)
    changed = inbox.signature(inbox.find(folder))
    assert len({empty, one, changed}) == 3
    assert inbox.signature(inbox.find(folder)) == changed
