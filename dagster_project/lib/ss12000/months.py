"""Which calendar months of summed attendance to ask for: it says neither what changed nor when."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Europe/Stockholm")
_SCHOOL_YEARS_BACK = 3


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month, or the part of it to ask for; both days included."""

    first: dt.date
    last: dt.date

    @property
    def period(self) -> str:
        return f"{self.first:%Y-%m}"

    @property
    def query(self) -> dict[str, str]:
        return {"startDate": self.first.isoformat(), "endDate": self.last.isoformat()}


def usual_first_day(today: dt.date) -> dt.date:
    """First day of the school year three back from the present one."""
    return dt.date((today.year if today.month >= 7 else today.year - 1) - _SCHOOL_YEARS_BACK, 7, 1)


def months(first_day: dt.date, today: dt.date) -> list[Month]:
    """Every month from ``first_day`` to yesterday: of today no lesson has been reported yet."""
    found = []
    first, yesterday = first_day, today - dt.timedelta(days=1)
    while first <= yesterday:
        following = (first.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
        found.append(Month(first, min(following - dt.timedelta(days=1), yesterday)))
        first = following
    return found


def to_ask_for(
    known: list[Month],
    *,
    loaded: Collection[str],
    today: dt.date,
    looked_back_at: dt.date | None,
    months_back: int,
) -> list[Month]:
    """Of the months ``known``: those never loaded, the last two, and once a week those further back.

    Args:
        known: as :func:`months` gives them.
        loaded: periods that are loaded.
        today: local date.
        looked_back_at: local date of the last look further back; none when there was none.
        months_back: how many months a look further back covers, for late corrections.
    """
    last_two = known[-2:]
    is_due = looks_back(today, looked_back_at)
    further = known[-months_back:] if is_due else []
    return [month for month in known if month in last_two or month in further or month.period not in loaded]


def looks_back(today: dt.date, looked_back_at: dt.date | None) -> bool:
    """Whether this is the first run of a week (Monday to Sunday), or the first of all."""
    return looked_back_at is None or today.isocalendar()[:2] != looked_back_at.isocalendar()[:2]
