"""Deliveries about results: national tests, early assessments, forecasts, outcomes of the gymnasium."""

import datetime as dt
from collections.abc import Iterator

import numpy as np

from demo import chance
from demo.achievement import CUTS, SCALE, Term, scores, subjects_read
from demo.calendar import YEARS, school_year
from demo.deliveries.table import Cell, Table
from demo.municipality import Municipality
from demo.pupils import PROGRAMMES
from demo.spells import UPPER_FROM, Spells
from demo.subjects import SUBJECTS
from demo.units import INDEX, OPTIMISTIC_FORECAST_UNIT, UNITS, Kind

TESTED = ("SV", "SVA", "EN", "MA")
FORECAST = ("SV", "SVA", "EN", "MA", "BI", "HI")
ABSENT_SHARE = 0.04
_NAMES = [subject.designation for subject in SUBJECTS]
_GRUNDSKOLA = np.array([unit.kind in (Kind.F_6, Kind.F_9, Kind.Y7_9) for unit in UNITS])


def _there(spells: Spells, day: dt.date, stage: int) -> list[int]:
    """Spells in a year group of grundskola on a day."""
    moment = np.datetime64(day)
    here = (
        (spells.start <= moment) & (spells.end >= moment) & (spells.stage == stage) & _GRUNDSKOLA[spells.unit]
    )
    return np.flatnonzero(here).tolist()


def national_tests(municipality: Municipality) -> Table:
    """Tests of years 3, 6 and 9 each spring: a grade in 6 and 9, points in all; the absent have neither."""
    world = municipality.world
    reads = subjects_read(municipality.seed, world.pupils)
    rows: list[tuple[Cell, ...]] = []
    for year in YEARS[:-1]:
        rng = chance.stream(municipality.seed, "tests", year)
        score = scores(municipality.seed, world.pupils, Term(year, 1))
        for stage in (3, 6, 9):
            for spell in _there(world.spells, dt.date(year + 1, 4, 1), stage):
                pupil = int(world.spells.pupil[spell])
                for subject in TESTED:
                    place = _NAMES.index(subject)
                    if not reads[pupil, place] or (stage == 3 and subject == "EN"):
                        continue
                    value = score[pupil, place] - 0.15 + rng.normal(0, 0.35)
                    absent = rng.random() < ABSENT_SHARE
                    level = int(np.searchsorted(CUTS, value, side="right"))
                    grade = None if absent or stage == 3 else SCALE[level].lower()
                    points = None if absent else int(np.clip(round(50 + 18 * value), 0, 100))
                    rows.append(
                        (world.register.pupil_numbers[pupil], UNITS[int(world.spells.unit[spell])].code,
                         school_year(year), stage, subject, grade, points)
                    )  # fmt: skip
    columns = (
        "person_key", "unit_code", "school_year", "year_group", "subject_code", "test_grade", "points",
    )  # fmt: skip
    return Table("national_tests", columns, rows)


def early_assessments(municipality: Municipality) -> Table:
    """The mapping in förskoleklass each autumn and the assessment in year 1 each spring."""
    world = municipality.world
    rows: list[tuple[Cell, ...]] = []
    for year in YEARS:
        for stage, assessment, day in (
            (0, "kartlaggning_forskoleklass", dt.date(year, 10, 20)),
            (1, "bedomningsstod_ak1", dt.date(year + 1, 5, 20)),
        ):
            if day >= municipality.as_of:
                continue
            rng = chance.stream(municipality.seed, "early", year, stage)
            for spell in _there(world.spells, day, stage):
                pupil = int(world.spells.pupil[spell])
                for area in ("sprak", "matematik"):
                    value = world.pupils.ability[pupil] + rng.normal(0, 0.5)
                    outcome = "stodinsats" if value < -1.6 else "risk" if value < -0.9 else "nar_malen"
                    rows.append(
                        (world.register.pupil_numbers[pupil], UNITS[int(world.spells.unit[spell])].code,
                         school_year(year), assessment, area, outcome, day)
                    )  # fmt: skip
    columns = ("person_key", "unit_code", "school_year", "assessment", "area", "outcome", "assessed_on")
    return Table("early_assessments", columns, rows)


