"""Deliveries about the staff: legitimation, experience, sick leave, and what each is qualified for."""

import datetime as dt

from demo.calendar import YEARS, school_year
from demo.deliveries.table import Cell, Table, tenths
from demo.municipality import Municipality
from demo.staff import Employee, Holding

ROLES = {
    "Rektor": "rektor",
    "Lärare": "larare",
    "Förskollärare": "forskollarare",
    "Barnskötare": "barnskotare",
    "Fritidspedagog": "fritidspersonal",
    "Speciallärare/specialpedagog": "speciallarare",
    "Studie- och yrkesvägledare": "studie_och_yrkesvagledare",
    "Kurator": "elevhalsa",
    "Skolsköterska": "elevhalsa",
    "Lärarassistent": "ovrig",
}
BLOCKS = {"NO": ("BI", "FY", "KE"), "SO": ("GE", "HI", "RE", "SH")}
UNDELIVERED_UNIT = "99990006"
"""HR forgot every other teacher of this unit in the file of the current school year."""


def _working_days(holding: Holding, year: int) -> int:
    first, last = dt.date(year, 7, 1), dt.date(year + 1, 6, 30)
    start, end = max(first, holding.start), min(last, holding.end or last)
    return (end - start).days + 1


def staff(municipality: Municipality) -> Table:
    """One row per person and unit who was there on 15 October of each school year."""
    world = municipality.world
    rows: list[tuple[Cell, ...]] = []
    for year in YEARS:
        is_over = year < YEARS[-1]
        for place, holders in enumerate(world.staff.holders(year)):
            post = world.staff.posts[place]
            if not is_over and post.unit == UNDELIVERED_UNIT and post.role == "Lärare" and place % 2:
                continue
            for holding in holders:
                rows.append(_row(municipality, holding, year, is_over=is_over))
    columns = (
        "person_key", "unit_code", "school_year", "role", "fte_percent", "is_certified", "certified_from",
        "experience_years", "is_first_teacher", "sick_leave_days", "working_days", "employed_from",
        "employed_to",
    )  # fmt: skip
    return Table("staff", columns, rows)


def _row(municipality: Municipality, holding: Holding, year: int, *, is_over: bool) -> tuple[Cell, ...]:
    world = municipality.world
    employee: Employee = world.staff.employees[holding.person]
    post = world.staff.posts[holding.post]
    days = _working_days(holding, year)
    certified = employee.certified_from is not None
    return (
        world.register.staff_numbers[holding.person],
        post.unit,
        school_year(year),
        ROLES[post.role],
        holding.percent,
        certified,
        employee.certified_from,
        tenths(employee.experience + year - YEARS[0]),
        employee.is_first_teacher,
        tenths(min(employee.sick_share * days, days)) if is_over else None,
        tenths(days) if is_over else None,
        holding.start,
        holding.end,
    )


def qualifications(municipality: Municipality) -> Table:
    """One row per person, subject and stage; a block of subjects becomes its subjects."""
    world = municipality.world
    rows: list[tuple[Cell, ...]] = []
    for number, employee in enumerate(world.staff.employees):
        for subject, stage in employee.qualified:
            for one in BLOCKS.get(subject, (subject,)):
                rows.append((world.register.staff_numbers[number], one, stage, employee.certified_from))
    return Table("staff_qualifications", ("person_key", "subject_code", "stage", "valid_from"), rows)
