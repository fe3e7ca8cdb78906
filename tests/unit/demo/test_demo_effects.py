"""Everything ``docs/demo.md`` says was built in can be found in the data that leaves the demo."""

import datetime as dt
from collections import Counter, defaultdict
from itertools import pairwise

import numpy as np
import pytest

from demo import units
from demo.achievement import SCALE, Term, of_term
from demo.attendance import LONG_ABSENT, LONG_ABSENT_FROM
from demo.deliveries import money_rows, pupils_rows, results_rows, staff_rows
from demo.grades import LATE_DAY, LATE_UNIT, TRIALS
from demo.municipality import Municipality
from demo.organisations import organisation_id
from demo.persons import several_enrolments
from demo.spells import UPPER_FROM
from demo.staff import TEACHERS
from demo.units import BY_CODE, INDEX

POINTS = dict(zip("FEDCBA", (0, 10, 12.5, 15, 17.5, 20), strict=True))


def _absence(municipality: Municipality, code: str, year: int, month: int) -> float:
    sums = municipality.attendance.sums(dt.date(year, month, 1), dt.date(year, month, 28))
    here = municipality.world.spells.unit[sums.spell] == INDEX[code]
    return float((sums.valid + sums.invalid)[here].sum() / sums.reported[here].sum())


def test_one_unit_has_rising_absence(municipality: Municipality) -> None:
    quarters = [((2025, 9), (2025, 10)), ((2026, 2), (2026, 3)), ((2026, 10), (2026, 11))]
    risen = [
        np.mean([_absence(municipality, units.RISING_ABSENCE_UNIT, *month) for month in months])
        for months in quarters
    ]
    assert all(later > earlier * 1.3 for earlier, later in pairwise(risen))
    steady = _absence(municipality, "99990023", 2026, 11) / _absence(municipality, "99990023", 2025, 9)
    assert steady < 1.5


def test_one_unit_reports_little_of_its_attendance(municipality: Municipality) -> None:
    sums = municipality.attendance.sums(dt.date(2025, 9, 1), dt.date(2025, 11, 30))
    unit = municipality.world.spells.unit[sums.spell]
    for place in np.unique(unit):
        coverage = sums.reported[unit == place].sum() / sums.offered[unit == place].sum()
        assert (coverage < 0.7) == (units.UNITS[place].code == units.POOR_REPORTING_UNIT)


def test_a_few_pupils_stay_at_home(municipality: Municipality) -> None:
    sums = municipality.attendance.sums(LONG_ABSENT_FROM, dt.date(2026, 11, 19))
    stays = (sums.attended == 0) & (sums.invalid > 20 * 100)
    assert len(np.unique(municipality.world.spells.pupil[sums.spell[stays]])) == LONG_ABSENT


def test_legitimation_is_scarcer_where_the_need_is_high(municipality: Municipality) -> None:
    certified: dict[bool, list[bool]] = defaultdict(list)
    for row in staff_rows.staff(municipality).rows:
        need = BY_CODE[str(row[1])].need
        if row[3] in {staff_rows.ROLES[role] for role in TEACHERS} and (need >= 0.75 or need <= 0.3):
            certified[need >= 0.75].append(bool(row[5]))
    assert np.mean(certified[True]) < np.mean(certified[False]) - 0.25


def test_a_school_closed_and_another_code_took_over(municipality: Municipality) -> None:
    found = {
        document["organisationCode"]: document
        for document in municipality.endpoints["organisations"].documents()
    }
    assert found[units.CLOSED_UNIT]["endDate"] == "2025-06-30"
    assert found[units.SUCCESSOR_UNIT]["startDate"] == "2025-07-01"
    spells = municipality.world.spells
    old = spells.pupil[(spells.unit == INDEX[units.CLOSED_UNIT]) & (spells.year == 2024) & (spells.stage < 6)]
    new = spells.pupil[(spells.unit == INDEX[units.SUCCESSOR_UNIT]) & (spells.year == 2025)]
    assert np.isin(old, new).mean() > 0.9
    assert not ((spells.unit == INDEX[units.CLOSED_UNIT]) & (spells.year >= 2025)).any()
    posts = municipality.world.staff.posts
    people = {post.unit: set() for post in posts}
    for holding in municipality.world.staff.holdings:
        people[posts[holding.post].unit].add(holding.person)
    assert len(people[units.CLOSED_UNIT] & people[units.SUCCESSOR_UNIT]) > 8


