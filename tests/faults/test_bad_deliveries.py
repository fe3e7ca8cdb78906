"""Damaged deliveries: refused by name or set aside row by row, counted, never in the way of the others.

The matrix of families and damages, and what must come of each, is `delivery_matrix`.
"""

import gzip
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import agencies
import duckdb
import pytest
from damages import WEB_PAGE
from delivery_matrix import (
    DAMAGES,
    FAMILIES,
    CannotHappen,
    Cell,
    Dropped,
    Family,
    Noted,
    Refused,
    SetAside,
    SetAsideInStaging,
    cells,
)
from hostile_server import HostileServer, Reply
from recording import BUNDLED, Recording

from dagster_project.defs.extracts import kolada as kolada_datasets
from dagster_project.defs.extracts import planned_educations as planned_educations_datasets
from dagster_project.defs.extracts.catalogue import DATASETS
from dagster_project.defs.extracts.load import fetch_and_load
from dagster_project.defs.extracts.session import Session, open_session
from dagster_project.defs.warehouse.dbt_project import DBT_PROJECT_DIR, dbt_environment, dbt_executable
from dagster_project.lib.http.budget import RequestBudget
from dagster_project.lib.http.client import ApiClient
from dagster_project.lib.raw_tables import LoadReport
from dagster_project.lib.sources import (
    kolada,
    planned_educations,
    scb,
    siris,
    skolenhetsregistret,
    underlag_for_analys,
)
from dagster_project.settings import Mode, Settings, load

pytestmark = pytest.mark.faults

KPIS_OF_UNITS = len(kolada_datasets.kpis_of_units())
BY_NAME = {family.name: family for family in FAMILIES}


@pytest.fixture(autouse=True)
def _one_municipality_one_year_at_full_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same code, asked for less and without the agencies' pace."""
    monkeypatch.setattr(planned_educations_datasets, "_all_municipalities", lambda: [agencies.MUNICIPALITY])
    monkeypatch.setattr(planned_educations_datasets, "STATISTICS_FORMS", ("gr",))
    monkeypatch.setattr(planned_educations_datasets, "SURVEYED", ("pupilsgr",))
    monkeypatch.setattr(kolada_datasets, "YEARS_BACK", 0)
    for module in (siris, underlag_for_analys, planned_educations, skolenhetsregistret, kolada, scb):
        monkeypatch.setattr(module, "SOURCE", replace(module.SOURCE, calls=1_000_000))


@pytest.fixture(scope="module")
def live() -> Iterator[agencies.Agencies]:
    with agencies.running() as running:
        yield running


class House:
    """One installation: a data folder, and the agencies it asks."""

    def __init__(self, folder: Path, live: agencies.Agencies, monkeypatch: pytest.MonkeyPatch) -> None:
        self.data_dir = folder / "data"
        self._recording = Recording(folder / "sample_data")
        self._damaged: set[str] = set()
        self._live = live
        self._connection: duckdb.DuckDBPyConnection | None = None
        live.heal()
        monkeypatch.setattr(Settings, "sample_data_dir", property(lambda _: self._recording.folder))

    def settings(self, mode: Mode = Mode.RECORDED) -> Settings:
        return Settings(
            mode=mode,
            data_dir=self.data_dir,
            municipality=agencies.MUNICIPALITY,
            source_addresses=self._live.addresses(),
            threads=1,
        )

    @property
    def warehouse(self) -> duckdb.DuckDBPyConnection:
        """The build file, held open until :meth:`close`."""
        if self._connection is None:
            self.data_dir.mkdir(exist_ok=True)
            self._connection = duckdb.connect(self.data_dir / "warehouse.duckdb")
        return self._connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def deliver(self, family: Family) -> LoadReport:
        """Fetch and load the family's dataset as a run does."""
        (dataset,) = [d for d in DATASETS if (d.source, d.name) == (family.source, family.dataset)]
        sound = {name: body for name, body in family.answers().items() if name not in self._damaged}
        self._recording.put(sound)
        with open_session(self.settings(family.mode)) as session:
            (report,) = fetch_and_load(dataset, session, self.warehouse)
        return report

    def damage(self, family: Family, *damaged: Cell) -> None:
        """Let the family be delivered with these damages from now on."""
        if family.mode is Mode.LIVE:
            for cell in damaged:
                self._live.damage(family.source, cell.where or family.where, cell.change)
            return
        answers = family.answers()
        for cell in damaged:
            answers = {address: cell.change(body) for address, body in answers.items()}
        assert answers != family.answers(), "nothing was damaged"
        self._recording.put(answers)
        self._damaged |= answers.keys()

    def heal(self) -> None:
        """The live interfaces answer as they should again."""
        self._live.heal()

    def count(self, table: str, where: str = "true") -> int:
        ((rows,),) = self.warehouse.execute(f"select count(*) from {table} where {where}").fetchall()
        return int(rows)


