"""Damaged deliveries: refused by name or set aside row by row, counted, never in the way of the others."""

import csv
import gzip
import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from hostile_server import HostileServer, Reply

from dagster_project.defs.extracts.catalogue import DATASETS
from dagster_project.defs.extracts.load import fetch_and_load
from dagster_project.defs.extracts.session import Session, open_session
from dagster_project.defs.warehouse.dbt_project import DBT_PROJECT_DIR, dbt_environment, dbt_executable
from dagster_project.lib.http.budget import RequestBudget
from dagster_project.lib.http.client import ApiClient
from dagster_project.lib.raw_tables import LoadReport
from dagster_project.lib.warehouse import open_warehouse
from dagster_project.settings import PROJECT_ROOT, Settings, load

pytestmark = pytest.mark.faults

BUNDLED = PROJECT_ROOT / "sample_data"
SIRIS = "skolverket/siris"
GRADES_Y9 = f"{SIRIS}/slutbetyg_ak9_2025_skolenhet.csv"
GRADES_Y6 = f"{SIRIS}/betyg_ak6_2025_kommun.csv"
ELIGIBILITY = f"{SIRIS}/siris155_behorighet_2024_25_kommun.csv"
WORKBOOK = "skolverket/underlag_for_analys/skolverket_ufa_grundskola_2024_25.xlsx"
STATISTICS = "skolverket/planned_educations/pe_v4_statistics_gr_recorded.ndjson.gz"
STATISTICS_UNITS = "skolverket/planned_educations/units_with_statistics.csv"
HTML = "<!DOCTYPE html>\n<html><body>Driftstörning. Försök igen senare.</body></html>".encode()
FILES = {
    "final_grades_y9": GRADES_Y9,
    "grades_y6": GRADES_Y6,
    "eligibility_y9": ELIGIBILITY,
    "measures": WORKBOOK,
}


