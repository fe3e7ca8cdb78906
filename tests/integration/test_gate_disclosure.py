"""No way around the attacker audit: what could be computed from a candidate keeps it from its readers."""

import json
import shutil
from collections.abc import Callable, Iterator

import duckdb
import pytest

from dagster_project.defs.publication.audience import AUDIENCES, INTERNAL, PUBLIC
from dagster_project.defs.publication.disclosure import Attack, attack
from dagster_project.defs.resources import EquityResource
from dagster_project.lib.release.disclosed import file_of, read_register
from dagster_project.lib.release.reader import connect
from dagster_project.lib.release.store import ReleaseStore

# Shows every figure that is hidden only to protect others: what a configuration without secondary suppression
# would publish.
_WITHOUT_SECONDARIES = """
    update {table} as shown
    set value = levels.value, numerator = levels.numerator, denominator = levels.denominator,
        status = 'ok', suppression = null
    from indicators.ind_own_levels_in_force as levels
    inner join indicators.ind_disclosure_rows as leaving
        on
            leaving.audience = '{audience}'
            and leaving.entity_type = levels.entity_type and leaving.entity_key = levels.entity_key
            and leaving.school_year = levels.school_year and leaving.indicator_id = levels.indicator_id
            and leaving.group_id = levels.group_id
    inner join indicators.ind_disclosure_pattern as pattern
        on
            pattern.audience = '{audience}' and pattern.state = 'secondary'
            and pattern.cell_id = leaving.figure_cell_id
    where
        shown.entity_type = levels.entity_type and shown.entity_key = levels.entity_key
        and shown.school_year = levels.school_year and shown.indicator_id = levels.indicator_id
        and shown.group_id = levels.group_id
"""


# Shows what is pooled from units though one or two of them are hidden, and own statistics of hidden units.
_WITHOUT_RULES = (
    """
    update published.pub_indicators as shown
    set value = figures.value, status = 'ok', suppression = null
    from indicators.ind_indicators as figures
    where
        figures.suppression = 'hidden_units' and figures.value is not null
        and shown.entity_type = figures.entity_type and shown.entity_key = figures.entity_key
        and shown.school_year = figures.school_year and shown.indicator_id = figures.indicator_id
        and shown.group_id = figures.group_id
    """,
    """
    update published.pub_indicators as shown
    set value = figures.value, status = 'ok', suppression = null
    from indicators.ind_own_statistics_in_force as figures
    where
        shown.suppression is not null and figures.value is not null
        and shown.entity_type = figures.entity_type and shown.entity_key = figures.entity_key
        and shown.school_year = figures.school_year and shown.indicator_id = figures.indicator_id
        and shown.group_id = figures.group_id
    """,
)


def execute(warehouse, statement: str) -> int:
    with duckdb.connect(warehouse) as connection:
        (changed,) = connection.execute(statement).fetchone() or (0,)
    return int(changed)


def store_of(data, audience) -> ReleaseStore:
    return data.store if audience is PUBLIC else ReleaseStore(data.data_dir / "internal")


def attacks(store: ReleaseStore) -> dict[str, dict[str, int]]:
    record = json.loads((store.current_link / "audit.json").read_text(encoding="utf-8"))
    return {row["audience"]: row for row in record["attacks"]}


class TestAReleaseOfOwnData:
    def test_every_figure_that_may_not_be_shown_is_proven_protected(self, release):
        for audience in AUDIENCES:
            found = attacks(store_of(release, audience))[audience.name]
            assert found["primaries"] > 0
            assert found["protected"] + found["exposed"] == found["primaries"]
            assert found["narrowest"] >= 1
        # Five figures of the administration's own follow from what it knows, whatever else is hidden.
        assert attacks(store_of(release, PUBLIC))["public"]["exposed"] == 0

    def test_the_manifest_tells_how_it_was_attacked(self, release):
        manifest = release.store.current().manifest
        assert [row["audience"] for row in manifest.attacks] == ["public"]
        assert manifest.disclosed is not None and manifest.disclosed.cells > 0

    def test_the_manifest_names_the_breakdowns_that_are_hidden_whole(self, release):
        """As the solver left them: the public has none, the administration those it can solve for itself."""
        with connect(release.warehouse) as warehouse:
            left = warehouse.execute(
                "select audience, count(*) from indicators.ind_disclosure_pattern"
                " where state = 'refused' group by audience"
            ).fetchall()
        assert [audience for audience, _ in left] == ["internal"]
        assert release.store.current().manifest.refused_breakdowns == []
        refused = store_of(release, INTERNAL).current().manifest.refused_breakdowns
        assert {each.audience for each in refused} == {"internal"}
        assert sum(each.figures for each in refused) == dict(left)["internal"]
        assert all(each.indicator_id.startswith("own_") and each.dimension != "all" for each in refused)
        assert all(each.why_sv.startswith("Någon uppgift") for each in refused)

    def test_what_it_made_known_is_in_the_register(self, release):
        for audience in AUDIENCES:
            store = store_of(release, audience)
            register = read_register(store.register_dir, store.disclosed())
            assert len(register) == store.current().manifest.disclosed.cells

    def test_the_administration_sees_more_and_never_less(self, release):
        seen = {}
        for audience, table in ((PUBLIC, "pub_indicators"), (INTERNAL, "pub_internal_indicators")):
            with connect(store_of(release, audience).current_link / "equity.duckdb") as connection:
                rows = connection.execute(
                    f"""
                    select entity_type, entity_key, school_year, indicator_id, group_id from {table}
                    where starts_with(indicator_id, 'own_') and value is not null
                    """
                ).fetchall()
                seen[audience.name] = set(rows)
        assert seen["public"] and seen["public"] < seen["internal"]

    def test_nobody_but_the_owner_enters_the_folder_of_the_administration(self, release):
        assert (release.data_dir / "internal").stat().st_mode & 0o077 == 0