def test_six_pupils_have_protected_identities_and_no_address(municipality: Municipality) -> None:
    protected = [
        document
        for document in municipality.endpoints["persons"].documents()
        if document["securityMarking"] != "Ingen" and document.get("enrolments")
    ]
    assert Counter(document["securityMarking"] for document in protected) == {
        "Sekretessmarkering": 4,
        "Skyddad folkbokföring": 2,
    }
    assert not [document for document in protected if "addresses" in document]


def test_newcomers_are_concentrated_and_catch_up(municipality: Municipality) -> None:
    spells, pupils = municipality.world.spells, municipality.world.pupils
    homes = [INDEX[code] for code in units.NEWCOMER_UNITS]
    now = (spells.year == 2026) & pupils.newcomer[spells.pupil] & (spells.stage < UPPER_FROM)
    assert np.isin(spells.unit[now], homes).mean() > 0.6
    points = np.array([POINTS[grade] for grade in SCALE] + [0.0])
    by_years: dict[int, list[float]] = defaultdict(list)
    for year in (2024, 2025):
        term = Term(year, 1)
        grades = of_term(municipality.seed, pupils, spells, term)
        pupil = spells.pupil[grades.spell]
        new = pupils.newcomer[pupil]
        here = (np.datetime64(term.last_day) - pupils.arrived[pupil[new]]).astype(int) // 365
        for years, value in zip(here.tolist(), points[grades.level[new]].tolist(), strict=True):
            by_years[years].append(value)
        others = points[grades.level[~new]].mean()
    assert np.mean(by_years[0]) + 2 < np.mean(by_years[1]) < np.mean(by_years[2]) - 1
    assert np.mean(by_years[0]) < others - 4


def test_grades_are_corrected_late_and_tried_again(municipality: Municipality) -> None:
    grades = list(municipality.endpoints["grades"].documents())
    corrected = [grade for grade in grades if "correctionType" in grade]
    assert {grade["correctionType"] for grade in corrected} == {"Ändring", "Rättelse"}
    assert all(grade["meta"]["modified"] > grade["meta"]["created"] for grade in corrected)
    assert 200 < len(corrected) < len(grades) / 50
    assert sum(grade["trial"] for grade in grades) == TRIALS
    late = [grade for grade in grades if grade["registeredDate"] == LATE_DAY.isoformat()]
    assert 15 <= len(late) <= 30
    assert {(grade["semester"], grade["year"], grade["finalGrade"]) for grade in late} == {("VT", 2026, True)}
    assert {grade["organisation"]["id"] for grade in late} == {organisation_id(municipality.seed, LATE_UNIT)}


def test_one_unit_has_three_principals_in_five_years(municipality: Municipality) -> None:
    staff = municipality.world.staff
    principals: dict[str, set[int]] = defaultdict(set)
    for holding in staff.holdings:
        post = staff.posts[holding.post]
        if post.role == "Rektor" and (holding.end is None or holding.end >= dt.date(2022, 7, 1)):
            principals[post.unit].add(holding.person)
    assert {code for code, found in principals.items() if len(found) >= 3} == {units.PRINCIPAL_TURNOVER_UNIT}


def test_structural_compensation_follows_the_index_but_for_one_unit(municipality: Municipality) -> None:
    for year in (2023, 2024, 2025):
        given = money_rows.structural(municipality, year)
        assert sum(given.values()) == sum(money_rows.pool(form, year) for form in money_rows.POOLS)
        paid = {
            row[0]: row[4]
            for row in money_rows.ledger(municipality).rows
            if row[1:4] == (year, "strukturersattning", "utfall")
        }
        assert {code for code in paid if paid[code] != given[code]} == {units.UNDERPAID_UNIT}
        assert 0.6 < paid[units.UNDERPAID_UNIT] / given[units.UNDERPAID_UNIT] < 0.7