def _forecast_days(as_of: dt.date) -> Iterator[tuple[int, dt.date, float]]:
    """School year, day and how unsure a forecast is then."""
    for year in YEARS:
        for day, unsure in ((dt.date(year, 10, 31), 0.5), (dt.date(year + 1, 3, 31), 0.25)):
            if day < as_of:
                yield year, day, unsure


def grade_forecasts(municipality: Municipality) -> Table:
    """Forecasts of the final grades of year 9; one school expects about a grade too much."""
    world = municipality.world
    reads = subjects_read(municipality.seed, world.pupils)
    optimist = INDEX[OPTIMISTIC_FORECAST_UNIT]
    rows: list[tuple[Cell, ...]] = []
    for year, day, unsure in _forecast_days(municipality.as_of):
        rng = chance.stream(municipality.seed, "forecast", day)
        score = scores(municipality.seed, world.pupils, Term(year, 1))
        for spell in _there(world.spells, day, 9):
            pupil, unit = int(world.spells.pupil[spell]), int(world.spells.unit[spell])
            for subject in FORECAST:
                place = _NAMES.index(subject)
                if not reads[pupil, place]:
                    continue
                value = score[pupil, place] + rng.normal(0, unsure) + (0.75 if unit == optimist else 0.0)
                level = int(np.searchsorted(CUTS, value, side="right"))
                rows.append(
                    (world.register.pupil_numbers[pupil], UNITS[unit].code, school_year(year), 9, day,
                     subject, SCALE[level].lower())
                )  # fmt: skip
    columns = (
        "person_key", "unit_code", "school_year", "year_group", "forecast_on", "subject_code",
        "forecast_grade",
    )  # fmt: skip
    return Table("grade_forecasts", columns, rows)


_KINDS = {
    "Yrkesprogram": "yrkes",
    "Högskoleförberedande program": "hogskoleforberedande",
    "Intruduktionsprogram": "introduktion",
}
_UPPER = np.array([unit.kind is Kind.UPPER for unit in UNITS])
_PASSES_FROM = -0.95


def upper_secondary_outcomes(municipality: Municipality) -> Table:
    """How each pupil's time in the gymnasium ended; a few get their exam a year late."""
    world = municipality.world
    spells = world.spells
    rng = chance.stream(municipality.seed, "outcomes")
    luck = rng.normal(0, 0.35, len(world.pupils))
    rows: list[tuple[Cell, ...]] = []
    upper = np.flatnonzero(_UPPER[spells.unit])
    last = {int(spells.pupil[place]): place for place in upper.tolist()}
    for pupil, place in last.items():
        programme = PROGRAMMES[int(spells.parallel[place])]
        stage, year = int(spells.stage[place]), int(spells.year[place])
        began = year - (stage - UPPER_FROM)
        outcome, day = _outcome(municipality, place, float(world.pupils.ability[pupil] + luck[pupil]))
        if programme.code == "IM" and outcome == "examen":
            outcome = "studiebevis"
        code = UNITS[int(spells.unit[place])].code
        number = world.register.pupil_numbers[pupil]
        rows.append((number, code, programme.code, _KINDS[programme.kind], began, outcome, day))
    columns = (
        "person_key", "unit_code", "programme_code", "programme_kind", "start_year", "outcome", "outcome_on",
    )  # fmt: skip
    return Table("upper_secondary_outcomes", columns, rows)


def _outcome(municipality: Municipality, place: int, value: float) -> tuple[str, dt.date | None]:
    spells = municipality.world.spells
    end: dt.date = spells.end[place].item()
    if spells.cancelled[place]:
        return "avbrott", end
    if end >= municipality.as_of:
        return "pagar", None
    if int(spells.stage[place]) < UPPER_FROM + 2:
        # Left the municipality, and the education here with it.
        return "avbrott", end
    late = dt.date(end.year + 1, 6, 10)
    if value < _PASSES_FROM and value > _PASSES_FROM - 0.25 and late < municipality.as_of:
        return "examen", late
    return ("examen" if value >= _PASSES_FROM else "studiebevis"), dt.date(end.year, 6, 11)