class Recording:
    """A small copy of the bundled recording that a test may damage: four whole files and three units."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        index = json.loads((BUNDLED / "index.json").read_text(encoding="utf-8"))
        kept = set(FILES.values())
        self.index = {
            "sources": index["sources"],
            "files": {address: name for address, name in index["files"].items() if name in kept},
            "answers": [STATISTICS],
        }
        for name in kept:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(BUNDLED / name, folder / name)
        (folder / STATISTICS).parent.mkdir(parents=True, exist_ok=True)
        with gzip.open(BUNDLED / STATISTICS, "rt", encoding="utf-8") as lines:
            answers = [json.loads(next(lines)) for _ in range(3)]
        self.write_statistics(answers)
        self.write_index()

    def write_index(self) -> None:
        (self.folder / "index.json").write_text(json.dumps(self.index), encoding="utf-8")

    def write_statistics(self, answers: list[dict[str, object]]) -> None:
        with gzip.open(self.folder / STATISTICS, "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(answer) + "\n" for answer in answers)
        self.statistics = answers
        with (self.folder / STATISTICS_UNITS).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([["unit_code"], *[[a["json"]["body"]["schoolUnit"]] for a in answers]])

    def serve_for(self, address: str, body: bytes) -> None:
        """Answer an address with these bytes, whatever was recorded for it."""
        (self.folder / "other").mkdir(exist_ok=True)
        (self.folder / "other" / "body.json").write_bytes(body)
        self.index["files"][address] = "other/body.json"
        self.write_index()

    def change(self, name: str, change: Callable[[bytes], bytes]) -> None:
        path = self.folder / name
        changed = change(path.read_bytes())
        assert changed != path.read_bytes(), "nothing was damaged"
        path.write_bytes(changed)


@pytest.fixture
def recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recording:
    recording = Recording(tmp_path / "sample_data")
    monkeypatch.setattr(Settings, "sample_data_dir", property(lambda _: recording.folder))
    return recording


@pytest.fixture
def settings(tmp_path: Path, using) -> Iterator[Settings]:
    with using(tmp_path / "data"):
        yield load()


@pytest.fixture
def connection(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_warehouse(settings.warehouse_path, memory_limit="500MB", threads=1) as connection:
        yield connection


@pytest.fixture
def deliver(recording: Recording, settings: Settings, connection: duckdb.DuckDBPyConnection):
    """Fetches and loads datasets as a run does; one report per dataset."""

    def deliver(*names: str) -> dict[str, LoadReport]:
        chosen = [dataset for dataset in DATASETS if dataset.name in names]
        with open_session(settings) as session:
            found = {dataset.name: list(fetch_and_load(dataset, session, connection)) for dataset in chosen}
        assert {name: len(reports) for name, reports in found.items()} == dict.fromkeys(names, 1)
        return {name: reports[0] for name, reports in found.items()}

    return deliver


def count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    ((rows,),) = connection.execute(f"select count(*) from raw.{table}").fetchall()
    return int(rows)


def lines_of(body: bytes) -> list[bytes]:
    return body.split(b"\n")


def header_at(lines: list[bytes]) -> int:
    return next(i for i, line in enumerate(lines) if line.startswith((b"Skola;", b"Kommun;")))


def data_rows(lines: list[bytes]) -> slice:
    end = next(i for i, line in enumerate(lines) if line.startswith(b"Rapportbeskrivning"))
    rows = [i for i in range(header_at(lines) + 1, end) if lines[i].strip(b"; \r")]
    return slice(rows[0], rows[-1] + 1)


def rename_column(body: bytes) -> bytes:
    return body.replace(b";Antal elever", b";Elever", 1)


def drop_column(body: bytes) -> bytes:
    lines = lines_of(body)
    at = lines[header_at(lines)].split(b";").index(b"Antal elever")
    for i in [header_at(lines), *range(*data_rows(lines).indices(len(lines)))]:
        cells = lines[i].split(b";")
        lines[i] = b";".join(cells[:at] + cells[at + 1 :])
    return b"\n".join(lines)


def ten_times(body: bytes) -> bytes:
    lines = lines_of(body)
    rows = data_rows(lines)
    # Numbered, or they would be dropped as duplicates one by one.
    many = [re.sub(rb"^([^;]+)", rb"\1 %d" % n, row, count=1) for n in range(10) for row in lines[rows]]
    return b"\n".join([*lines[: rows.start], *many, *lines[rows.stop :]])


WHOLE_FILE = {
    "web page": (lambda body: HTML, {"not_this_file"}),
    "empty": (lambda body: b"", {"not_this_file"}),
    "only blanks": (lambda body: b"\xef\xbb\xbf\n;;;\n", {"not_this_file"}),
    "cut in the middle of a row": (lambda body: body[: len(body) // 2], {"truncated", "wrong_encoding"}),
    "renamed column": (rename_column, {"header_changed"}),
    "missing column": (drop_column, {"header_changed", "header_not_found"}),
    "no header": (lambda body: b"\n".join(lines_of(body)[:3] + lines_of(body)[8:]), None),
    "ten times the rows": (ten_times, {"too_many_rows"}),
    "Windows-1252": (lambda body: body.decode("utf-8-sig").encode("cp1252"), {"wrong_encoding"}),
    "another report": (
        lambda body: body.replace(b"Grundskola - ", b"Gymnasieskola - ", 1),
        {"another_report"},
    ),
}


@pytest.mark.parametrize("damage", WHOLE_FILE)
@pytest.mark.parametrize(
    ("dataset", "table"),
    [("final_grades_y9", "siris_final_grades_y9"), ("grades_y6", "siris_grades_y6")],
)
def test_a_damaged_file_is_refused_by_name_and_last_good_rows_and_other_datasets_stand(  # noqa: PLR0917
    recording, deliver, connection, dataset, table, damage
):
    change, rules = WHOLE_FILE[damage]
    good = deliver(dataset)[dataset]
    before = count(connection, table)
    assert before == good.loaded > 500

    recording.change(FILES[dataset], change)
    reports = deliver(dataset, "eligibility_y9")

    problem = reports[dataset].problem
    assert problem is not None
    assert "pAr=2025" in problem
    assert "rule " in problem
    found = connection.execute(
        "select dataset, period, rule, message = ? from raw.delivery_problems", [problem]
    ).fetchall()
    assert len(found) == 1
    assert found[0][:2] == (dataset, "2025")
    assert found[0][3]
    if rules is not None:
        assert found[0][2] in rules
    assert count(connection, table) == before
    assert reports["eligibility_y9"].problem is None
    assert reports["eligibility_y9"].loaded == count(connection, "siris_eligibility_y9") > 500


@pytest.mark.parametrize("dataset", ["final_grades_y9", "grades_y6"])
def test_an_extra_column_is_noted_and_the_rows_are_loaded(recording, deliver, dataset):
    good = deliver(dataset)[dataset]

    def add_column(body: bytes) -> bytes:
        lines = lines_of(body)
        for i in range(header_at(lines), data_rows(lines).stop):
            cells = lines[i].split(b";")
            lines[i] = b";".join([*cells[:3], b"Nytt" if i == header_at(lines) else b"1", *cells[3:]])
        return b"\n".join(lines)

    recording.change(FILES[dataset], add_column)
    report = deliver(dataset)[dataset]
    assert report.problem is None
    assert report.loaded == good.loaded
    assert any("'Nytt'" in note for note in report.notes)


def edit_workbook(part: str, change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    def edit(body: bytes) -> bytes:
        from io import BytesIO

        out = BytesIO()
        with (
            zipfile.ZipFile(BytesIO(body)) as old,
            zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
        ):
            for name in old.namelist():
                content = old.read(name)
                if name == part:
                    changed = change(content)
                    assert changed != content, "nothing was damaged"
                    content = changed
                new.writestr(name, content)
        return out.getvalue()

    return edit


STRINGS, SHEET = "xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        (lambda body: HTML, {"not_this_file", "not_a_workbook"}),
        (lambda body: b"", {"not_this_file"}),
        (lambda body: body[: len(body) // 2], {"truncated"}),
        (
            edit_workbook(STRINGS, lambda xml: xml.replace(b"Elever: Antal elever<", b"Antal barn<", 1)),
            {"header_changed"},
        ),
        (
            edit_workbook(STRINGS, lambda xml: xml.replace("Underlag för analys".encode(), b"Annat", 1)),
            {"another_report"},
        ),
    ],
    ids=["web page", "empty", "truncated", "renamed measure", "another table"],
)
def test_a_damaged_workbook_is_refused_by_name_and_other_datasets_are_loaded(
    recording, deliver, connection, change, rules
):
    recording.change(WORKBOOK, change)
    reports = deliver("measures", "grades_y6")
    assert reports["measures"].problem is not None
    assert "skolverket_ufa_grundskola_2024_25.xlsx" in reports["measures"].problem
    ((rule,),) = connection.execute("select rule from raw.delivery_problems").fetchall()
    assert rule in rules
    assert reports["grades_y6"].loaded > 500


@pytest.mark.parametrize(
    "body",
    [
        HTML,
        b"",
        b'{"status": "OK", "body": {"schoolUnit": "1001',
        b'{"status": "OK", "body": []}',
        b"[]",
        b"null",
    ],
    ids=["web page", "empty", "cut short", "another shape", "a list", "null"],
)
def test_one_broken_answer_among_the_statistics_refuses_the_period_and_keeps_the_rows(
    recording, deliver, connection, body
):
    good = deliver("statistics")["statistics"]
    assert good.loaded == count(connection, "pe_statistics") > 50
    recording.serve_for(recording.statistics[1]["url"], body)
    reports = deliver("statistics", "grades_y6")
    problem = reports["statistics"].problem
    assert problem is not None
    assert recording.statistics[1]["json"]["body"]["schoolUnit"] in problem
    assert count(connection, "pe_statistics") == good.loaded
    assert reports["grades_y6"].loaded > 500


def test_a_unit_missing_from_the_middle_is_more_than_the_source_may_leave_out(recording, deliver, connection):
    good = deliver("statistics")["statistics"]
    answers = recording.statistics
    recording.write_statistics(answers)
    with gzip.open(recording.folder / STATISTICS, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(answer) + "\n" for answer in (answers[0], answers[2]))
    report = deliver("statistics")["statistics"]
    assert report.problem is not None
    assert count(connection, "pe_statistics") == good.loaded


def set_cell(row: bytes, column: int, value: bytes) -> bytes:
    cells = row.split(b";")
    cells[column] = value
    return b";".join(cells)


def damage_rows(code: int, pupils: int, share: int) -> Callable[[bytes], bytes]:
    """One fault per row, ten rows apart; the columns are those of the municipality, pupils and a share."""

    def damage(body: bytes) -> bytes:
        lines = lines_of(body)
        first = data_rows(lines).start
        lines[first + 10] = set_cell(lines[first + 10], code, b"9999")
        lines[first + 20] = set_cell(lines[first + 20], code, b"38")
        lines[first + 30] = set_cell(lines[first + 30], share, b"130,0")
        lines[first + 40] = set_cell(lines[first + 40], pupils, b"-12")
        lines[first + 50] = set_cell(lines[first + 50], pupils, b"ett dussin")
        conflicting = set_cell(lines[first + 60], pupils, b"31")
        lines[first + 60] = set_cell(lines[first + 60], pupils, b"30")
        duplicate = lines[first + 70]
        short = b";".join(lines[first + 80].split(b";")[:4])
        return b"\n".join(
            [
                *lines[: first + 80],
                short,
                *lines[first + 81 : first + 90],
                conflicting,
                duplicate,
                *lines[first + 90 :],
            ]
        )

    return damage


def test_bad_rows_go_to_quarantine_with_reason_and_remedy_and_every_row_is_counted(
    recording, settings, deliver, connection
):
    recording.change(GRADES_Y9, damage_rows(code=3, pupils=7, share=8))
    recording.change(
        GRADES_Y9,
        lambda body: body.replace(b";2120003005;", b";21200030;", 1).replace(b";48000763;", b";4800;", 1),
    )
    recording.change(GRADES_Y6, damage_rows(code=1, pupils=5, share=7))
    recording.change(
        WORKBOOK,
        edit_workbook(
            SHEET, lambda xml: re.sub(rb'(<x:c r="B6"[^>]*><x:v>)[^<]*', rb"\g<1>130", xml, count=1)
        ),
    )
    statistics = recording.statistics
    share = next(
        figure for figure in statistics[0]["json"]["body"]["certifiedTeachersQuota"] if figure["value"] != "."
    )
    share["value"] = "130,0"
    recording.write_statistics(statistics)

    reports = deliver("final_grades_y9", "grades_y6", "measures", "statistics")
    assert {name: report.problem for name, report in reports.items()} == dict.fromkeys(reports)
    connection.close()
    built = subprocess.run(
        [
            dbt_executable(),
            "build",
            "--select",
            "+dq_extract_accounting",
            "--exclude-resource-type",
            "unit_test",
            "--profiles-dir",
            str(DBT_PROJECT_DIR),
            "--target-path",
            str(settings.data_dir / "dbt_target"),
            "--log-path",
            str(settings.data_dir / "dbt_logs"),
        ],
        cwd=DBT_PROJECT_DIR,
        env={"PATH": "/usr/bin:/bin", "HOME": str(settings.data_dir), **dbt_environment(settings)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout[-3000:]

    with duckdb.connect(settings.warehouse_path, read_only=True) as warehouse:
        rejected: dict[str, set[tuple[str, str]]] = {}
        for dataset, rule, column, reason, what_to_do in warehouse.execute(
            """
            select split_part(extract_id, '/', 2), rule, coalesce(column_name, ''), reason, what_to_do
            from quality.dq_rejected_rows
            """
        ).fetchall():
            assert reason
            assert what_to_do
            rejected.setdefault(dataset, set()).add((rule, column))
        in_both = {
            ("unknown_municipality", "municipality_code"),
            ("municipality_code", ""),
            ("impossible_value", "passed_all_subjects_share"),
            ("impossible_value", "pupils"),
            ("unreadable", "pupils"),
            ("cell_count", ""),
        }
        y9 = in_both | {
            ("conflicting_rows", "school_year+unit_code"),
            ("not_a_code", "unit_code"),
            ("not_a_code", "organiser_number"),
        }
        y6 = in_both | {("conflicting_rows", "school_year+municipality_code+organiser_kind")}
        assert rejected == {
            "final_grades_y9": y9,
            "grades_y6": y6,
            "measures": {("impossible_value", "value")},
            "statistics": {("impossible_value", "value")},
        }
        accounts = warehouse.execute(
            "select dataset, delivered = loaded + rejected + duplicates, duplicates, rejected"
            " from quality.dq_extract_accounting order by 1"
        ).fetchall()
        assert accounts == [
            ("final_grades_y9", True, 1, 10),
            ("grades_y6", True, 1, 8),
            ("measures", True, 0, 1),
            ("statistics", True, 0, 1),
        ]
        for dataset, staged in (
            ("final_grades_y9", "stg_siris__final_grades_y9"),
            ("grades_y6", "stg_siris__grades_y6"),
        ):
            loaded, in_staging = warehouse.execute(
                f"""
                select loaded, (
                    select count(*) from staging.base_{staged.removeprefix("stg_")} where broken_rule is null
                )
                from quality.dq_extract_accounting where dataset = ?
                """,
                [dataset],
            ).fetchone()
            assert loaded == in_staging
        content = warehouse.execute("select string_agg(reason || what_to_do) from quality.dq_rejected_rows")
        assert "ett dussin" not in content.fetchone()[0]


@pytest.mark.parametrize(
    ("replies", "is_problem"),
    [
        ([Reply(500)], True),
        ([Reply(429, headers={"Retry-After": "0"})], True),
        ([Reply(body=b"x" * 1000, cut_after=10)], True),
        ([Reply(200, HTML)], True),
        ([Reply(500), Reply(503), Reply(200, (BUNDLED / GRADES_Y6).read_bytes())], False),
        ([Reply(404)], False),
    ],
    ids=["500 for ever", "429 for ever", "cut off for ever", "web page with 200", "500 then fine", "404"],
)
def test_a_source_that_fails_for_one_year_is_loaded_for_the_others(
    settings, connection, monkeypatch, replies, is_problem
):
    def address(year: int) -> str:
        return f"/runexport/?pFormat=csv&pExportID=87&pAr={year}&pKommun=&pFlikar=0"

    sound = BUNDLED / SIRIS / "betyg_ak6_2024_kommun.csv"
    (dataset,) = [dataset for dataset in DATASETS if dataset.name == "grades_y6"]
    script = {address(2024): [Reply(200, sound.read_bytes())], address(2025): replies}
    with HostileServer(script) as server:
        client = ApiClient(
            server.url,
            name="siris",
            user_agent="test",
            timeout=5.0,
            budget=RequestBudget(calls=None, max_total=100),
            first_backoff=0.01,
            use_proxy=False,
        )
        monkeypatch.setattr(Session, "api", lambda _self, _source: client)
        with client, open_session(settings) as session:
            reports = {report.period: report for report in fetch_and_load(dataset, session, connection)}
    assert reports["2024"].loaded > 500
    found = connection.execute("select period from raw.delivery_problems").fetchall()
    if is_problem:
        assert reports["2025"].problem is not None
        assert found == [("2025",)]
    else:
        assert found == []
    assert server.asked[address(2025)] <= 6


def test_a_whole_run_with_one_broken_file_makes_a_release_that_says_what_it_lacks(
    tmp_path, monkeypatch, using, run_steps, words_of
):
    sample = tmp_path / "sample_data"
    shutil.copytree(BUNDLED, sample)
    (sample / ELIGIBILITY).write_bytes(HTML)
    monkeypatch.setattr(Settings, "sample_data_dir", property(lambda _: sample))
    with using(tmp_path / "data") as data:
        monkeypatch.setenv("EQUITY_DEMO", "off")
        load.cache_clear()
        result = run_steps()
        assert result.success, words_of(result)
        lacks = data.store.current().manifest.lacks
        (sentence,) = [sentence for sentence in lacks if "eligibility_y9" in sentence]
        assert "2025" in sentence
        assert "not_this_file" in sentence
        with duckdb.connect(data.database, read_only=True) as release:
            assert release.sql("select dataset, rule from pub_delivery_problems").fetchall() == [
                ("eligibility_y9", "not_this_file")
            ]
            ((others,),) = release.sql(
                "select count(value) from pub_unit_measures where measure_id = 'merit_value_y9'"
            ).fetchall()
            assert others > 1000
        failed = [check for check in result.get_asset_check_evaluations() if not check.passed]
        assert "delivered_whole" in {check.check_name for check in failed}
