"""The municipality is deterministic, of the right size and consistent in itself."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import demo
from demo import civic_numbers, names, units
from demo.calendar import YEARS, school_days
from demo.municipality import Municipality
from demo.pupils import PRESCHOOLS
from demo.world import world

Documents = Callable[[str], list[dict[str, Any]]]


def _bytes_of(municipality: Municipality) -> list[bytes]:
    found = [body for entities in municipality.endpoints.values() for body in entities.bodies]
    return found + municipality.attendance.aggregated(dt.date(2026, 10, 1), dt.date(2026, 10, 31))


def test_the_same_seed_gives_the_same_bytes(municipality: Municipality) -> None:
    before = _bytes_of(municipality)
    world.cache_clear()
    assert _bytes_of(demo.generate()) == before


def test_another_seed_gives_another_municipality(municipality: Municipality) -> None:
    other = demo.generate(seed=1)
    assert set(other.endpoints["persons"].ids).isdisjoint(municipality.endpoints["persons"].ids)
    assert set(other.world.register.pupil_contacts) != set(municipality.world.register.pupil_contacts)


@pytest.mark.parametrize("day", [dt.date(2026, 10, 31), dt.date(2026, 12, 19)])
def test_a_day_it_does_not_know_is_refused(day: dt.date) -> None:
    with pytest.raises(ValueError, match="is known from 2026-11-01 to 2026-12-18"):
        demo.generate(as_of=day)


def test_about_thirty_units_of_every_kind() -> None:
    assert 28 <= len(units.UNITS) <= 32
    assert {unit.kind for unit in units.OWN} == set(units.Kind)
    assert {unit.code for unit in units.PRIVATE}.isdisjoint(unit.code for unit in units.OWN)


@pytest.mark.parametrize("year", YEARS)
def test_four_to_five_thousand_children_and_pupils_each_autumn(municipality: Municipality, year: int) -> None:
    day = np.datetime64(f"{year}-10-15")
    pupils, spells = municipality.world.pupils, municipality.world.spells
    at_school = ((spells.start <= day) & (spells.end >= day)).sum()
    in_preschool = (
        (pupils.preschool >= 0) & (pupils.preschool_from <= day) & (pupils.start_year > year)
    ).sum()
    assert 4000 <= at_school + in_preschool <= 5000


def test_endpoints_hold_as_much_as_promised(municipality: Municipality) -> None:
    sizes = {name: len(entities) for name, entities in municipality.endpoints.items()}
    assert 12_000 <= sizes["persons"] <= 15_000
    assert 100_000 <= sizes["grades"] <= 150_000
    assert 30_000 <= sizes["attendanceEvents"] <= 60_000
    assert 200 <= sizes["absences"] <= 900
    assert 3_000 <= sizes["activities"] <= 5_000
    months = [(year, month) for year in (2024, 2025) for month in (9, 10, 11)]
    for year, month in months:
        rows = municipality.attendance.aggregated(dt.date(year, month, 1), dt.date(year, month, 28))
        assert 5_000 <= len(rows) <= 6_000


def test_about_five_hundred_staff(municipality: Municipality) -> None:
    for year in YEARS:
        assert 450 <= sum(map(len, municipality.world.staff.holders(year))) <= 550


def test_ids_are_unique_and_changed_after_created(municipality: Municipality) -> None:
    for name, entities in municipality.endpoints.items():
        assert len(set(entities.ids)) == len(entities), name
        wrong = [p for p, c in enumerate(entities.created) if c > entities.modified[p] and name != "duties"]
        assert not wrong, name
        assert all(document["id"] == identity for document, identity in zip(
            entities.documents(), entities.ids, strict=True
        )), name  # fmt: skip


def _referred(value: object, key: str) -> set[str]:
    """Every id that a document refers to under a key."""
    if isinstance(value, list):
        return set().union(*(_referred(inner, key) for inner in value)) if value else set()
    if not isinstance(value, dict):
        return set()
    inner = value.get(key)
    found = {entry["id"] for entry in (inner if isinstance(inner, list) else [inner]) if entry}
    return found.union(*(_referred(entry, key) for entry in value.values()))


@pytest.mark.parametrize(
    ("endpoint", "key", "target"),
    [
        ("organisations", "parentOrganisation", "organisations"),
        ("persons", "enroledAt", "organisations"),
        ("persons", "programme", "programmes"),
        ("placements", "child", "persons"),
        ("placements", "placedAt", "organisations"),
        ("placements", "group", "groups"),
        ("duties", "person", "persons"),
        ("groups", "organisation", "organisations"),
        ("activities", "groups", "groups"),
        ("activities", "duty", "duties"),
        ("activities", "syllabus", "syllabuses"),
        ("studyplans", "syllabus", "syllabuses"),
        ("attendances", "student", "persons"),
        ("absences", "student", "persons"),
        ("grades", "student", "persons"),
        ("grades", "registeredBy", "persons"),
        ("grades", "syllabus", "syllabuses"),
    ],
)
def test_references_lead_somewhere(
    municipality: Municipality, documents: Documents, endpoint: str, key: str, target: str
) -> None:
    found = set().union(*(_referred(document, key) for document in documents(endpoint)))
    assert found
    assert found <= set(municipality.endpoints[target].ids)


def test_members_of_groups_are_persons(municipality: Municipality) -> None:
    members = _referred(list(municipality.endpoints["groups"].documents()), "person")
    assert members <= set(municipality.endpoints["persons"].ids)


def test_identity_numbers_are_well_formed_test_numbers(municipality: Municipality) -> None:
    people = municipality.world.register
    numbers = [*people.pupil_numbers, *people.guardian_numbers, *people.staff_numbers]
    assert len(set(numbers)) == len(numbers)
    kinds = Counter("TF" if not number.isdigit() else number[8:11] for number in numbers)
    assert set(kinds) == {"TF", "238", "239"}
    for number in numbers:
        if number.isdigit():
            assert int(number[-1]) == civic_numbers.check_digit(number[2:11])
    assert sum(int(number[6:8]) > 60 for number in numbers if number.isdigit()) == 10


def test_check_digit_follows_a_published_example() -> None:
    # Skatteverket's own example of the rule: 640823-323 gives 4.
    assert civic_numbers.check_digit("640823323") == 4


def test_personal_names_stand_in_no_unit(municipality: Municipality) -> None:
    personal = {*names.GIRLS, *names.BOYS, *names.FAMILIES, *names.STREETS, names.LOCALITY}
    public = [unit.name + unit.organiser for unit in units.UNITS] + [units.MUNICIPALITY_NAME]
    assert not [(name, text) for name in personal for text in public if name.lower() in text.lower()]


def test_no_lesson_on_a_day_off() -> None:
    for year in YEARS:
        days = school_days(year)
        assert 165 <= len(days) <= 185
        assert not [day for day in days if day.weekday() >= 5 or (day.month, day.day) in {(5, 1), (6, 6)}]


def test_attendance_adds_up(municipality: Municipality) -> None:
    sums = municipality.attendance.sums(dt.date(2025, 8, 1), dt.date(2026, 6, 30))
    parts = sums.attended + sums.valid + sums.invalid + sums.other
    assert (parts == sums.reported).all()
    assert (sums.reported <= sums.offered).all()
    assert (sums.attended >= 0).all()
    halves = [(dt.date(2025, 8, 1), dt.date(2026, 1, 11)), (dt.date(2026, 1, 12), dt.date(2026, 6, 30))]
    parts_of_year = [municipality.attendance.sums(*half).offered.sum() for half in halves]
    assert sum(parts_of_year) == sums.offered.sum()


def test_every_preschool_has_children(municipality: Municipality) -> None:
    counts = np.bincount(municipality.world.pupils.preschool[municipality.world.pupils.preschool >= 0])
    assert len(counts) == len(PRESCHOOLS)
    assert counts.min() >= 40