@pytest.fixture
def house(tmp_path: Path, live: agencies.Agencies, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    house = House(tmp_path, live, monkeypatch)
    yield house
    house.close()


@pytest.fixture(scope="module")
def sound_data() -> dict[str, Path]:
    """Data folders with a sound delivery loaded, by family; each is made when first wanted."""
    return {}


@pytest.fixture
def house_with_sound_data(
    house: House, sound_data: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Family], House]:
    def prepared(family: Family) -> House:
        if family.name in sound_data:
            shutil.copytree(sound_data[family.name], house.data_dir)
            return house
        report = house.deliver(family)
        assert report.problem is None
        assert report.loaded > 0
        house.close()
        sound_data[family.name] = tmp_path_factory.mktemp("sound") / "data"
        shutil.copytree(house.data_dir, sound_data[family.name])
        return house

    return prepared


def raw_table(family: Family) -> str:
    (table,) = {d.raw_table for d in DATASETS if (d.source, d.name) == (family.source, family.dataset)}
    return f"raw.{table}"


def test_every_dataset_and_every_damage_has_its_place_in_the_matrix():
    assert {(d.source, d.name) for d in DATASETS} == {(f.source, f.dataset) for f in FAMILIES}
    for family in FAMILIES:
        assert set(family.cells) == set(DAMAGES), family.name
        for cell in family.cells.values():
            assert not isinstance(cell, CannotHappen) or cell.why
    # A unit's details are asked for at the addresses that the list of units gives.
    recorded = {f"{d.source}/{d.name}" for d in DATASETS if d.left_out_when_recorded is None}
    lost = BUNDLED_FILES.keys() | NATIONAL_TABLE.keys()
    assert recorded - lost == {"planned_educations/school_unit_details"}
    assert lost <= recorded


@pytest.mark.parametrize(
    ("family", "damage", "cell"), [pytest.param(*c, id=f"{c[0].name}-{c[1]}") for c in cells()]
)
def test_what_comes_of_a_damaged_delivery(house_with_sound_data, family, damage, cell):
    house = house_with_sound_data(family)
    table = raw_table(family)
    before = house.count(table)
    rejected_before = house.count("raw.rejected_rows")

    house.damage(family, cell)
    report = house.deliver(family)

    problems = house.warehouse.execute("select rule, message from raw.delivery_problems").fetchall()
    match cell.outcome:
        case Refused(rule, column):
            assert report.problem is not None
            # The last good rows stand, and the release will say what it lacks.
            assert (problems, house.count(table)) == ([(rule, report.problem)], before)
            assert f"(rule {rule})." in report.problem
            assert report.problem.rpartition(f"(rule {rule}).")[2].strip(), "no remedy"
            assert column is None or repr(column) in report.problem
        case SetAside(rule, rows):
            assert (report.problem, problems) == (None, [])
            assert report.rejected - rejected_before == rows
            assert house.count("raw.rejected_rows", f"rule = '{rule}'") == rows
        case Dropped(rows):
            assert (report.problem, problems, report.duplicates) == (None, [], rows)
        case Noted(words):
            assert (report.problem, problems) == (None, [])
            assert any(words in note for note in report.notes), report.notes
        case SetAsideInStaging():
            # What dbt says of it is looked at below, for all families in one build.
            assert (report.problem, problems, report.rejected) == (None, [], rejected_before)
    assert report.delivered == report.loaded + report.rejected + report.duplicates
    if report.problem is None:
        assert house.count(table) == report.loaded > 0


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_refused_delivery_is_not_in_the_way_of_others(house, family):
    house.damage(family, family.cells["web page"])
    assert house.deliver(family).problem is not None
    neighbour = BY_NAME["costs_gr" if family.name != "costs_gr" else "grades_y6"]
    other = house.deliver(neighbour)
    assert (other.problem, other.loaded > 200) == (None, True)
    assert house.count("raw.delivery_problems") == 1