@pytest.fixture(scope="module")
def weakened(release, using, run_steps, tmp_path_factory) -> Iterator[object]:
    """A run after which the public tables show what was hidden to protect others, or what could be solved."""
    data_dir = tmp_path_factory.mktemp("weakened") / "data"
    shutil.copytree(release.data_dir, data_dir, symlinks=True)
    with using(data_dir) as data:
        statement = _WITHOUT_SECONDARIES.format(table="published.pub_indicators", audience="public")
        for each in (statement, *_WITHOUT_RULES):
            assert execute(data.warehouse, each) > 0
        yield run_steps("candidate", "release"), data


@pytest.mark.xdist_group("weakened_candidate")
def test_without_secondary_suppression_the_gate_refuses(weakened, words_of):
    result, data = weakened
    assert not result.success
    words = words_of(result)
    assert "disclosure/attacker_audit, expectation nobody_can_be_computed" in words
    assert "can be computed from what is shown" in words
    assert data.store.pointer() == "R000001"


@pytest.mark.xdist_group("weakened_candidate")
def test_without_the_rule_for_what_is_pooled_the_gate_refuses(weakened, words_of):
    result, _ = weakened
    assert "expectation no_hidden_unit_is_told_by_what_is_pooled" in words_of(result)


@pytest.mark.xdist_group("weakened_candidate")
def test_without_the_rule_for_statistics_the_gate_refuses(weakened, words_of):
    result, _ = weakened
    assert "expectation statistics_are_made_of_what_is_shown" in words_of(result)


@pytest.mark.xdist_group("weakened_candidate")
def test_the_check_in_the_ui_says_so_too(weakened):
    result, _ = weakened
    failed = {check.check_name for check in result.get_asset_check_evaluations() if not check.passed}
    assert "attacker_audit" in failed


@pytest.fixture
def attacked(release_copy) -> Callable[[], Attack]:
    """Attacks a new candidate of what the build file holds, as the gate does."""

    def attacked() -> Attack:
        equity = EquityResource()
        built = release_copy.unaudited()
        with equity.warehouse() as warehouse:
            return attack(equity, PUBLIC, built, warehouse)

    return attacked


def test_what_the_agencies_tell_of_the_figures_reaches_the_audit(release_copy, attacked):
    told = """
        insert into indicators.ind_disclosure_margins
        select cells.audience, cells.cell_id, cells.value, cells.value, 1, 0
        from indicators.ind_disclosure_cells as cells
        inner join indicators.ind_disclosure_pattern as pattern
            on cells.audience = pattern.audience and cells.cell_id = pattern.cell_id
        where cells.audience = 'public' and pattern.state = 'secondary' and cells.part = 'figure'
    """
    assert execute(release_copy.warehouse, told) > 0
    found = attacked()
    (public,) = found.summary
    # They can be computed from what the first release and the agencies tell: this one adds nothing.
    assert public["exposed"] > 0
    assert public["protected"] + public["exposed"] == public["primaries"]
    assert all(each.success for each in found.suite.expectations)


def test_what_the_agencies_are_wrongly_said_to_tell_refuses_the_candidate(release_copy, attacked):
    wrong = """
        insert into indicators.ind_disclosure_margins
        select audience, cell_id, value + 1, value + 1, 1, 0 from indicators.ind_disclosure_cells
        where audience = 'public' and part = 'figure' limit 1
    """
    assert execute(release_copy.warehouse, wrong) == 1
    found = attacked()
    assert found.told is None
    refusing = [each for each in found.suite.expectations if not each.success]
    assert {each.severity for each in refusing} == {"critical"}
    assert "has a value outside its own bounds" in " ".join(each.observed for each in refusing)


def test_a_lost_register_stops_publication(release_copy, run_steps, words_of):
    file_of(release_copy.store.register_dir, "R000001").unlink()
    result = run_steps("candidate", "release")
    assert not result.success
    assert "what this release made known cannot be read. Restore the file" in words_of(result)
    assert release_copy.store.pointer() == "R000001"
