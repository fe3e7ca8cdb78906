"""What every class is taught, in which activities and by whom."""

from dataclasses import dataclass

import numpy as np

from demo import chance
from demo.pupils import PROGRAMMES, Pupils
from demo.spells import UPPER_FROM, Spells, class_key, class_of
from demo.staff import Holding, Staff
from demo.subjects import BY_DESIGNATION, courses_of
from demo.units import UNITS, Kind

_LOWER = ("SV", "MA")
_MIDDLE = ("SV", "MA", "EN", "BI", "HI", "IDH")
_UPPER = ("SV", "MA", "EN", "M2", "BI", "KE", "HI", "SH", "IDH", "BL")
_BLOCKS = {"BI": "NO", "FY": "NO", "KE": "NO", "GE": "SO", "HI": "SO", "RE": "SO", "SH": "SO"}
"""Subjects that one teacher has together, as the posts state them."""
PART_OF_CLASS = "SVA"


@dataclass(frozen=True)
class Taught:
    """One activity.

    Attributes:
        key: class key, see ``spells.class_key``.
        subject: designation of the subject, or of the course's subject; empty in förskoleklass.
        code: subject or course code of the syllabus; empty in förskoleklass.
        name: what the school calls it.
        minutes: planned for the school year.
        holding: the teacher's duty, None when vacant.
        is_attended: attendance is taken in this activity.
    """

    key: int
    subject: str
    code: str
    name: str
    minutes: int
    holding: Holding | None
    is_attended: bool


@dataclass(frozen=True)
class Teaching:
    """Class keys in order, the activities of each class, and the classes with pupils who read SVA."""

    keys: list[int]
    taught: dict[int, list[Taught]]
    second_language: dict[int, list[int]]


def group_id(seed: int, key: int) -> str:
    """Id of a class."""
    return chance.identity(seed, "group", key)


def second_language_group_id(seed: int, key: int) -> str:
    """Id of the group of a class's pupils who read Swedish as a second language."""
    return chance.identity(seed, "group", key, PART_OF_CLASS)


def activity_id(seed: int, key: int, subject: str) -> str:
    """Id of an activity."""
    return chance.identity(seed, "activity", key, subject)


def stage_code(kind: Kind, stage: int) -> str:
    """The stage of a class as the posts and the deliveries name it."""
    if kind is Kind.UPPER:
        return "gy"
    if kind is Kind.ADAPTED:
        return "anpassad_gr"
    if kind is Kind.ADAPTED_UPPER:
        return "anpassad_gy"
    if stage == 0:
        return "lag"
    return "lag" if stage <= 3 else "mellan" if stage <= 6 else "hog"


def _subjects(key: int) -> list[tuple[str, str, str, int]]:
    """Designation, syllabus code, name and yearly minutes of what a class reads."""
    year, unit, stage, parallel = class_of(key)
    kind = UNITS[unit].kind
    if kind is Kind.UPPER:
        programme = PROGRAMMES[parallel]
        year_of_study = stage - UPPER_FROM + 1
        courses = courses_of(programme.code, year - year_of_study + 1, year_of_study)
        return [(course.designation, course.code, course.name, course.points * 55) for course in courses]
    if kind is Kind.ADAPTED_UPPER:
        return [("", "", "Ämnesområden", 35_000)]
    if stage == 0:
        return [("", "", "Förskoleklass", 32_000)]
    chosen = _LOWER if stage <= 3 else _MIDDLE if stage <= 6 else _UPPER
    if kind is Kind.ADAPTED:
        chosen = _LOWER
    return [
        (name, BY_DESIGNATION[name].code, BY_DESIGNATION[name].name, 40_000 // len(chosen)) for name in chosen
    ]


class _Assigner:
    """Finds the teacher of a class and subject."""

    def __init__(self, staff: Staff) -> None:
        self.staff = staff
        self.posts: dict[tuple[str, str], list[int]] = {}
        for place, post in enumerate(staff.posts):
            self.posts.setdefault((post.unit, post.stage), []).append(place)
        self.holders: dict[int, list[list[Holding]]] = {}

    def find(self, key: int, subject: str) -> Holding | None:
        """The holder of a fitting post on 15 October; classes share the posts between them in turn."""
        year, unit, stage, parallel = class_of(key)
        kind = UNITS[unit].kind
        places = self.posts.get((UNITS[unit].code, stage_code(kind, stage)), [])
        wanted = _BLOCKS.get(subject, subject)
        fitting = [place for place in places if wanted in self.staff.posts[place].subjects] or places
        if not fitting:
            return None
        if year not in self.holders:
            self.holders[year] = self.staff.holders(year)
        holders = self.holders[year][fitting[(stage + 3 * parallel) % len(fitting)]]
        return holders[0] if holders else None


def make(pupils: Pupils, spells: Spells, staff: Staff) -> Teaching:
    """All classes of all years and what they are taught."""
    keys = class_key(spells)
    assign = _Assigner(staff)
    taught: dict[int, list[Taught]] = {}
    for key in np.unique(keys).tolist():
        _, _, stage, _ = class_of(key)
        attended = 2 if stage >= 7 else 1
        taught[key] = [
            Taught(key, subject, code, name, minutes, assign.find(key, subject), place < attended)
            for place, (subject, code, name, minutes) in enumerate(_subjects(key))
        ]
    reads = pupils.newcomer[spells.pupil] & (spells.stage >= 4) & (spells.stage <= 9)
    second: dict[int, list[int]] = {}
    for key, place in zip(keys[reads].tolist(), np.flatnonzero(reads).tolist(), strict=True):
        second.setdefault(key, []).append(place)
    return Teaching(list(taught), taught, second)
