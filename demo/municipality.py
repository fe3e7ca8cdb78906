"""The made-up municipality as its systems know it on one morning."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from demo import (
    absences,
    activities,
    check_ins,
    duties,
    grades,
    groups,
    lessons,
    organisations,
    persons,
    preschool,
    programmes,
    subjects,
    upper_secondary,
)
from demo.attendance import Attendance
from demo.calendar import EARLIEST, LATEST, TODAY
from demo.entities import Deletion, Entities
from demo.world import World, world

SEED = 9999


@dataclass(frozen=True)
class Municipality:
    """The municipality on the morning of one day.

    Attributes:
        world: what does not depend on the day.
        as_of: the morning.
        endpoints: what each SS 12000 list endpoint holds, by its name in the address.
        attendance: for ``/aggregatedAttendance``, which is computed for the period asked for.
        deletions: what has been deleted, oldest first.
    """

    world: World
    as_of: dt.date
    endpoints: Mapping[str, Entities]
    attendance: Attendance
    deletions: tuple[Deletion, ...]

    @property
    def seed(self) -> int:
        return self.world.seed


def generate(seed: int = SEED, as_of: dt.date = TODAY) -> Municipality:
    """The municipality on the morning of ``as_of``.

    The same seed and day give the same bytes. A later day gives the same municipality after the changes of
    the days between: attendance reported, grades put right, a pupil who moved, a placement that ended.

    Raises:
        ValueError: ``as_of`` is outside the weeks the demo knows (``calendar.EARLIEST`` to ``LATEST``).
    """
    if not EARLIEST <= as_of <= LATEST:
        raise ValueError(f"The demo municipality is known from {EARLIEST} to {LATEST}, not on {as_of}.")
    base = world(seed)
    attendance = Attendance(base, as_of)
    placements, deletions = preschool.placements(base, as_of)
    set_grades = grades.entities(base, as_of)
    upper_secondary.add_grades(base, as_of, set_grades)
    endpoints = {
        "organisations": organisations.entities(seed),
        "persons": persons.entities(base, as_of),
        "placements": placements,
        "duties": duties.entities(base),
        "groups": Entities.of(groups.documents(base, as_of) + preschool.departments(base, as_of)),
        "programmes": programmes.entities(seed),
        "studyplans": upper_secondary.study_plans(base, as_of),
        "syllabuses": subjects.entities(seed),
        "activities": activities.entities(base),
        "attendances": lessons.entities(attendance),
        "attendanceEvents": check_ins.entities(base, as_of),
        "grades": set_grades,
        "absences": absences.entities(base, as_of),
    }
    return Municipality(base, as_of, endpoints, attendance, deletions)
