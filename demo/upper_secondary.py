"""Gymnasieskolan: course grades, gymnasiearbete and study plans."""

import datetime as dt

import numpy as np

from demo import chance
from demo.achievement import SCALE
from demo.calendar import TERMS, YEARS
from demo.entities import Document, Entities, meta, reference
from demo.organisations import organisation_id
from demo.pupils import PROGRAMMES, Pupils
from demo.spells import UPPER_FROM, Spells, class_key
from demo.subjects import COURSES, LEVELS, SUBJECT_GRADES_FROM, Course, courses_of, syllabus_id
from demo.units import UNITS, Kind
from demo.world import World

CUTS = np.array([-1.5, -0.75, -0.05, 0.6, 1.2])
_IS_UPPER = np.array([unit.kind is Kind.UPPER for unit in UNITS])


def _read_in(spells: Spells, place: int) -> tuple[Course, ...]:
    """The courses of one spell."""
    stage, year = int(spells.stage[place]), int(spells.year[place])
    study_year = stage - UPPER_FROM + 1
    return courses_of(PROGRAMMES[int(spells.parallel[place])].code, year - study_year + 1, study_year)


def levels(seed: int, pupils: Pupils) -> dict[str, np.ndarray]:
    """Place in the grade scale of every pupil, by course code, should they read the course."""
    profile = chance.stream(seed, "upper profile").normal(0.25, 0.35, len(pupils))
    found = {}
    for course in (*COURSES, *LEVELS):
        wobble = chance.stream(seed, "course", course.code).normal(0, 0.4, len(pupils))
        value = np.searchsorted(CUTS, pupils.ability + profile + wobble, side="right")
        found[course.code] = np.minimum(value, 1) if course.code == "GYAR" else value
    return found


def add_grades(world: World, as_of: dt.date, into: Entities) -> None:
    """Append the grades of the courses that ended before ``as_of``: in June, for who was still there."""
    seed, pupils, spells = world.seed, world.pupils, world.spells
    teaching, people = world.teaching, world.register
    value = levels(seed, pupils)
    keys = class_key(spells).tolist()
    for year in YEARS:
        last = TERMS[year][1][1]
        if last >= as_of:
            continue
        day = np.datetime64(last)
        there = np.flatnonzero(
            (spells.year == year) & _IS_UPPER[spells.unit] & (spells.start <= day) & (spells.end >= day)
        )
        for place in there.tolist():
            pupil, unit = int(spells.pupil[place]), int(spells.unit[place])
            teachers = {
                one.code: one.holding.person
                for one in teaching.taught[keys[place]]
                if one.holding is not None
            }
            organisation = organisation_id(seed, UNITS[unit].code)
            for course in _read_in(spells, place):
                set_on = last - dt.timedelta(days=2 + (pupil + len(course.code)) % 9)
                created = f"{set_on}T08:{pupil % 60:02d}:11Z"
                identity = chance.identity(seed, "course grade", pupil, course.code, year)
                grade = SCALE[int(value[course.code][pupil])]
                teacher = people.staff_ids[teachers.get(course.code, 0)]
                into.add(
                    identity,
                    created,
                    created,
                    (
                        f'{{"id":"{identity}","meta":{{"created":"{created}","modified":"{created}"}}'
                        f',"student":{{"id":"{people.pupil_ids[pupil]}"}},"organisation":{{"id":"{organisation}"}}'
                        f',"registeredBy":{{"id":"{teacher}"}},"registeredDate":"{set_on}","gradeValue":"{grade}"'
                        f',"finalGrade":true,"trial":false,"adaptedStudyPlan":"","converted":false'
                        f',"semester":"VT","year":{year + 1}'
                        f',"syllabus":{{"id":"{syllabus_id(seed, course.code)}"}}}}'
                    ).encode(),
                )


def study_plans(world: World, as_of: dt.date) -> Entities:
    """Everything ``/studyplans`` lists: one plan per pupil of the gymnasium, with all its courses."""
    seed, spells, people = world.seed, world.spells, world.register
    upper = spells.where(_IS_UPPER[spells.unit] & (spells.start <= np.datetime64(as_of)))
    documents: list[Document] = []
    _, first = np.unique(upper.pupil, return_index=True)
    contents: dict[tuple[str, bool], list[Document]] = {}
    for place in first.tolist():
        pupil, year = int(upper.pupil[place]), int(upper.year[place])
        began = year - (int(upper.stage[place]) - UPPER_FROM)
        code = PROGRAMMES[int(upper.parallel[place])].code
        key = (code, began >= SUBJECT_GRADES_FROM)
        if key not in contents:
            courses = [course for study_year in (1, 2, 3) for course in courses_of(code, began, study_year)]
            contents[key] = [
                {
                    "title": "Kurser",
                    "type": "Gymnasiegemensamma",
                    "points": sum(course.points for course in courses),
                    "syllabuses": [{"syllabus": reference(syllabus_id(seed, c.code))} for c in courses],
                }
            ]
        documents.append(
            {
                "id": chance.identity(seed, "study plan", pupil),
                "student": reference(people.pupil_ids[pupil]),
                "meta": meta(f"{began}-08-15T08:00:00Z"),
                "content": contents[key],
                "startDate": f"{began}-07-01",
            }
        )
    return Entities.of(documents)
