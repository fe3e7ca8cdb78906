"""Every indicator of the catalogue has a page that says what the seeds say of it."""

import re
import shutil
from collections import Counter
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dagster_project.cli import app
from dagster_project.lib.indicators import pages
from dagster_project.lib.indicators.catalogue import SEEDS, CatalogueError, Indicator, read

CATALOGUE = {indicator.indicator_id: indicator for indicator in read()}
ABSENT_15 = CATALOGUE["own_absent_15_share__level"]


def page_of(indicator: Indicator) -> str:
    return pages.pages([indicator])[f"{indicator.indicator_id}.md"]


@pytest.fixture
def seeds(tmp_path) -> Path:
    """A copy of the seeds, to be changed."""
    return Path(shutil.copytree(SEEDS, tmp_path / "seeds"))


def change(seeds: Path, name: str, old: str, new: str) -> None:
    (path,) = seeds.rglob(f"{name}.csv")
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_pages_in_the_repository_say_what_the_catalogue_says():
    committed = {path.name: path.read_text(encoding="utf-8") for path in pages.COMMITTED.glob("*.md")}
    made = pages.pages(list(CATALOGUE.values()))
    assert committed == made, (
        "docs/indicators is behind: run `equity docs indicators docs/indicators`. Pages that differ: "
        f"{sorted(name for name in committed.keys() | made.keys() if committed.get(name) != made.get(name))}"
    )


def test_at_least_sixty_indicators_are_described_in_every_area_of_the_strategies():
    assert len(CATALOGUE) >= 60
    areas = {indicator.row["strategy_area"] for indicator in CATALOGUE.values()}
    assert areas == {"quality_work", "resources", "competence", "segregation", "teaching_quality"}


@pytest.mark.parametrize("name", ["name_sv", "name_en"])
def test_no_two_indicators_have_the_same_name(name: str):
    names = Counter(indicator.row[name] for indicator in CATALOGUE.values())
    assert [each for each, indicators in names.items() if indicators > 1] == []


def test_every_field_of_the_catalogue_is_filled_in():
    described_elsewhere = {"count_basis", "cell_kind"}
    assert [
        (indicator.indicator_id, column)
        for indicator in CATALOGUE.values()
        for column, value in indicator.row.items()
        if not value and (indicator.is_own or column not in described_elsewhere)
    ] == []


def test_a_page_tells_name_definition_formula_rules_and_how_to_ask():
    page = page_of(ABSENT_15)
    assert page.count("# Andel elever med minst 15 procents frånvaro\n") == 1
    for said in (
        "täljare / nämnare",
        "Intervallet är Wilsons, 95 procent",
        "| Område i strategin | Undervisningens kvalitet |",
        "| Minsta antal bakom ett värde | barn eller elever: 10 för enhet, 10 för rektorsområde,"
        " 5 för kommun |",
        "| Population | kommunens egna enheter |",
        "Pupils whose total absence is 15 per cent or more",
        "where indicator_id = 'own_absent_15_share__level'",
        "Inga kända.",
    ):
        assert said in page


def test_the_page_leads_to_where_the_method_is_derived():
    headings = re.findall(
        r"^## (.+)$", (pages.COMMITTED.parent / "methods.md").read_text("utf-8"), re.MULTILINE
    )
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    sections = {i.method["methods_section"] for i in CATALOGUE.values()} - {""}
    assert len(sections) >= 8
    assert sections <= anchors
    assert f"](../methods.md#{ABSENT_15.method['methods_section']})" in page_of(ABSENT_15)


def test_the_page_of_a_question_asks_for_the_answer_in_swedish():
    assert ", verdict_sv," in page_of(CATALOGUE["own_need_certified_fte_share_gr__allocation_slope"])
    assert "verdict_sv" not in page_of(ABSENT_15)


def test_a_mean_has_no_wilson_interval():
    assert "Wilson" not in page_of(CATALOGUE["own_merit_value_y9__level"])


def test_a_break_in_the_series_stands_on_the_page_with_its_source():
    page = page_of(CATALOGUE["own_test_passed_maths_y9__level"])
    assert "| 2019/20 | Nationella proven ställdes in våren 2020. | Skolverket |" in page


def test_a_changed_threshold_changes_the_page(seeds):
    change(seeds, "thr_disclosure", "public;unit;minimum_pupils;10", "public;unit;minimum_pupils;15")
    changed = {indicator.indicator_id: indicator for indicator in read(seeds)}
    assert "15 för enhet" in page_of(changed["own_absent_15_share__level"])


def test_a_method_without_a_formula_is_refused(seeds):
    change(seeds, "ref_indicators", ";spread_sd;", ";spread_of_another_kind;")
    with pytest.raises(CatalogueError, match=r"'spread_of_another_kind'.*Add the method with its formula"):
        read(seeds)


def test_a_code_without_a_swedish_name_is_refused(seeds):
    change(seeds, "ref_indicators", ";resources;", ";money;")
    with pytest.raises(CatalogueError, match=r"strategy_area 'money', which has no Swedish name"):
        pages.pages(read(seeds))


def test_pages_of_indicators_that_are_no_more_go_and_other_files_stay(tmp_path):
    pages.write([ABSENT_15], tmp_path)
    (tmp_path / "own_notes.md").write_text("# Anteckningar\n", encoding="utf-8")
    pages.write([CATALOGUE["own_absent_20_share__level"]], tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        "README.md",
        "own_absent_20_share__level.md",
        "own_notes.md",
    }


def test_the_command_writes_a_page_per_indicator_and_an_index(tmp_path):
    result = CliRunner().invoke(app, ["docs", "indicators", str(tmp_path / "pages")])
    assert result.exit_code == 0, result.output
    assert len(list((tmp_path / "pages").glob("*.md"))) == len(CATALOGUE) + 1
    assert f"{len(CATALOGUE) + 1} sidor" in result.output
