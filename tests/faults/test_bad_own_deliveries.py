"""A folder full of damaged deliveries: each refused or set aside by name, none in the way of the others.

The persons are made up: born in January 1890, with numbers that no living person has.
"""

import gzip
import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from dagster_project.defs.extracts.deliveries import DELIVERY_ASSETS
from dagster_project.defs.resources import EquityResource
from dagster_project.lib.deliveries.catalogue import KINDS
from dagster_project.settings import PROJECT_ROOT

pytestmark = pytest.mark.faults

STAFF = KINDS["staff"]
HEADERS = [column.header_sv for column in STAFF.columns]
EXAMPLES = [column.example for column in STAFF.columns]
# Written out, so that this test does not lean on the code it tests.
NUMBERS = ("189001010009", "189001010017", "189001010025")
NAME = "Exempelina Påhittsson"


def staff(*numbers: str, headers: list[str] = HEADERS, **changes: str) -> bytes:
    row = {header: changes.get(header, example) for header, example in zip(HEADERS, EXAMPLES, strict=True)}
    lines = [headers, *([row[header] for header in headers] for _ in numbers)]
    if HEADERS[0] in headers:
        for line, number in zip(lines[1:], numbers, strict=True):
            line[headers.index(HEADERS[0])] = number
    return "\r\n".join(";".join(line) for line in lines).encode()


def bomb() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"<" * 300 * 1024**2)
    return stream.getvalue()