def test_shares_reproduce_a_worked_example() -> None:
    units_of = {"A": (420, 620), "B": (310, 1400), "C": (185, 2050), "D": (260, 480), "E": (95, 1000),
                "F": (0, 900), "G": (30, None)}  # fmt: skip
    shared = money_rows.shares(19_000_000, units_of)
    assert shared == {
        "A": 3736847,
        "B": 6228078,
        "C": 5442393,
        "D": 1790931,
        "E": 1363289,
        "F": 0,
        "G": 438462,
    }


def test_one_school_forecasts_too_high(municipality: Municipality) -> None:
    world = municipality.world
    number = {one: place for place, one in enumerate(world.register.pupil_numbers)}
    subjects = [subject.designation for subject in results_rows.SUBJECTS]
    final = {}
    for year in (2023, 2024, 2025):
        grades = of_term(municipality.seed, world.pupils, world.spells, Term(year, 1))
        for pupil, subject, level in zip(
            world.spells.pupil[grades.spell].tolist(),
            grades.subject.tolist(),
            grades.level.tolist(),
            strict=True,
        ):
            final[f"{year}/{(year + 1) % 100}", pupil, subjects[subject]] = level
    off: dict[str, list[int]] = defaultdict(list)
    for person, unit, year_name, _, _, subject, grade in results_rows.grade_forecasts(municipality).rows:
        level = final.get((str(year_name), number[str(person)], str(subject)))
        if level is not None and level >= 0:
            off[str(unit)].append(SCALE.index(str(grade).upper()) - level)
    assert {code for code, found in off.items() if np.mean(found) > 0.4} == {units.OPTIMISTIC_FORECAST_UNIT}


def test_one_pupil_is_enrolled_twice_at_once(municipality: Municipality) -> None:
    world = municipality.world
    pupil = world.register.pupil_ids[several_enrolments(world.pupils, world.spells)]
    (document,) = [one for one in municipality.endpoints["persons"].documents() if one["id"] == pupil]
    now = [entry for entry in document["enrolments"] if entry["startDate"] == "2026-07-01"]
    assert len(now) == 3
    assert len({entry["enroledAt"]["id"] for entry in now}) == 2
    assert {entry["schoolType"] for entry in now} == {"GR", "GRS"}


def test_pupils_move_repeat_and_skip(municipality: Municipality) -> None:
    spells = municipality.world.spells
    same_year = (spells.pupil[1:] == spells.pupil[:-1]) & (spells.year[1:] == spells.year[:-1])
    assert 100 < same_year.sum() < 250
    next_year = (spells.pupil[1:] == spells.pupil[:-1]) & (spells.year[1:] == spells.year[:-1] + 1)
    step = (spells.stage[1:] - spells.stage[:-1])[next_year]
    assert 8 <= (step == 0).sum() <= 14
    assert 2 <= (step == 2).sum() <= 4


def test_some_leave_the_gymnasium_early_and_most_of_them_are_followed_up(municipality: Municipality) -> None:
    spells = municipality.world.spells
    early = spells.pupil[spells.cancelled]
    assert 60 < len(early) < 160
    assert set(np.unique(spells.stage[spells.cancelled])) <= {10, 11, 12}
    numbers = {municipality.world.register.pupil_numbers[pupil] for pupil in early.tolist()}
    followed = {row[0] for row in pupils_rows.kaa(municipality).rows}
    assert followed <= numbers
    assert 0.5 < len(followed) / len(numbers) < 0.9


@pytest.mark.parametrize("outcome", ["examen", "studiebevis", "avbrott", "pagar"])
def test_every_outcome_of_the_gymnasium_occurs(municipality: Municipality, outcome: str) -> None:
    rows = results_rows.upper_secondary_outcomes(municipality).rows
    assert sum(row[5] == outcome for row in rows) > 50


def test_some_exams_come_a_year_late(municipality: Municipality) -> None:
    late = [
        row
        for row in results_rows.upper_secondary_outcomes(municipality).rows
        if row[5] == "examen" and isinstance(row[6], dt.date) and row[6].year > int(str(row[4])) + 3
    ]
    assert late
