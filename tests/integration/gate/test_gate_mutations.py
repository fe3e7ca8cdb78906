"""Every expectation can fail: of each damage to a good release those complain that should, and no others."""

from collections.abc import Iterator

import pytest
from gate_damages import damages
from gate_workbench import Damage, Workbench, marts_workbench, release_workbench

PUBLISHED, INTERNAL, MARTS = damages("published"), damages("internal"), damages("marts")


@pytest.fixture(scope="module")
def published(release) -> Iterator[Workbench]:
    with release_workbench(release.database, "published") as workbench:
        yield workbench


@pytest.fixture(scope="module")
def internal(release) -> Iterator[Workbench]:
    with release_workbench(release.internal_database, "internal") as workbench:
        yield workbench


@pytest.fixture(scope="module")
def marts(release) -> Iterator[Workbench]:
    with marts_workbench(release.warehouse) as workbench:
        yield workbench


def test_nobody_complains_of_good_tables(published: Workbench, internal: Workbench, marts: Workbench) -> None:
    for workbench in (published, internal, marts):
        assert workbench.complaints_of_good_tables() == set()


@pytest.mark.parametrize("name", PUBLISHED)
def test_of_a_damaged_release_exactly_those_complain_that_should(published: Workbench, name: str) -> None:
    assert published.complaints(PUBLISHED[name].statements) == PUBLISHED[name].fails


@pytest.mark.parametrize("name", INTERNAL)
def test_of_a_damaged_internal_release_likewise(internal: Workbench, name: str) -> None:
    assert internal.complaints(INTERNAL[name].statements) == INTERNAL[name].fails


@pytest.mark.parametrize("name", MARTS)
def test_of_a_damaged_build_likewise(marts: Workbench, name: str) -> None:
    assert marts.complaints(MARTS[name].statements) == MARTS[name].fails


def _never_proven(workbench: Workbench, registry: dict[str, Damage]) -> set[str]:
    return workbench.expectations - {each for damage in registry.values() for each in damage.fails}


def test_no_expectation_is_without_a_damage_that_it_finds(
    published: Workbench, internal: Workbench, marts: Workbench
) -> None:
    assert _never_proven(published, PUBLISHED) == set()
    assert _never_proven(internal, INTERNAL) == set()
    assert _never_proven(marts, MARTS) == set()
