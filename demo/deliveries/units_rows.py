"""Deliveries about units: private units, surveys, measures."""

import datetime as dt

from demo import chance
from demo.calendar import YEARS, school_year
from demo.deliveries.counts import in_year_group, pupils_of
from demo.deliveries.table import Cell, Table, tenths
from demo.municipality import Municipality
from demo.units import MUNICIPALITY_CODE, PRIVATE, RISING_ABSENCE_UNIT, UNITS, Kind, Unit, is_open_in

FEWEST_ANSWERS = 5
_FORMS = {Kind.PRESCHOOL: "fs", Kind.UPPER: "gy"}
_SURVEYED = {Kind.F_6: (5,), Kind.F_9: (5, 8), Kind.Y7_9: (8,), Kind.UPPER: (), Kind.PRESCHOOL: ()}
_AREAS = ("trygghet", "studiero", "stimulans", "stod")


def private_units(municipality: Municipality) -> Table:
    """The units of private organisers."""
    columns = (
        "unit_code", "unit_name", "organiser_name", "organiser_number", "municipality_code", "school_forms",
        "valid_from", "valid_to",
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (
            unit.code,
            unit.name,
            unit.organiser,
            unit.organiser_number,
            MUNICIPALITY_CODE,
            _FORMS.get(unit.kind, "fklass,gr"),
            dt.date(2016, 7, 1),
            None,
        )
        for unit in PRIVATE
    ]
    return Table("private_units", columns, rows)


def _asked(municipality: Municipality, unit: Unit, year: int, year_group: int) -> int:
    """Pupils who are asked; nobody knows who goes in which year group of a private unit."""
    full = 22 * unit.classes
    return full if unit.is_private else min(full, in_year_group(municipality, unit.code, year, year_group))


def survey(municipality: Municipality) -> Table:
    """Indices per unit and question area, pupils by year group; too few answers have no index."""
    rng = chance.stream(municipality.seed, "survey")
    rows: list[tuple[Cell, ...]] = []
    for year in YEARS[:-1]:
        for unit in UNITS:
            if unit.kind not in _SURVEYED or not is_open_in(unit.code, year):
                continue
            pupils = sum(pupils_of(municipality, unit.code, year).values())
            groups: list[tuple[str, int | None, int]] = [
                ("elever", grade, _asked(municipality, unit, year, grade)) for grade in _SURVEYED[unit.kind]
            ]
            groups += [("vardnadshavare", None, pupils // 3), ("personal", None, 10 + 4 * unit.classes)]
            for respondent, grade, asked in groups:
                answers = int(asked * rng.uniform(0.1 if respondent == "personal" else 0.5, 0.95))
                for area in _AREAS:
                    value = 8.2 - 1.6 * unit.need - (0.7 if area == "studiero" else 0) + rng.normal(0, 0.3)
                    index = tenths(min(max(value, 0), 10)) if answers >= FEWEST_ANSWERS else None
                    rows.append((unit.code, school_year(year), respondent, area, grade, answers, index))
    columns = (
        "unit_code", "school_year", "respondent", "question_area", "year_group", "answers", "index_value",
    )  # fmt: skip
    return Table("survey", columns, rows)


_MEASURES = (
    ("Läslyft i alla ämnen", "merit_value_y9__level"),
    ("Två lärare i matematik", "test_passed_maths_y9__level"),
    ("Trygghetsteam", "survey_safety_y8__level"),
    ("Kollegialt lärande om studiero", "survey_study_calm_y8__level"),
)


def measures(municipality: Municipality) -> Table:
    """One or two measures per grundskola, and the one that answers the rising absence."""
    rng = chance.stream(municipality.seed, "measures")
    rows: list[tuple[Cell, ...]] = []
    for unit in UNITS:
        if unit.kind not in (Kind.F_9, Kind.Y7_9) or unit.is_private:
            continue
        for number in range(1, 2 + int(unit.need > 0.5)):
            title, indicator = _MEASURES[int(rng.integers(0, len(_MEASURES)))]
            over = number == 2
            start = dt.date(2024 if over else 2025, 8, 25)
            ends = dt.date(2025, 6, 12) if over else None
            status = "avslutad" if over else "pagar"
            decided = start - dt.timedelta(days=60)
            rows.append(
                (
                    unit.code,
                    f"{start.year}-{number:02d}",
                    title,
                    indicator,
                    decided,
                    start,
                    ends,
                    status,
                    "Rektor",
                )
            )
    rows.append(
        (RISING_ABSENCE_UNIT, "2026-09", "Närvaroteam", None, dt.date(2026, 9, 14), dt.date(2026, 10, 5),
         None, "pagar", "Rektor")
    )  # fmt: skip
    columns = (
        "unit_code", "measure_number", "title", "indicator_id", "decided_on", "starts_on", "ends_on",
        "status",         "responsible_role",
    )  # fmt: skip
    return Table("measures", columns, rows)
