"""Attendance lesson by lesson for two classes and two weeks: a sample of what ``/attendances`` can hold."""

import datetime as dt

import numpy as np

from demo import chance
from demo.attendance import LATE_MINUTES, Attendance, Day
from demo.calendar import instant
from demo.entities import Document, Entities, meta, reference
from demo.spells import class_key
from demo.units import INDEX

CLASSES = ((INDEX["99990001"], 4, 0), (INDEX["99990021"], 8, 0))
FIRST, LAST = dt.date(2026, 10, 5), dt.date(2026, 10, 16)
LESSONS = ((8, 30), (10, 0), (12, 30), (14, 0))
LESSON_MINUTES = 60


def _document(identity: str, pupil: str, event: str, ended: str, kind: int) -> Document:
    late = LATE_MINUTES if kind == Day.LATE else 0
    return {
        "id": identity,
        "meta": meta(ended),
        "calendarEvent": reference(event),
        "student": reference(pupil),
        "isReported": True,
        "attendanceMinutes": LESSON_MINUTES - late if kind in (Day.PRESENT, Day.LATE) else 0,
        "validAbsenceMinutes": LESSON_MINUTES if kind == Day.VALID else 0,
        "invalidAbsenceMinutes": LESSON_MINUTES if kind == Day.INVALID else late,
        "otherAttendanceMinutes": LESSON_MINUTES if kind == Day.OTHER else 0,
        "absenceReason": "",
        "reportedTimestamp": ended,
    }


def entities(attendance: Attendance) -> Entities:
    """Everything ``/attendances`` lists."""
    seed = attendance.seed
    spells = attendance.spells
    days, kinds = attendance.kinds(FIRST.year, FIRST.month)
    keys = class_key(spells).tolist()
    documents = []
    for unit, stage, parallel in CLASSES:
        places = np.flatnonzero(
            (spells.year == FIRST.year)
            & (spells.unit == unit)
            & (spells.stage == stage)
            & (spells.parallel == parallel)
            & (spells.start <= np.datetime64(FIRST))
            & (spells.end >= np.datetime64(LAST))
        ).tolist()
        for column, day in enumerate(days.tolist()):
            if not FIRST <= day <= LAST:
                continue
            for number, (hour, minute) in enumerate(LESSONS):
                for place in places:
                    pupil = int(spells.pupil[place])
                    event = chance.identity(seed, "calendar event", keys[place], day, number)
                    identity = chance.identity(seed, "attendance", event, pupil)
                    kind = int(kinds[pupil, column])
                    if kind == Day.LATE and number:
                        kind = int(Day.PRESENT)
                    ended = instant(day, hour + 1, minute)
                    student = attendance.people.pupil_ids[pupil]
                    documents.append(_document(identity, student, event, ended, kind))
    return Entities.of(documents)
