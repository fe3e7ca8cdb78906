"""Every expectation can fail: of each damage to a good release those complain that should, and no others."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from typing import get_args

import pytest
from gate_damages import damages
from gate_workbench import BUILD_STAGES, Workbench, build_workbench, release_workbench

from dagster_project.lib.expectations.suite import Stage

STAGES = ("published", "internal", *BUILD_STAGES)
DAMAGES = {stage: damages(stage) for stage in STAGES}
# One worker sets up the workbench of a stage.
WHERE = {stage: pytest.mark.xdist_group(f"workbench_{stage}") for stage in STAGES}
EACH_STAGE = [pytest.param(stage, marks=WHERE[stage]) for stage in STAGES]
EACH_DAMAGE = [
    pytest.param(stage, name, marks=WHERE[stage], id=f"{stage}-{name}")
    for stage in STAGES
    for name in DAMAGES[stage]
]


@pytest.fixture(scope="module")
def workbench(release) -> Iterator[Callable[[str], Workbench]]:
    """The workbench of a stage, opened once."""
    with ExitStack() as opened:

        @cache
        def of_stage(stage: str) -> Workbench:
            if stage in BUILD_STAGES:
                return opened.enter_context(build_workbench(release.warehouse, stage))
            database = release.database if stage == "published" else release.internal_database
            return opened.enter_context(release_workbench(database, stage))

        yield of_stage


def test_no_stage_is_left_out() -> None:
    assert set(STAGES) == set(get_args(Stage))


@pytest.mark.parametrize("stage", EACH_STAGE)
def test_nobody_complains_of_good_tables(workbench: Callable[[str], Workbench], stage: str) -> None:
    assert workbench(stage).complaints_of_good_tables() == set()


@pytest.mark.parametrize("stage", EACH_STAGE)
def test_no_expectation_is_without_a_damage_that_it_finds(
    workbench: Callable[[str], Workbench], stage: str
) -> None:
    found = {each for damage in DAMAGES[stage].values() for each in damage.fails}
    assert workbench(stage).expectations - found == set()


@pytest.mark.parametrize(("stage", "name"), EACH_DAMAGE)
def test_of_damaged_tables_exactly_those_complain_that_should(
    workbench: Callable[[str], Workbench], stage: str, name: str
) -> None:
    damage = DAMAGES[stage][name]
    assert workbench(stage).complaints(damage) == damage.fails
