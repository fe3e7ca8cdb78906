"""Grades of years 6-9, every term, with corrections, late registrations and prövningar."""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from demo import chance
from demo.achievement import LAST_STAGE, SCALE, Term, TermGrades, graded_terms, of_term
from demo.calendar import EARLIEST, LATEST
from demo.entities import Entities
from demo.organisations import organisation_id
from demo.spells import class_key
from demo.subjects import SUBJECTS, syllabus_id
from demo.teaching import Teaching
from demo.units import INDEX, UNITS
from demo.world import World

NO_BASIS = "-"
CORRECTED_SHARE = 0.004
CORRECTIONS_PER_DAY = 4
TRIALS = 15
LATE_UNIT = "99990014"
LATE_SUBJECT = "TK"
LATE_YEAR = 2025
LATE_DAY = dt.date(2026, 9, 22)
"""A class of year 9 of one unit got its grade in one subject only in September after the spring term."""


@dataclass
class Correction:
    """A grade that was changed after it was registered."""

    level: int
    kind: str
    modified: str


class _Writer:
    """Writes grades as JSON."""

    def __init__(self, world: World, as_of: dt.date) -> None:
        seed = world.seed
        self.seed, self.spells, self.people, self.as_of = seed, world.spells, world.register, as_of
        self.syllabuses = [syllabus_id(seed, subject.code) for subject in SUBJECTS]
        self.organisations = [organisation_id(seed, unit.code) for unit in UNITS]
        self.teachers = self._teachers(world.teaching)
        self.keys = class_key(world.spells).tolist()

    def _teachers(self, teaching: Teaching) -> dict[int, str]:
        """Per class the reference to whoever registers its grades, as JSON; the name comes along."""
        found = {}
        for key in teaching.keys:
            number = next((one.holding.person for one in teaching.taught[key] if one.holding is not None), 0)
            name = self.people.staff_contacts[number].name
            found[key] = f'{{"id":"{self.people.staff_ids[number]}","displayName":"{name}"}}'
        return found

    def write(self, grades: TermGrades, corrections: dict[int, Correction], into: Entities) -> None:
        """Append the grades of one term."""
        term, spells = grades.term, self.spells
        head = chance.identity(self.seed, "grades", term.year, term.name)[:8]
        spring = "true" if term.part else "false"
        late = INDEX[LATE_UNIT]
        late_subject = [subject.designation for subject in SUBJECTS].index(LATE_SUBJECT)
        columns = (grades.spell, grades.subject, grades.level, spells.pupil[grades.spell],
                   spells.unit[grades.spell], spells.stage[grades.spell])  # fmt: skip
        lists = (column.tolist() for column in columns)
        for place, (spell, subject, level, pupil, unit, stage) in enumerate(zip(*lists, strict=True)):
            set_on = term.last_day - dt.timedelta(days=3 + (pupil + subject) % 8)
            if unit == late and stage == LAST_STAGE and subject == late_subject and self._is_late(term):
                if self.as_of < LATE_DAY:
                    continue
                set_on = LATE_DAY
            number = pupil * 100 + subject
            identity = f"{head}-{subject:04x}-4{term.part:03x}-a000-{number:012x}"
            created = f"{set_on}T{9 + pupil % 6:02d}:{(pupil + subject) % 60:02d}:07Z"
            correction = corrections.get(place)
            if correction is not None and correction.modified < created:
                correction = None
            modified = created if correction is None else correction.modified
            shown = level if correction is None else correction.level
            kind = "" if correction is None else f',"correctionType":"{correction.kind}"'
            value = NO_BASIS if shown < 0 else SCALE[shown]
            final = spring if stage == LAST_STAGE else "false"
            into.add(
                identity,
                created,
                modified,
                (
                    f'{{"id":"{identity}","meta":{{"created":"{created}","modified":"{modified}"}}'
                    f',"student":{{"id":"{self.people.pupil_ids[pupil]}"}}'
                    f',"organisation":{{"id":"{self.organisations[unit]}"}}'
                    f',"registeredBy":{self.teachers[self.keys[spell]]},"registeredDate":"{set_on}"'
                    f',"gradeValue":"{value}","finalGrade":{final},"trial":false,"adaptedStudyPlan":""'
                    f',"converted":false{kind},"semester":"{term.name}","year":{term.calendar_year}'
                    f',"syllabus":{{"id":"{self.syllabuses[subject]}"}}}}'
                ).encode(),
            )

    @staticmethod
    def _is_late(term: Term) -> bool:
        return term == Term(LATE_YEAR, 1)


