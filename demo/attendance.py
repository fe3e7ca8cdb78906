"""Attendance day by day, and the sums over a period that ``/aggregatedAttendance`` answers with.

What is drawn for a day depends on the seed, the month and the pupil alone. Lessons are reported the morning
after: on the morning of ``as_of`` everything up to the day before is known.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from demo import chance
from demo.calendar import EARLIEST, LATEST, school_days, school_year_of
from demo.spells import UPPER_FROM, class_key, class_of
from demo.teaching import activity_id
from demo.units import INDEX, POOR_REPORTING_UNIT, RISING_ABSENCE_UNIT
from demo.world import World

Days = npt.NDArray[np.datetime64]
Matrix = npt.NDArray[np.int8]

MINUTES = ((0, 200), (1, 260), (4, 290), (7, 150), (UPPER_FROM, 120))
"""Minutes a day in each attended activity, from a year group on."""
LATE_MINUTES = 20
REPORTED = 0.985
POORLY_REPORTED = 0.55
RISE_FROM = (2025, 8)
RISE_PER_MONTH = 0.11
CORRECTED_PER_DAY = 3
LONG_ABSENT = 8
LONG_ABSENT_FROM = dt.date(2026, 10, 5)


class Day(IntEnum):
    """How a pupil's school day went."""

    PRESENT = 0
    VALID = 1
    INVALID = 2
    LATE = 3
    OTHER = 4


@dataclass(frozen=True)
class Sums:
    """Minutes per spell and attended activity over a period; one element per row.

    Attributes:
        spell: place of the spell.
        activity: which of the class's attended activities.
        offered, reported, attended, valid, invalid, other: minutes.
    """

    spell: npt.NDArray[np.int64]
    activity: npt.NDArray[np.int64]
    offered: npt.NDArray[np.int64]
    reported: npt.NDArray[np.int64]
    attended: npt.NDArray[np.int64]
    valid: npt.NDArray[np.int64]
    invalid: npt.NDArray[np.int64]
    other: npt.NDArray[np.int64]


