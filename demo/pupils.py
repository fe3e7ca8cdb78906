"""The children and pupils: who they are, where they belong and what shapes their results. No time in it.

One array per attribute, one element per pupil; a pupil's number is its place in the arrays.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from demo import chance
from demo.calendar import FIRST_YEAR, LAST_YEAR
from demo.civic_numbers import draw_births
from demo.units import BY_CODE, FEEDS, NEWCOMER_UNITS, OWN, SUCCESSOR_UNIT, Kind

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Dates = npt.NDArray[np.datetime64]

START_AGE = 6
"""Age in the calendar year in which förskoleklass starts."""
CLASS_SIZES = (20, 23)
ADAPTED_PER_COHORT = 4
PRESCHOOL_PER_COHORT = 118
UPPER_SHARE = 0.80
NEWCOMERS = 80
PLACES_FOR_NEWCOMERS = 7
"""How much smaller the classes of the school are where most newcomers arrive."""
PROTECTED = 6
LEAVERS_PER_MILLE = 12
NEVER = np.datetime64("NaT", "D")


class Education(IntEnum):
    """The parents' highest education."""

    UNKNOWN = 0
    LOWER = 1
    UPPER = 2
    HIGHER = 3


@dataclass(frozen=True)
class Slot:
    """A line of classes through a school: the pupils who go from year to year together."""

    code: str
    parallel: int


def _lower_slots() -> tuple[Slot, ...]:
    units = [u for u in OWN if u.kind in (Kind.F_6, Kind.F_9) and u.code != SUCCESSOR_UNIT]
    return tuple(Slot(unit.code, parallel) for unit in units for parallel in range(unit.classes))


LOWER = _lower_slots()
"""Lines of classes from förskoleklass."""
SECONDARY = tuple(
    Slot(FEEDS[slot.code][0], FEEDS[slot.code][1] + slot.parallel) if slot.code in FEEDS else slot
    for slot in LOWER
)
"""Where each line of ``LOWER`` is in years 7-9."""


@dataclass(frozen=True)
class Programme:
    """A class of a gymnasium programme."""

    code: str
    name: str
    unit: str
    kind: str
    parallel: int = 0


NORTH, WEST = "99990041", "99990042"
PROGRAMMES = (
    Programme("NA", "Naturvetenskapsprogrammet", NORTH, "Högskoleförberedande program"),
    Programme("SA", "Samhällsvetenskapsprogrammet", NORTH, "Högskoleförberedande program"),
    Programme("EK", "Ekonomiprogrammet", NORTH, "Högskoleförberedande program"),
    Programme("TE", "Teknikprogrammet", WEST, "Högskoleförberedande program"),
    Programme("EK", "Ekonomiprogrammet", NORTH, "Högskoleförberedande program", 1),
    Programme("SA", "Samhällsvetenskapsprogrammet", NORTH, "Högskoleförberedande program", 1),
    Programme("ES", "Estetiska programmet", WEST, "Högskoleförberedande program"),
    Programme("EE", "El- och energiprogrammet", WEST, "Yrkesprogram"),
    Programme("BF", "Barn- och fritidsprogrammet", WEST, "Yrkesprogram"),
    Programme("VO", "Vård- och omsorgsprogrammet", WEST, "Yrkesprogram"),
    Programme("IM", "Introduktionsprogram", WEST, "Intruduktionsprogram"),
)
"""In falling order of the merit that their pupils have. The standard spells the last kind so."""

PRESCHOOLS = tuple(unit for unit in OWN if unit.kind is Kind.PRESCHOOL)


@dataclass(frozen=True)
class Pupils:
    """Every child and pupil the municipality has had since 2023.

    Attributes:
        birth: birthday.
        is_man: sex.
        start_year: first calendar year of förskoleklass.
        ability: latent, about standard normal.
        education: the parents', see ``Education``.
        foreign: foreign background.
        arrived: first day in the municipality's schools if that was not the ordinary one, else NaT.
        left: last day, else NaT.
        newcomer: arrived in Sweden within the years we have.
        protection: 0 none, 1 sekretessmarkering, 2 skyddad folkbokföring.
        proneness: how easily absent, around 1.
        slot: place in ``LOWER``, -1 for adapted school or when never in the municipality's grundskola.
        adapted: goes to the adapted schools.
        programme: place in ``PROGRAMMES``, -1 when not in the municipality's gymnasium.
        preschool: place in ``PRESCHOOLS``, -1 when never in one.
        department: department of the förskola.
        preschool_from: first day there.
    """

    birth: Dates
    is_man: Flags
    start_year: Ints
    ability: Floats
    education: Ints
    foreign: Flags
    arrived: Dates
    left: Dates
    newcomer: Flags
    protection: Ints
    proneness: Floats
    slot: Ints
    adapted: Flags
    programme: Ints
    preschool: Ints
    department: Ints
    preschool_from: Dates

    def __len__(self) -> int:
        return len(self.birth)


