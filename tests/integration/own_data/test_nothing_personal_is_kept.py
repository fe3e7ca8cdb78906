"""After a whole run with the demo municipality nothing under data/ leads to one of its made-up persons."""

import gzip
import json
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from identity_search import Patterns, files_with, spellings

import demo

KINDS = ("civic_numbers", "names", "emails", "phones", "addresses", "person_ids")


@pytest.fixture(scope="module")
def identities() -> demo.Identities:
    return demo.identities(demo.generate())


@pytest.fixture(scope="module")
def patterns(identities: demo.Identities, tmp_path_factory: pytest.TempPathFactory) -> Patterns:
    """Everything that must never be found."""
    strings = set(identities)
    assert len(strings) > 100_000
    return Patterns.write(strings, tmp_path_factory.mktemp("identities"))


@pytest.fixture(scope="module")
def planted(identities: demo.Identities) -> dict[str, str]:
    """One string of every kind, by the kind; numbers in three spellings, a name that is not ASCII."""
    chosen = {kind: sorted(getattr(identities, kind))[1000 if kind != "names" else 0] for kind in KINDS}
    numbers = sorted(identities.civic_numbers)
    return chosen | {
        "twelve_digits": next(number for number in numbers if number.isdigit() and len(number) == 12),
        "ten_digits": next(
            number for number in numbers if number.isdigit() and len(number) == 10 and number[0] != "0"
        ),
        "with_hyphen": next(number for number in numbers if "-" in number),
        "swedish_letters": next(name for name in sorted(identities.names) if not name.isascii()),
    }


def test_every_place_where_a_run_leaves_something_is_searched(release):
    """The search below says nothing about what a run of the tests does not make."""
    found = {path.relative_to(release.data_dir).as_posix() for path in release.data_dir.rglob("*")}
    for wanted in (
        "warehouse.duckdb",
        "last_run.log",
        "raw/manifest.jsonl",
        "raw/ss12000",
        "raw/deliveries",
        "dagster_home/history/runs.db",
        "dbt_target/run_results.json",
        "releases/R000001/equity.duckdb",
        "releases/R000001/parquet",
        "releases/R000001/csv",
    ):
        assert wanted in found


def test_no_civic_number_name_address_or_source_id_is_anywhere(release, patterns, tmp_path):
    assert files_with(patterns, release.data_dir, tmp_path / "content") == set()


def _log(path: Path, text: str) -> None:
    path.write_text(f"INFO rejected: {text}, and so on\n", encoding="utf-8")


def _events(path: Path, text: str) -> None:
    path.write_text(json.dumps({"description": f"about {text}"}), encoding="ascii")


def _windows(path: Path, text: str) -> None:
    path.write_bytes(f"Namn;Ort\r\n{text};X\r\n".encode("cp1252"))


def _packed(path: Path, text: str) -> None:
    path.write_bytes(gzip.compress(f'{{"a":"{text}"}}\n'.encode()))


def _workbook(path: Path, text: str) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", f"<t>{text}</t>")


def _storage(path: Path, text: str) -> None:
    """A row longer than a page of the file, so that the text is cut in its bytes."""
    with sqlite3.connect(path) as connection:
        connection.execute("create table event_logs (event text)")
        for shift in range(0, 4096, len(text) // 2):
            connection.execute("insert into event_logs values (?)", ["x" * shift + f" {text} " + "x" * 5000])


def _database(path: Path, text: str) -> None:
    with duckdb.connect(path) as connection:
        connection.execute("create table t as select $1 as x from range(5000)", [text])


def _nested(path: Path, text: str) -> None:
    with duckdb.connect(path) as connection:
        connection.execute("create table t as select [{'who': $1}] as x from range(5000)", [text])


def _parquet(path: Path, text: str) -> None:
    with duckdb.connect() as connection:
        connection.sql("select $1 as x from range(5000)", params=[text]).write_parquet(str(path))


PLANTERS: dict[str, Callable[[Path, str], None]] = {
    "run.log": _log,
    "events.json": _events,
    "windows.csv": _windows,
    "extract.bytes": _packed,
    "template.xlsx": _workbook,
    "runs.db": _storage,
    "warehouse.duckdb": _database,
    "nested.duckdb": _nested,
    "figures.parquet": _parquet,
}


def test_the_search_finds_one_string_of_any_kind_in_any_kind_of_file(patterns, planted, tmp_path):
    for kind, text in planted.items():
        folder = tmp_path / "data" / kind
        folder.mkdir(parents=True)
        for name, plant in PLANTERS.items():
            plant(folder / name, text)
    wanted = {f"{kind}/{name}" for kind in planted for name in PLANTERS}
    assert files_with(patterns, tmp_path / "data", tmp_path / "content") == wanted


def test_a_number_kept_as_a_number_is_found(patterns, planted, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    for kind in ("twelve_digits", "ten_digits"):
        with duckdb.connect(folder / f"{kind}.duckdb") as connection:
            connection.execute(f"create table t as select {planted[kind]}::bigint as x from range(5000)")
    assert len(files_with(patterns, folder, tmp_path / "content")) == 2


def test_the_search_finds_nothing_where_nothing_is(patterns, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    for name, plant in PLANTERS.items():
        plant(folder / name, "Nobody in particular")
    assert files_with(patterns, folder, tmp_path / "content") == set()


def test_a_text_is_looked_for_as_programs_write_it():
    assert spellings("Påhittsson") == {
        b"P\xc3\xa5hittsson",
        b"P\xe5hittsson",
        b"P\\u00e5hittsson",
        b"P%C3%A5hittsson",
    }