def test_codes_values_and_figures_nobody_knows_are_set_aside_with_reason_and_remedy(house, using):
    """One build over everything that only staging can judge, beside sound rows of every dataset."""
    expected: dict[tuple[str, str], int] = {}
    # Of two forms of the same dataset the one a live run meets is loaded; both read into the same columns.
    loaded = {(family.source, family.dataset): family for family in FAMILIES}
    for family in loaded.values():
        staged = [
            cell
            for cell in family.cells.values()
            if isinstance(cell, Cell) and isinstance(cell.outcome, SetAsideInStaging)
        ]
        if staged:
            house.damage(family, *staged)
        report = house.deliver(family)
        house.heal()
        assert report.problem is None, report.problem
        for cell in staged:
            outcome = cell.outcome
            place = (f"{family.source}/{family.dataset}", f"{outcome.rule}:{outcome.column}")
            expected[place] = outcome.rows

    # The figures of a unit that was set aside itself are nobody's.
    expected["kolada/unit_data", "unknown_unit:ou"] += KPIS_OF_UNITS
    house.close()
    settings = house.settings()
    build(settings, "+dq_extract_accounting")

    with duckdb.connect(settings.warehouse_path, read_only=True) as warehouse:
        found = {
            (f"{source}/{dataset}", f"{rule}:{column}"): rows
            for source, dataset, rule, column, rows in warehouse.execute(
                """
                select
                    split_part(extract_id, '/', 1), split_part(extract_id, '/', 2),
                    rule, column_name, count(*)
                from quality.dq_rejected_rows
                where found_by = 'staging' and reason <> '' and what_to_do <> ''
                group by 1, 2, 3, 4
                """
            ).fetchall()
        }
        # Associations of municipalities belong to no municipality.
        assert found.pop(("siris/costs_gy", "not_a_code:municipality_code")) == 9
        assert found == expected
        ((unaccounted,),) = warehouse.execute(
            "select count(*) from quality.dq_extract_accounting"
            " where delivered is distinct from loaded + rejected + duplicates"
        ).fetchall()
        assert unaccounted == 0
        assert warehouse.execute("select count(*) from quality.dq_extract_accounting").fetchall() == [
            (len(loaded),)
        ]