def minutes_of(stage: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Minutes a day in one attended activity, by year group."""
    bounds = np.array([first for first, _ in MINUTES])
    return np.array([minutes for _, minutes in MINUTES])[np.searchsorted(bounds, stage, side="right") - 1]


def _months(first: dt.date, last: dt.date) -> Iterator[tuple[int, int]]:
    year, month = first.year, first.month
    while (year, month) <= (last.year, last.month):
        yield year, month
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


class Attendance:
    """Everybody's attendance as it is known on the morning of ``as_of``."""

    def __init__(self, world: World, as_of: dt.date) -> None:
        self.seed, self.pupils, self.spells = world.seed, world.pupils, world.spells
        self.people, self.teaching = world.register, world.teaching
        self.as_of = as_of
        self.last_day = as_of - dt.timedelta(days=1)
        self._kinds: dict[tuple[int, int], tuple[Days, Matrix]] = {}
        self._keys = class_key(self.spells)
        self._class_places = np.searchsorted(np.array(self.teaching.keys), self._keys)
        self._activities = self._activity_ids()
        self._corrections = self._late_corrections()
        self._long_absent = self._never_there()

    def _activity_ids(self) -> list[list[str]]:
        """Ids of the attended activities of each class."""
        return [
            [activity_id(self.seed, key, one.subject) for one in self.teaching.taught[key] if one.is_attended]
            for key in self.teaching.keys
        ]

    def _late_corrections(self) -> dict[tuple[int, int], list[float]]:
        """By past month, whose unexcused absence was excused since: a number from 0 to 1 for each pupil.

        Every day from ``EARLIEST`` brings some, of months up to a year back.
        """
        found: dict[tuple[int, int], list[float]] = {}
        for past in range((min(self.as_of, LATEST) - EARLIEST).days + 1):
            day = EARLIEST + dt.timedelta(days=past)
            rng = chance.stream(self.seed, "late attendance", day)
            for which in rng.random(CORRECTED_PER_DAY).tolist():
                back = day.replace(day=1) - dt.timedelta(days=int(rng.integers(1, 330)))
                found.setdefault((back.year, back.month), []).append(which)
        return found

    def _never_there(self) -> npt.NDArray[np.int64]:
        """Pupils of years 7-9 who have stayed at home since ``LONG_ABSENT_FROM``."""
        day = np.datetime64(LONG_ABSENT_FROM)
        spells = self.spells
        there = (spells.start <= day) & (spells.end > np.datetime64(LATEST))
        there &= (
            (spells.stage >= 7) & (spells.stage < UPPER_FROM) & (self.pupils.protection[spells.pupil] == 0)
        )
        rng = chance.stream(self.seed, "long absent")
        return rng.choice(spells.pupil[there], LONG_ABSENT, replace=False)

    def kinds(self, year: int, month: int) -> tuple[Days, Matrix]:
        """School days of a calendar month, and how each pupil's day went (``Day``), pupils by days."""
        if (year, month) not in self._kinds:
            self._kinds[year, month] = self._draw(year, month)
        return self._kinds[year, month]

    def _risks(self, year: int, month: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Each pupil's daily risk of an absence that begins, excused and not."""
        pupils = self.pupils
        school_year = year if month >= 7 else year - 1
        stage = school_year - pupils.start_year
        winter = 1.35 if month in (11, 12, 1, 2) else 1.0
        valid = 0.016 * pupils.proneness * winter
        invalid = np.where(stage >= UPPER_FROM, 0.010, np.where(stage >= 7, 0.007, 0.0008))
        invalid = invalid * pupils.proneness**1.6
        here = self.spells.year == school_year
        rising = self.spells.pupil[here & (self.spells.unit == INDEX[RISING_ABSENCE_UNIT])]
        since = (year - RISE_FROM[0]) * 12 + month - RISE_FROM[1]
        if since >= 0:
            valid[rising] *= 1 + RISE_PER_MONTH * since
            invalid[rising] *= 1 + 2 * RISE_PER_MONTH * since
        return np.minimum(valid, 0.3), np.minimum(invalid, 0.4)

    def _draw(self, year: int, month: int) -> tuple[Days, Matrix]:
        first = dt.date(year, month, 1)
        days = [day for day in school_days(school_year_of(first)) if (day.year, day.month) == (year, month)]
        rng = chance.stream(self.seed, "attendance", year, month)
        shape = (len(days), len(self.pupils))
        begins, goes_on, late = rng.random(shape), rng.random(shape), rng.random(shape)
        valid, invalid = self._risks(year, month)
        result = np.zeros(shape, dtype=np.int8)
        before = np.zeros(len(self.pupils), dtype=np.int8)
        for place in range(len(days)):
            today = result[place]
            today[late[place] < 0.012 * self.pupils.proneness] = Day.LATE
            today[late[place] > 0.994] = Day.OTHER
            today[begins[place] < valid + invalid] = Day.INVALID
            today[begins[place] < valid] = Day.VALID
            stays = ((before == Day.VALID) & (goes_on[place] < 0.5)) | (
                (before == Day.INVALID) & (goes_on[place] < 0.35)
            )
            today[stays] = before[stays]
            before = today
        matrix = np.ascontiguousarray(result.T)
        dates = np.array(days, dtype="datetime64[D]")
        gone = np.flatnonzero(dates >= np.datetime64(LONG_ABSENT_FROM))
        matrix[np.ix_(self._long_absent, gone)] = Day.INVALID
        had_some = np.flatnonzero((matrix == Day.INVALID).any(axis=1))
        for which in self._corrections.get((year, month), []):
            if len(had_some):
                row = matrix[had_some[int(which * len(had_some))]]
                row[row == Day.INVALID] = Day.VALID
        return dates, matrix

    def reported(self, year: int, month: int, count: int) -> npt.NDArray[np.bool_]:
        """Whether the teachers reported each class's day, classes by days; one unit often does not."""
        rng = chance.stream(self.seed, "reported", year, month)
        units = np.array([class_of(key)[1] for key in self.teaching.keys])
        share = np.where(units == INDEX[POOR_REPORTING_UNIT], POORLY_REPORTED, REPORTED)
        return rng.random((len(units), count)) < share[:, None]

    def sums(self, first: dt.date, last: dt.date) -> Sums:
        """Minutes from ``first`` through ``last``, by spell and attended activity, where any were offered."""
        last = min(last, self.last_day)
        spells = self.spells
        counts = np.zeros((6, len(spells)), dtype=np.int64)
        late_days = np.zeros(len(spells), dtype=np.int64)
        for year, month in _months(first, last):
            days, kinds = self.kinds(year, month)
            wanted = (days >= np.datetime64(first)) & (days <= np.datetime64(last))
            if not wanted.any():
                continue
            places = np.flatnonzero(spells.year == (year if month >= 7 else year - 1))
            there = (spells.start[places, None] <= days) & (spells.end[places, None] >= days) & wanted
            known = there & self.reported(year, month, len(days))[self._class_places[places]]
            how = kinds[spells.pupil[places]]
            counts[0, places] += there.sum(axis=1)
            counts[1, places] += known.sum(axis=1)
            for row, kind in ((2, Day.VALID), (3, Day.INVALID), (4, Day.OTHER)):
                counts[row, places] += (known & (how == kind)).sum(axis=1)
            late_days[places] += (known & (how == Day.LATE)).sum(axis=1)
        return self._rows(counts, late_days)

    def _rows(self, counts: npt.NDArray[np.int64], late_days: npt.NDArray[np.int64]) -> Sums:
        spell = np.flatnonzero(counts[0] > 0)
        per_class = np.array([len(ids) for ids in self._activities])[self._class_places[spell]]
        rows = np.repeat(spell, per_class)
        activity = np.arange(len(rows)) - np.repeat(np.cumsum(per_class) - per_class, per_class)
        minutes = minutes_of(self.spells.stage[rows])
        offered, reported, valid, invalid, other, _ = counts[:, rows] * minutes
        invalid = invalid + late_days[rows] * LATE_MINUTES
        attended = reported - valid - invalid - other
        return Sums(rows, activity, offered, reported, attended, valid, invalid, other)

    def aggregated(
        self, first: dt.date, last: dt.date, chosen: npt.NDArray[np.bool_] | None = None
    ) -> list[bytes]:
        """AggregatedAttendance entities of a period as JSON, by activity and pupil.

        Args:
            first, last: the period, both days included.
            chosen: which spells to keep; all when None.
        """
        sums = self.sums(first, last)
        end = min(last, self.last_day)
        head = f',"startDate":"{first}","endDate":"{end}"'
        students, activities = self.people.pupil_ids, self._activities
        keep = np.ones(len(sums.spell), dtype=bool) if chosen is None else chosen[sums.spell]
        columns = (
            self.spells.pupil[sums.spell], self._class_places[sums.spell], sums.activity, sums.attended,
            sums.valid, sums.invalid, sums.other, sums.reported, sums.offered,
        )  # fmt: skip
        return [
            f'{{"activity":{{"id":"{activities[place][which]}"}},"student":{{"id":"{students[pupil]}"}}'
            f'{head},"attendanceSum":{attended},"validAbsenceSum":{valid},"invalidAbsenceSum":{invalid}'
            f',"otherAttendanceSum":{other},"reportedSum":{reported},"offeredSum":{offered}}}'.encode()
            for pupil, place, which, attended, valid, invalid, other, reported, offered in zip(
                *(column[keep].tolist() for column in columns), strict=True
            )
        ]
