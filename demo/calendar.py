"""The school calendar of the made-up municipality: terms, holidays, school days, instants."""

import datetime as dt
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Dates = npt.NDArray[np.datetime64]

FIRST_YEAR = 2023
LAST_YEAR = 2026
YEARS = range(FIRST_YEAR, LAST_YEAR + 1)
"""First calendar years of the school years that the municipality has."""

TODAY = dt.date(2026, 11, 20)
"""The day the demo stands still at, unless another is asked for."""
EARLIEST = dt.date(2026, 11, 1)
LATEST = dt.date(2026, 12, 18)

ZONE = ZoneInfo("Europe/Stockholm")

TERMS = {
    2023: ((dt.date(2023, 8, 17), dt.date(2023, 12, 20)), (dt.date(2024, 1, 9), dt.date(2024, 6, 12))),
    2024: ((dt.date(2024, 8, 20), dt.date(2024, 12, 20)), (dt.date(2025, 1, 8), dt.date(2025, 6, 12))),
    2025: ((dt.date(2025, 8, 19), dt.date(2025, 12, 19)), (dt.date(2026, 1, 8), dt.date(2026, 6, 11))),
    2026: ((dt.date(2026, 8, 19), dt.date(2026, 12, 18)), (dt.date(2027, 1, 8), dt.date(2027, 6, 10))),
}
"""Autumn and spring term of each school year, first and last day."""

_EASTER = {
    2024: dt.date(2024, 3, 31),
    2025: dt.date(2025, 4, 20),
    2026: dt.date(2026, 4, 5),
    2027: dt.date(2027, 3, 28),
}


def _weeks_off(year: int) -> set[dt.date]:
    """Days without school that are not weekends, in the school year that starts in ``year``."""
    easter = _EASTER[year + 1]
    off = {easter + dt.timedelta(days=day) for day in (*range(-6, 2), 39)}
    off |= {dt.date.fromisocalendar(year, 44, day) for day in range(1, 6)}
    off |= {dt.date.fromisocalendar(year + 1, 8, day) for day in range(1, 6)}
    return off | {dt.date(year + 1, 5, 1), dt.date(year + 1, 6, 6)}


@cache
def school_days(year: int) -> tuple[dt.date, ...]:
    """Every school day of the school year that starts in ``year``."""
    off = _weeks_off(year)
    days = []
    for first, last in TERMS[year]:
        span = (first + dt.timedelta(days=n) for n in range((last - first).days + 1))
        days += [day for day in span if day.weekday() < 5 and day not in off]
    return tuple(days)


def school_year(year: int) -> str:
    """``2024`` becomes ``'2024/25'``."""
    return f"{year}/{(year + 1) % 100:02d}"


def school_year_of(day: dt.date) -> int:
    """First calendar year of the school year a day falls in; school years start on 1 July."""
    return day.year if day.month >= 7 else day.year - 1


def instant(day: dt.date, hour: int = 8, minute: int = 0, second: int = 0) -> str:
    """A local time of day as UTC, RFC 3339."""
    local = dt.datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=ZONE)
    return local.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def as_dates(values: list[dt.date] | list[str]) -> Dates:
    """A list of days as a numpy array of days."""
    return np.array(values, dtype="datetime64[D]")