def build(settings: Settings, selected: str) -> None:
    """Run dbt over the warehouse."""
    built = subprocess.run(
        [
            dbt_executable(),
            "build",
            "--indirect-selection",
            "cautious",
            "--select",
            selected,
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


GRADES_Y6 = "skolverket/siris/betyg_ak6_{year}_kommun.csv"


def grades_of(year: int) -> Reply:
    return Reply(body=(BUNDLED / GRADES_Y6.format(year=year)).read_bytes())


def address_of(year: int) -> str:
    return f"/runexport/?pFormat=csv&pExportID=87&pAr={year}&pKommun=&pFlikar=0"


@pytest.fixture
def ask_for_grades(house, monkeypatch):
    """Fetches and loads the grades of year 6 from a server that has only what the script says."""
    (dataset,) = [dataset for dataset in DATASETS if dataset.name == "grades_y6"]

    def ask(server: HostileServer) -> dict[str, LoadReport]:
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
        with client, open_session(house.settings()) as session:
            return {report.period: report for report in fetch_and_load(dataset, session, house.warehouse)}

    return ask


def problems_in(house: House) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = house.warehouse.execute(
        "select period, rule from raw.delivery_problems order by 1"
    ).fetchall()
    return found


@pytest.mark.parametrize(
    ("replies", "rule"),
    [
        ([Reply(500)], "no_answer"),
        ([Reply(429, headers={"Retry-After": "0"})], "no_answer"),
        ([Reply(429, headers={"Retry-After": "3600"})], "retry_after_too_long"),
        ([Reply(body=b"x" * 1000, cut_after=10)], "no_answer"),
        ([Reply(200, WEB_PAGE)], "not_this_file"),
        ([Reply(500), Reply(503), grades_of(2025)], None),
        ([Reply(404)], None),
    ],
    ids=[
        "500 for ever",
        "429 for ever",
        "wait an hour",
        "cut off for ever",
        "web page",
        "500 then fine",
        "404",
    ],
)
def test_a_source_that_fails_for_one_year_is_loaded_for_the_others(house, ask_for_grades, replies, rule):
    with HostileServer({address_of(2024): [grades_of(2024)], address_of(2025): replies}) as server:
        reports = ask_for_grades(server)
    assert reports["2024"].loaded > 500
    assert problems_in(house) == ([] if rule is None else [("2025", rule)])
    assert server.asked[address_of(2025)] <= 6


def test_a_year_that_was_published_and_is_not_any_more_is_told_and_its_rows_stand(house, ask_for_grades):
    script = {address_of(2024): [grades_of(2024)], address_of(2025): [grades_of(2025), Reply(404)]}
    with HostileServer(script) as server:
        ask_for_grades(server)
        before = house.count("raw.siris_grades_y6")
        assert problems_in(house) == []
        ask_for_grades(server)
    assert problems_in(house) == [("2025", "withdrawn")]
    assert house.count("raw.siris_grades_y6") == before


def test_a_service_that_has_moved_is_not_taken_for_one_that_has_published_nothing_yet(house, ask_for_grades):
    with HostileServer({}) as moved:
        reports = ask_for_grades(moved)
    assert problems_in(house) == [("all", "nothing_published")]
    assert "grades_y6" in reports["all"].problem
    with HostileServer({address_of(2025): [grades_of(2025)]}) as back:
        ask_for_grades(back)
    assert problems_in(house) == []


# Where the bundled answers of each data set lie; each is fetched and read by itself.
BUNDLED_FILES = {
    "siris/final_grades_y9": "siris/slutbetyg_ak9*",
    "siris/grades_y6": "siris/betyg_ak6*",
    "siris/pupils": "siris/elever_per_ak*",
    "siris/teachers": "siris/personal_legitimation*",
    "siris/national_tests_y9": "siris/np9_per_kon*",
    "siris/eligibility_y9": "siris/siris155_behorighet*",
    "siris/costs_gr": "siris/kostnader_gr*",
    "siris/costs_gy": "siris/kostnader_gy*",
    "planned_educations/school_units": "planned_educations/pe_v4_school_units*",
    "planned_educations/statistics": "planned_educations/pe_v4_statistics*",
    "planned_educations/salsa": "planned_educations/salsa*",
    "planned_educations/survey": "planned_educations/skolenkaten*",
    "skolenhetsregistret/units_2020": "skolenhetsregistret/*",
}
NATIONAL_TABLE = {"underlag_for_analys/measures": "underlag_for_analys/*.xlsx"}
SALSA = "skolverket/planned_educations/salsa_2024_25.csv"


def answer_with_a_web_page(sample: Path, files: str) -> None:
    """Every bundled file of this name says no more than that the service is closed."""
    broken = list((sample / "skolverket").glob(files))
    assert broken, files
    for path in broken:
        if path.suffix != ".gz":
            path.write_bytes(WEB_PAGE)
            continue
        # One line for each answer.
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            answers = [json.loads(line) | {"json": WEB_PAGE.decode()} for line in lines]
        with gzip.open(path, "wt", encoding="utf-8") as lines:
            lines.writelines(f"{json.dumps(answer)}\n" for answer in answers)


@pytest.fixture
def run_without(tmp_path, monkeypatch, using, run_steps, words_of):
    """The first run of an installation without own data, of which all files of one data set are broken."""

    @contextmanager
    def run(files: str, *, change: Callable[[Path], None] = lambda _: None) -> Iterator[Any]:
        sample = tmp_path / "sample_data"
        shutil.copytree(BUNDLED, sample)
        answer_with_a_web_page(sample, files)
        change(sample)
        monkeypatch.setattr(Settings, "sample_data_dir", property(lambda _: sample))
        with using(tmp_path / "data") as data:
            monkeypatch.setenv("EQUITY_DEMO", "off")
            load.cache_clear()
            result = run_steps()
            assert result.success, words_of(result)
            yield data, result

    return run


def assert_it_says_what_it_lacks(data: Any, data_set: str) -> None:
    name = data_set.partition("/")[2]
    told = [sentence for sentence in data.store.current().manifest.lacks if f" {name} " in sentence]
    with duckdb.connect(data.database, read_only=True) as release:
        failed = release.execute(
            "select count(*) from pub_delivery_problems where source || '/' || dataset = $data_set",
            {"data_set": data_set},
        ).fetchone()
        assert failed == (len(told),)
        ((shown,),) = release.sql("select count(value) from pub_indicators").fetchall()
    assert told
    assert shown > 10_000
    # What could not be asked is told from what was asked and met.
    audit = json.loads((data.folder / "audit.json").read_text(encoding="utf-8"))
    observed = [each["observed"] for suite in audit["suites"] for each in suite["expectations"]]
    assert not [words for words in observed if words.startswith("nothing to look at")]


def test_a_first_run_without_the_national_table_makes_a_release_that_says_what_it_lacks(run_without):
    # A unit that no register knows would stand in the marts without a name.
    def let_nobody_know_a_unit(sample: Path) -> None:
        text = (sample / SALSA).read_text(encoding="utf-8").replace("44673074;", "00000000;", 1)
        (sample / SALSA).write_text(text, encoding="utf-8")

    ((data_set, files),) = NATIONAL_TABLE.items()
    with run_without(files, change=let_nobody_know_a_unit) as (data, result):
        assert_it_says_what_it_lacks(data, data_set)
        with duckdb.connect(data.database, read_only=True) as release:
            assert release.sql("select dataset, rule from pub_delivery_problems").fetchall() == [
                ("measures", "not_this_file")
            ]
            assert release.sql("select rejected from pub_deliveries where dataset = 'salsa'").fetchall() == [
                (1,)
            ]
            ((others,),) = release.sql(
                "select count(value) from pub_unit_measures where measure_id = 'merit_value_y9'"
            ).fetchall()
            assert others > 1000
            assert release.sql("select count(*) from pub_organiser_measures").fetchall() == [(0,)]
        assert not (data.data_dir / "internal" / "current").exists()
        failed = [check for check in result.get_asset_check_evaluations() if not check.passed]
        assert "delivered_whole" in {check.check_name for check in failed}


# A whole run each.
@pytest.mark.scale
@pytest.mark.parametrize("data_set", BUNDLED_FILES)
def test_a_first_run_without_any_other_data_set_makes_one_too(run_without, data_set):
    with run_without(BUNDLED_FILES[data_set]) as (data, _):
        assert_it_says_what_it_lacks(data, data_set)


@pytest.mark.scale
def test_a_first_run_without_a_whole_agency_is_refused(run_without):
    """Every export of SIRIS is a fault of ours or of the line, not of a file."""
    with pytest.raises(AssertionError, match="few_data_sets_failed"), run_without("siris/*"):
        pass
