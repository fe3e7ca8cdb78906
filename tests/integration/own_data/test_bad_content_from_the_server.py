"""Content that a server gets wrong, from its answer through the edge to what staging says about each row."""

import datetime as dt
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from own_data_kit import seed

import demo
from dagster_project.defs.warehouse.dbt_project import manifest
from demo.server import Fault

sys.path.insert(0, str(Path(__file__).parents[2] / "unit" / "ss12000"))

from ss12000_kit import MORNING, Installation, problems

pytestmark = pytest.mark.faults

# The first entities of a list are the faulty ones: two of the five grades have both faults.
FAULTS = (
    Fault("aggregatedAttendance", "absence_over_offered", times=4),
    Fault("grades", "unknown_syllabus", times=2),
    Fault("grades", "future_dates", times=5),
    Fault("placements", "ends_before_start", times=5),
    Fault("persons", "ends_before_start", times=40),
)
LISTS = (
    "organisations",
    "persons",
    "syllabuses",
    "activities",
    "placements",
    "grades",
    "aggregatedAttendance",
    "deletedEntities",
)
JUDGED = (
    "base_ss12000__aggregated_attendance",
    "base_ss12000__enrolments",
    "base_ss12000__grades",
    "base_ss12000__placements",
)


def in_order(model: str) -> Iterator[str]:
    """Unique ids of the models and seeds that a model is built from, and itself last."""
    nodes, parents = manifest()["nodes"], manifest()["parent_map"]
    done: set[str] = set()

    def visit(unique_id: str) -> Iterator[str]:
        if unique_id in nodes and unique_id not in done:
            done.add(unique_id)
            for parent in parents[unique_id]:
                yield from visit(parent)
            yield unique_id

    yield from visit(next(key for key, node in nodes.items() if node["name"] == model))


@pytest.fixture(scope="module")
def broken_rules(release, tmp_path_factory):
    """Staging tables of what a faulty server told in one run: how often each rule was broken, by table."""
    here = Installation(tmp_path_factory.mktemp("faulty"))
    found = here.run(
        demo.generate(as_of=MORNING),
        *LISTS,
        faults=FAULTS,
        first_day=dt.date(2026, 10, 1),
        page_size=2000,
    )
    assert problems(found) == {}
    nodes, built = manifest()["nodes"], set()
    broken: dict[str, dict[str, int]] = {}
    with here.warehouse() as connection:
        for model in JUDGED:
            for unique_id in in_order(model):
                node = nodes[unique_id]
                if unique_id in built:
                    continue
                is_seed = node["resource_type"] == "seed"
                select = seed(node["name"]) if is_seed else release.compiled(node["name"])
                connection.execute(f'create schema if not exists "{node["schema"]}"')
                connection.execute(f'create table "{node["schema"]}"."{node["name"]}" as {select}')
                built.add(unique_id)
            rows = connection.execute(
                f"select broken_rule, count(*) from staging.{model} where broken_rule is not null group by 1"
            ).fetchall()
            broken[model] = {str(rule): int(count) for rule, count in rows}
    return broken


def test_more_absence_than_was_offered_is_set_aside(broken_rules):
    # The first four of each of the two months that are asked for.
    assert broken_rules["base_ss12000__aggregated_attendance"] == {
        "part_exceeds_whole:valid_absence_sum+invalid_absence_sum": 8
    }


def test_grades_of_the_future_and_in_unknown_subjects_are_set_aside(broken_rules):
    assert broken_rules["base_ss12000__grades"] == {
        "unknown_syllabus:syllabus_id": 2,
        "future_date:registered_date": 3,
    }


def test_placements_and_enrolments_that_end_before_they_start_are_set_aside(broken_rules):
    assert broken_rules["base_ss12000__placements"] == {"dates_reversed:end_date": 5}
    ((rule, count),) = broken_rules["base_ss12000__enrolments"].items()
    assert rule == "dates_reversed:end_date"
    # Not every person has an enrolment.
    assert 5 < count <= 40