def _cohort_slots(rng: np.random.Generator) -> Ints:
    """The slot of each pupil of one cohort, class by class."""
    sizes = rng.integers(CLASS_SIZES[0], CLASS_SIZES[1] + 1, len(LOWER))
    sizes[[slot.code == NEWCOMER_UNITS[0] for slot in LOWER]] -= PLACES_FOR_NEWCOMERS
    return np.repeat(np.arange(len(LOWER)), sizes)


def _by_merit(rng: np.random.Generator, ability: Floats, count: int) -> Ints:
    """Programmes for the pupils who continue in the gymnasium here, better results first; else -1."""
    programme = np.full(len(ability), -1)
    stays = rng.permutation(len(ability))[:count]
    order = stays[np.argsort(-(ability[stays] + rng.normal(0, 0.7, count)), kind="stable")]
    programme[order] = np.minimum(np.arange(count) * len(PROGRAMMES) // max(count, 1), len(PROGRAMMES) - 1)
    return programme


def _need_of(slot: Ints) -> Floats:
    return np.array([BY_CODE[entry.code].need for entry in LOWER])[slot]


class _Cohorts:
    """Collects cohorts and puts them together."""

    def __init__(self) -> None:
        self.parts: list[dict[str, np.ndarray]] = []

    def add(self, **columns: np.ndarray) -> None:
        self.parts.append(columns)

    def pupils(self) -> Pupils:
        return Pupils(**{name: np.concatenate([part[name] for part in self.parts]) for name in self.parts[0]})


def _background(rng: np.random.Generator, need: Floats) -> tuple[Ints, Flags]:
    """The parents' education and foreign background; both follow the unit's need."""
    draw = rng.random(len(need))
    lower, upper = 0.04 + 0.25 * need, 0.30 + 0.45 * need
    education = np.where(
        draw < lower, Education.LOWER, np.where(draw < upper, Education.UPPER, Education.HIGHER)
    ).astype(np.int64)
    education[rng.random(len(need)) < 0.02] = Education.UNKNOWN
    return education, rng.random(len(need)) < 0.08 + 0.55 * need


def _ordinary(rng: np.random.Generator, start_year: int) -> dict[str, np.ndarray]:
    """One cohort that starts förskoleklass in ``start_year``, without newcomers."""
    slots = _cohort_slots(rng)
    slot = np.concatenate([slots, np.full(ADAPTED_PER_COHORT, -1)])
    count = len(slot)
    birth, is_man = draw_births(rng, start_year - START_AGE, count)
    need = np.where(slot >= 0, _need_of(slot), 0.5)
    education, foreign = _background(rng, need)
    ability = rng.normal(0, 0.85, count) + 0.35 * (education - 2.2) - 0.35 * (need - 0.4) - 0.12 * is_man
    programme = np.full(count, -1)
    programme[: len(slots)] = _by_merit(rng, ability[: len(slots)], round(len(slots) * UPPER_SHARE))
    first_day = np.datetime64(f"{start_year - 5}-08-15", "D") + rng.integers(0, 20, count)
    late = rng.random(count) < 0.3
    preschool = np.full(count, -1)
    # Children of a förskola go on to a school of about the same need.
    by_need = np.argsort(need + rng.normal(0, 0.1, count), kind="stable")
    chosen = by_need[np.linspace(0, count - 1, PRESCHOOL_PER_COHORT).astype(int)]
    units_by_need = np.argsort([unit.need for unit in PRESCHOOLS], kind="stable")
    preschool[chosen] = units_by_need[np.arange(len(chosen)) * len(PRESCHOOLS) // len(chosen)]
    departments = np.array([unit.classes for unit in PRESCHOOLS])[np.maximum(preschool, 0)]
    left = np.full(count, NEVER)
    leaves = rng.random(count) < LEAVERS_PER_MILLE / 1000 * (LAST_YEAR - FIRST_YEAR + 1)
    span = (np.datetime64("2026-10-01") - np.datetime64("2023-09-15")).astype(int)
    left[leaves] = np.datetime64("2023-09-15", "D") + rng.integers(0, span, int(leaves.sum()))
    return {
        "birth": birth,
        "is_man": is_man,
        "start_year": np.full(count, start_year),
        "ability": ability,
        "education": education,
        "foreign": foreign,
        "arrived": np.full(count, NEVER),
        "left": left,
        "newcomer": np.zeros(count, dtype=bool),
        "protection": np.zeros(count, dtype=np.int64),
        "proneness": rng.gamma(1.6, 1 / 1.6, count) * (0.8 + 0.5 * need),
        "slot": slot,
        "adapted": slot < 0,
        "programme": programme,
        "preschool": preschool,
        "department": rng.integers(0, 100, count) % departments,
        "preschool_from": np.where(late, first_day + 150, first_day),
    }


def _newcomers(rng: np.random.Generator, taken: Dates) -> dict[str, np.ndarray]:
    """Pupils who came to Sweden during the years we have; three in four to two units."""
    start_year = rng.integers(2016, 2021, NEWCOMERS)
    births: list[np.ndarray] = []
    sexes: list[np.ndarray] = []
    order = []
    for year in np.unique(start_year):
        places = np.flatnonzero(start_year == year)
        # Twice as many as needed, because birthdays of the ordinary cohorts are used up.
        birth, is_man = draw_births(rng, int(year) - START_AGE, 600)
        free = ~np.isin(birth, taken)
        births.append(birth[free][: len(places)])
        sexes.append(is_man[free][: len(places)])
        order.append(places)
    into = np.argsort(np.concatenate(order), kind="stable")
    home = [place for place, slot in enumerate(LOWER) if slot.code == NEWCOMER_UNITS[0]]
    others = [place for place in range(len(LOWER)) if place not in home]
    concentrated = rng.random(NEWCOMERS) < 0.75
    slot = np.where(concentrated, rng.choice(home, NEWCOMERS), rng.choice(others, NEWCOMERS))
    span = (np.datetime64("2026-10-15") - np.datetime64("2023-08-20")).astype(int)
    count = NEWCOMERS
    return {
        "birth": np.concatenate(births)[into],
        "is_man": np.concatenate(sexes)[into],
        "start_year": start_year,
        "ability": rng.normal(0.1, 0.6, count),
        "education": rng.choice(
            [Education.UNKNOWN, Education.LOWER, Education.HIGHER], count, p=[0.4, 0.4, 0.2]
        ),
        "foreign": np.ones(count, dtype=bool),
        "arrived": np.datetime64("2023-08-20", "D") + rng.integers(0, span, count),
        "left": np.full(count, NEVER),
        "newcomer": np.ones(count, dtype=bool),
        "protection": np.zeros(count, dtype=np.int64),
        "proneness": rng.gamma(1.6, 1 / 1.6, count),
        "slot": slot,
        "adapted": np.zeros(count, dtype=bool),
        "programme": np.where(rng.random(count) < 0.8, len(PROGRAMMES) - 1, -1),
        "preschool": np.full(count, -1),
        "department": np.zeros(count, dtype=np.int64),
        "preschool_from": np.full(count, NEVER),
    }


def _seen(part: dict[str, np.ndarray], start_year: int) -> dict[str, np.ndarray]:
    """Only the pupils of a cohort who were in one of the municipality's own units since 2023."""
    if start_year + 9 < FIRST_YEAR:
        keep = (part["programme"] >= 0) | part["adapted"]
    elif start_year > LAST_YEAR:
        keep = (part["preschool"] >= 0) & (part["preschool_from"] < np.datetime64("2026-11-01"))
    else:
        keep = np.ones(len(part["birth"]), dtype=bool)
    return {name: column[keep] for name, column in part.items()}


def make(seed: int) -> Pupils:
    """All pupils, oldest cohort first, newcomers last."""
    cohorts = _Cohorts()
    # Third year of gymnasium in 2023 to one-year-olds in 2026.
    for start_year in range(FIRST_YEAR - 12, LAST_YEAR + 6):
        cohorts.add(**_seen(_ordinary(chance.stream(seed, "cohort", start_year), start_year), start_year))
    taken = np.concatenate([part["birth"] for part in cohorts.parts])
    rng = chance.stream(seed, "newcomers")
    cohorts.add(**_newcomers(rng, taken))
    pupils = cohorts.pupils()
    at_school = np.flatnonzero(
        (pupils.start_year >= 2018) & (pupils.start_year <= 2024) & np.isnat(pupils.left) & (pupils.slot >= 0)
    )
    protected = chance.stream(seed, "protected").choice(at_school, PROTECTED, replace=False)
    pupils.protection[protected] = [1, 1, 1, 1, 2, 2]
    return pupils
