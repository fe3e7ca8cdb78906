"""The staff: posts at the units, who held them when, and what they are certified and qualified for."""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from demo import chance
from demo.civic_numbers import adult_births
from demo.posts import Post, posts_of
from demo.units import (
    CLOSED_UNIT,
    OWN,
    PRINCIPAL_TURNOVER_UNIT,
    SUCCESSION_YEAR,
    SUCCESSOR_UNIT,
)

BORN_FROM, BORN_TO = 1961, 1998
HIRED_PER_YEAR = 60
"""Of the adults born in a year, the first so many may be staff; the others may be guardians."""
TEACHERS = ("Lärare", "Förskollärare", "Speciallärare/specialpedagog")
GROWN_UP_AT = 22
SUMMERS = (2022, 2023, 2024, 2025, 2026)


@dataclass(frozen=True)
class Holding:
    """One person's time at a post; ``end`` is None while it lasts."""

    person: int
    post: int
    start: dt.date
    end: dt.date | None
    percent: int


@dataclass(frozen=True)
class Employee:
    """One member of the staff.

    Attributes:
        certified_from: when the legitimation came, None without one.
        qualified: subject and stage pairs the legitimation covers.
        experience: whole years in the profession on 1 July 2023.
        is_first_teacher: has a career post.
        sick_share: share of the working days that is sick leave.
    """

    birth: dt.date
    is_man: bool
    certified_from: dt.date | None
    qualified: tuple[tuple[str, str], ...]
    experience: int
    is_first_teacher: bool
    sick_share: float


@dataclass(frozen=True)
class Staff:
    """Posts, holdings of posts and the persons who hold them; each refers to the others by place."""

    posts: tuple[Post, ...]
    holdings: tuple[Holding, ...]
    employees: tuple[Employee, ...]

    def holders(self, year: int) -> list[list[Holding]]:
        """Per post, who holds it on 15 October of ``year``, in no case nobody but by vacancy."""
        day = dt.date(year, 10, 15)
        found: list[list[Holding]] = [[] for _ in self.posts]
        for holding in self.holdings:
            if holding.start <= day and (holding.end is None or holding.end >= day):
                found[holding.post].append(holding)
        return found


class _Hiring:
    """Hires one person after the other."""

    def __init__(self, seed: int) -> None:
        self.rng = chance.stream(seed, "staff")
        self.employees: list[Employee] = []
        years = [adult_births(seed, year) for year in range(BORN_FROM, BORN_TO + 1)]
        order = self.rng.permutation(HIRED_PER_YEAR * len(years))
        self._births = np.concatenate([birth[:HIRED_PER_YEAR] for birth, _ in years])[order].tolist()
        self._men = np.concatenate([men[:HIRED_PER_YEAR] for _, men in years])[order].tolist()

    def hire(self, post: Post, need: float, day: dt.date) -> int:
        """A new person for a post; legitimation and experience are scarcer where the need is high."""
        rng, number = self.rng, len(self.employees)
        birth = self._births[number]
        is_teacher = post.role in TEACHERS
        certified = is_teacher and rng.random() < 0.98 - 0.45 * need
        covers = 0.95 - 0.25 * need
        draws = rng.random(len(post.subjects))
        qualified = tuple(
            (subject, post.stage)
            for subject, draw in zip(post.subjects, draws, strict=True)
            if certified and draw < covers
        )
        longest = max(0, 2023 - birth.year - 24)
        experience = int(rng.integers(0, max(1, longest) + 1) * (1 - 0.5 * need))
        since = dt.date(max(2011, min(day.year, 2023) - experience), 6, 15)
        first = certified and post.role == "Lärare" and experience >= 6 and rng.random() < 0.14
        sick = float(rng.gamma(1.2, 0.035 + 0.02 * need))
        self.employees.append(
            Employee(
                birth,
                self._men[number],
                since if certified else None,
                qualified,
                experience,
                first,
                min(sick, 0.6),
            )
        )
        return number


_PRINCIPALS = (
    (dt.date(2021, 8, 1), dt.date(2023, 7, 31)),
    (dt.date(2023, 8, 1), dt.date(2025, 1, 31)),
    (dt.date(2025, 2, 1), None),
)
"""Terms of office of the principals of the unit that changes them often."""


def _terms(rng: np.random.Generator, post: Post, need: float) -> list[tuple[dt.date, dt.date | None]]:
    """When each holder of a post begins and ends, without gaps."""
    if post.role == "Rektor" and post.unit == PRINCIPAL_TURNOVER_UNIT:
        return list(_PRINCIPALS)
    risk = (0.06 if post.role == "Rektor" else 0.07) + 0.10 * need
    start = dt.date(int(rng.integers(2008, 2022)), 8, 1)
    found: list[tuple[dt.date, dt.date | None]] = []
    # The principal of an ordinary unit is changed at most once in these years.
    changes_left = 1 if post.role == "Rektor" else len(SUMMERS)
    for summer in SUMMERS:
        if changes_left and rng.random() < risk:
            found.append((start, dt.date(summer, 7, 31)))
            start = dt.date(summer, 8, 1)
            changes_left -= 1
    return [*found, (start, None)]


def _of_code(holding: Holding, post: int, start: dt.date, end: dt.date | None) -> Holding:
    return Holding(holding.person, post, start, end, holding.percent)


def _succession(posts: list[Post], holdings: list[Holding]) -> None:
    """Everyone at the unit that closed goes on at the unit that follows, in a post of the new code."""
    last = dt.date(SUCCESSION_YEAR, 6, 30)
    first = last + dt.timedelta(days=1)
    twin = {}
    for place in [n for n, post in enumerate(posts) if post.unit == CLOSED_UNIT]:
        twin[place] = len(posts)
        posts.append(Post(SUCCESSOR_UNIT, posts[place].role, posts[place].subjects, posts[place].stage))
    for place, holding in enumerate(list(holdings)):
        if holding.post in twin and (holding.end is None or holding.end > last):
            started_late = holding.start > last
            holdings.append(_of_code(holding, twin[holding.post], max(holding.start, first), holding.end))
            holdings[place] = _of_code(holding, -1 if started_late else holding.post, holding.start, last)
    holdings[:] = [holding for holding in holdings if holding.post >= 0]


def make(seed: int) -> Staff:
    """All posts, holdings and employees since 2022."""
    hiring = _Hiring(seed)
    posts: list[Post] = []
    holdings: list[Holding] = []
    for unit in OWN:
        if unit.code == SUCCESSOR_UNIT:
            continue
        for post in posts_of(unit):
            place = len(posts)
            posts.append(post)
            for start, end in _terms(hiring.rng, post, unit.need):
                person = hiring.hire(post, unit.need, start)
                grown_up = dt.date(hiring.employees[person].birth.year + GROWN_UP_AT, 8, 1)
                percent = int(hiring.rng.choice([100, 100, 100, 80, 75, 50]))
                holdings.append(
                    Holding(
                        person,
                        place,
                        max(start, grown_up),
                        end,
                        100 if post.role == "Rektor" else percent,
                    )
                )
    _succession(posts, holdings)
    return Staff(tuple(posts), tuple(holdings), tuple(hiring.employees))


def person_id(seed: int, number: int) -> str:
    """Id of an employee's person."""
    return chance.identity(seed, "person", "staff", number)


def duty_id(seed: int, holding: Holding) -> str:
    """Id of the duty that a holding of a post is."""
    return chance.identity(seed, "duty", holding.person, holding.post)
