"""No way around the attacker audit: what could be computed from a candidate keeps it from its readers."""

import json
from collections.abc import Callable

import duckdb
import pytest

from dagster_project.defs.publication.audience import AUDIENCES, INTERNAL, PUBLIC
from dagster_project.defs.publication.disclosure import Attack, attack
from dagster_project.defs.resources import EquityResource
from dagster_project.lib.release.disclosed import file_of, read_register
from dagster_project.lib.release.reader import connect
from dagster_project.lib.release.store import ReleaseStore


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


def test_a_lost_register_refuses_the_candidate(release_copy, attacked):
    file_of(release_copy.store.register_dir, "R000001").unlink()
    found = attacked()
    assert found.told is None
    refusing = [each for each in found.suite.expectations if not each.success]
    assert {each.severity for each in refusing} == {"critical"}
    assert "what this release made known cannot be read. Restore the file" in " ".join(
        each.observed for each in refusing
    )
