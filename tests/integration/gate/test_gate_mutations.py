"""Every expectation can fail: of each damage to a good release those complain that should, and no others."""

from collections.abc import Iterator

import pytest
from gate_damages import damages
from gate_workbench import Damage, Workbench, marts_workbench, published_workbench

PUBLISHED, MARTS = damages("published"), damages("marts")


@pytest.fixture(scope="module")
def published(release) -> Iterator[Workbench]:
    with published_workbench(release.database) as workbench:
        yield workbench


@pytest.fixture(scope="module")
def marts(release) -> Iterator[Workbench]:
    with marts_workbench(release.warehouse) as workbench:
        yield workbench


def test_nobody_complains_of_good_tables(published: Workbench, marts: Workbench) -> None:
    assert published.complaints_of_good_tables() == set()
    assert marts.complaints_of_good_tables() == set()


@pytest.mark.parametrize("name", PUBLISHED)
def test_of_a_damaged_release_exactly_those_complain_that_should(published: Workbench, name: str) -> None:
    assert published.complaints(PUBLISHED[name].statements) == PUBLISHED[name].fails


@pytest.mark.parametrize("name", MARTS)
def test_of_a_damaged_build_exactly_those_complain_that_should(marts: Workbench, name: str) -> None:
    assert marts.complaints(MARTS[name].statements) == MARTS[name].fails


def _never_proven(workbench: Workbench, damages: dict[str, Damage]) -> set[str]:
    return workbench.expectations - {each for damage in damages.values() for each in damage.fails}


def test_no_expectation_is_without_a_damage_that_it_finds(published: Workbench, marts: Workbench) -> None:
    assert _never_proven(published, PUBLISHED) == set()
    assert _never_proven(marts, MARTS) == set()