@pytest.fixture
def folder(tmp_path: Path, using, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder of deliveries of an installation of its own."""
    (tmp_path / "leveranser").mkdir()
    with using(tmp_path / "data"):
        monkeypatch.setenv("EQUITY_DELIVERIES_DIR", str(tmp_path / "leveranser"))
        yield tmp_path / "leveranser"


Read = Callable[[], dg.ExecuteInProcessResult]


@pytest.fixture
def read(folder: Path) -> Read:
    """Reads the folder as a run does."""

    def read() -> dg.ExecuteInProcessResult:
        with dg.DagsterInstance.ephemeral() as instance:
            return dg.materialize(DELIVERY_ASSETS, resources={"equity": EquityResource()}, instance=instance)

    return read


def ask(folder: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(folder.parent / "data" / "warehouse.duckdb"), read_only=True) as connection:
        return connection.execute(query).fetchall()


def failed_checks(result: dg.ExecuteInProcessResult) -> dict[str, str]:
    return {
        check.asset_key.path[-1]: check.description or ""
        for check in result.get_asset_check_evaluations()
        if not check.passed
    }


BAD = {
    "webbsida.csv": (b"<!DOCTYPE html><title>Logga in</title>", "web_page"),
    "tom.csv": (b"", "empty_file"),
    "brev.csv": (b"Hej!\r\nHar kommer filen.\r\n", "unknown_kind"),
    "saknar_kolumn.csv": (staff(*NUMBERS, headers=HEADERS[:-1]), "missing_column"),
    "bomb.xlsx": (bomb(), "too_large"),
    "avhuggen.xlsx": (b"PK\x03\x04" + b"\0" * 500, "truncated"),
    "gammal.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, "not_this_file"),
    "bara_rubriker.csv": (staff(), "no_rows"),
    "inget_gar_att_lasa.csv": (staff(*NUMBERS, Läsår=NAME), "no_sound_rows"),
}


def test_every_bad_file_is_refused_by_name_and_the_good_one_is_loaded(folder, read):
    for name, (body, _) in BAD.items():
        (folder / name).write_bytes(body)
    (folder / "personal.csv").write_bytes(staff(*NUMBERS))
    result = read()
    assert result.success
    refused = dict(
        ask(folder, "select file, refused_rule from raw.delivery_files where refused_rule is not null")
    )
    assert refused == {name: rule for name, (_, rule) in BAD.items()}
    assert ask(folder, "select count(*) from raw.delivery_staff") == [(3,)]
    for name in BAD:
        report = (folder / f"{name}.rapport.txt").read_text(encoding="utf-8")
        assert "Avvisad i sin helhet" in report
    assert 'Kolumn: "Anställd till"' in (folder / "saknar_kolumn.csv.rapport.txt").read_text(encoding="utf-8")
    assert {"delivery_staff", "delivery_files"} <= failed_checks(result).keys()


def test_no_file_is_left_out_of_the_account(folder, read):
    (folder / "personal.csv").write_bytes(staff(*NUMBERS, NUMBERS[0], "189001010007"))
    read()
    assert ask(folder, "select delivered, accepted, quarantined, duplicates from raw.delivery_files") == [
        (5, 3, 1, 1)
    ]
    assert ask(folder, "select delivered, loaded, rejected, duplicates from raw.extracts") == [(5, 3, 1, 1)]


def test_rows_in_quarantine_are_a_warning_and_stop_nothing(folder, read):
    (folder / "personal.csv").write_bytes(staff(*NUMBERS, "18900101-0000"))
    result = read()
    assert result.success
    assert "1 rows stand in quarantine" in failed_checks(result)["delivery_staff"]
    (folder / "personal.csv").write_bytes(staff(*NUMBERS))
    assert failed_checks(read()) == {}


def test_a_folder_that_is_gone_leaves_what_was_loaded_and_says_so(folder, read):
    (folder / "personal.csv").write_bytes(staff(*NUMBERS))
    read()
    folder.rename(folder.with_name("borta"))
    result = read()
    assert result.success
    assert "delivery_files" in failed_checks(result)
    assert ask(folder, "select count(*) from raw.delivery_staff") == [(3,)]
    folder.with_name("borta").rename(folder)
    assert failed_checks(read()) == {}


def everything_below(folder: Path) -> Iterator[tuple[Path, str]]:
    for path in folder.rglob("*"):
        if path.is_file():
            body = path.read_bytes()
            yield path, (gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body).decode("latin-1")


def test_no_number_or_name_of_a_person_is_kept_reported_or_said(folder, read, capfd):
    """Numbers in the right column, in wrong ones, in free text, in names of files and in what is refused."""
    (folder / "personal.csv").write_bytes(staff(*NUMBERS))
    (folder / "fel_kolumn.csv").write_bytes(staff(*NUMBERS, Befattning=NUMBERS[0]))
    (folder / "utan_rubrik.csv").write_bytes(staff(*NUMBERS).partition(b"\r\n")[2])
    (folder / f"{NUMBERS[1]}.csv").write_bytes(staff(*NUMBERS))
    (folder / "extra.csv").write_bytes(
        b"\r\n".join(line + b";" + NAME.encode() for line in staff(*NUMBERS).splitlines())
    )
    (folder / "fel_kontrollsiffra.csv").write_bytes(staff("189001010007", *NUMBERS))
    result = read()
    assert result.success
    said = capfd.readouterr()
    texts = [said.out, said.err, *failed_checks(result).values(), *map(str, result.all_events)]
    texts += [
        repr(ask(folder, f"from raw.{table}"))
        for table in ("delivery_files", "delivery_problems", "rejected_rows")
    ]
    texts += [path.read_text(encoding="utf-8") for path in folder.glob("*.rapport.txt")]
    texts += [text for _, text in everything_below(folder.parent / "data")]
    assert len(texts) > 20
    for secret in (*NUMBERS, *(number[2:] for number in NUMBERS), "Exempelina", "189001010007"):
        assert [text[:200] for text in texts if secret in text] == []
    # The search would find them: the deliveries themselves are full of them.
    assert NUMBERS[0] in (folder / "personal.csv").read_text(encoding="utf-8")


def test_a_killed_run_leaves_the_last_good_rows_and_the_next_run_reads_on(folder, read):
    (folder / "personal.csv").write_bytes(staff(*NUMBERS))
    read()
    (folder / "personal.csv").write_bytes(staff(*NUMBERS[:2]))
    code = (
        "import os, signal\n"
        "from dagster_project.lib import raw_tables\n"
        "raw_tables.load = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "import dagster as dg\n"
        "from dagster_project.defs.extracts.deliveries import DELIVERY_ASSETS\n"
        "from dagster_project.defs.resources import EquityResource\n"
        "dg.materialize(DELIVERY_ASSETS, resources={'equity': EquityResource()})\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT_ROOT, env=os.environ, capture_output=True, check=False
    )
    assert killed.returncode == -9
    assert ask(folder, "select count(*) from raw.delivery_staff") == [(3,)]
    read()
    assert ask(folder, "select count(*) from raw.delivery_staff") == [(2,)]


def test_the_made_up_municipality_delivers_where_no_folder_is_set(tmp_path, using, monkeypatch):
    with using(tmp_path / "data"):
        monkeypatch.setenv("EQUITY_DEMO", "on")
        result = dg.materialize(DELIVERY_ASSETS, resources={"equity": EquityResource()})
    assert result.success
    assert failed_checks(result) == {}
    with duckdb.connect(str(tmp_path / "data" / "warehouse.duckdb"), read_only=True) as connection:
        for kind in KINDS.values():
            (count,) = connection.execute(f"select count(*) from raw.{kind.raw_table}").fetchone()
            assert count, kind.name


def test_without_a_folder_and_without_demo_the_deliveries_say_they_are_left_out(tmp_path, using, monkeypatch):
    with using(tmp_path / "data"):
        monkeypatch.setenv("EQUITY_DEMO", "off")
        result = dg.materialize(DELIVERY_ASSETS, resources={"equity": EquityResource()})
    assert result.success
    said = {
        event.event_specific_data.materialization.metadata["left_out"].value  # type: ignore[union-attr]
        for event in result.all_events
        if event.is_step_materialization
    }
    assert "EQUITY_DELIVERIES_DIR" in said.pop()