def _early_corrections(seed: int, grades: TermGrades) -> dict[int, Correction]:
    """The few grades of a term that were put right within weeks."""
    term = grades.term
    rng = chance.stream(seed, "corrections", term.year, term.part)
    places = np.flatnonzero(rng.random(len(grades.level)) < CORRECTED_SHARE)
    found = {}
    for place in places.tolist():
        day = term.last_day + dt.timedelta(days=int(rng.integers(2, 40)))
        kind = "Rättelse" if rng.random() < 0.6 else "Ändring"
        level = min(int(grades.level[place]) + 1, len(SCALE) - 1)
        found[place] = Correction(level, kind, f"{day}T11:20:{place % 60:02d}Z")
    return found


def _daily_corrections(
    seed: int, terms: dict[Term, TermGrades], as_of: dt.date
) -> dict[Term, dict[int, Correction]]:
    """Some grades of the two last terms are put right every day from ``EARLIEST``."""
    found: dict[Term, dict[int, Correction]] = {term: {} for term in terms}
    recent = [Term(2025, 0), Term(2025, 1)]
    for past in range((min(as_of, LATEST) - EARLIEST).days + 1):
        day = EARLIEST + dt.timedelta(days=past)
        rng = chance.stream(seed, "late grades", day)
        for _ in range(CORRECTIONS_PER_DAY):
            term = recent[int(rng.random() < 0.7)]
            place = int(rng.integers(0, len(terms[term].level)))
            level = min(int(terms[term].level[place]) + 1, len(SCALE) - 1)
            found[term][place] = Correction(level, "Rättelse", f"{day}T04:05:{place % 60:02d}Z")
    return found


def _trials(seed: int, writer: _Writer, grades: TermGrades, into: Entities) -> None:
    """Prövningar after year 9: a grade of its own beside the F it is meant to replace."""
    spells = writer.spells
    failed = np.flatnonzero((grades.level == 0) & (spells.stage[grades.spell] == LAST_STAGE))
    for place in failed[:: max(1, len(failed) // TRIALS)][:TRIALS].tolist():
        spell, subject = int(grades.spell[place]), int(grades.subject[place])
        pupil, unit = int(spells.pupil[spell]), int(spells.unit[spell])
        identity = chance.identity(seed, "trial", pupil, subject)
        created = "2026-06-24T10:00:00Z"
        into.add(
            identity,
            created,
            created,
            (
                f'{{"id":"{identity}","meta":{{"created":"{created}","modified":"{created}"}}'
                f',"student":{{"id":"{writer.people.pupil_ids[pupil]}"}}'
                f',"organisation":{{"id":"{writer.organisations[unit]}"}}'
                f',"registeredBy":{writer.teachers[writer.keys[spell]]},"registeredDate":"2026-06-24"'
                f',"gradeValue":"E","finalGrade":true,"trial":true,"adaptedStudyPlan":"","converted":false'
                f',"semester":"VT","year":2026,"syllabus":{{"id":"{writer.syllabuses[subject]}"}}}}'
            ).encode(),
        )


def entities(world: World, as_of: dt.date) -> Entities:
    """Every grade of grundskolan as ``/grades`` lists it on the morning of ``as_of``."""
    seed = world.seed
    found = Entities()
    writer = _Writer(world, as_of)
    terms = {term: of_term(seed, world.pupils, world.spells, term) for term in graded_terms(as_of)}
    daily = _daily_corrections(seed, terms, as_of)
    for term, grades in terms.items():
        writer.write(grades, _early_corrections(seed, grades) | daily[term], found)
    _trials(seed, writer, terms[Term(2025, 1)], found)
    return found
