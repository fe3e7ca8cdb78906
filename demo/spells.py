"""Where every pupil goes to school, day by day: one spell per pupil, school year and class.

Year groups are counted from förskoleklass (0) to year 9; 10-12 are the three years of gymnasium.
"""

import datetime as dt
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from demo import chance
from demo.calendar import EARLIEST, LATEST, YEARS
from demo.pupils import LOWER, NEVER, PROGRAMMES, SECONDARY, Dates, Flags, Ints, Pupils, Slot
from demo.units import INDEX, UNITS, Kind, code_in

UPPER_FROM = 10
ADAPTED, ADAPTED_UPPER = INDEX["99990031"], INDEX["99990032"]
REPEATERS = 14
SKIPPERS = 4
MOVERS_PER_YEAR = 36
DROPOUT_SHARE = 0.05

SCHOOL_TYPES = {Kind.ADAPTED: "GRS", Kind.ADAPTED_UPPER: "GYS", Kind.UPPER: "GY"}


@dataclass(frozen=True)
class Spells:
    """One element per spell.

    Attributes:
        pupil: number of the pupil.
        year: first calendar year of the school year.
        unit: place in ``UNITS``.
        stage: year group, see the module.
        parallel: which of the parallel classes; for the gymnasium the place in ``PROGRAMMES``.
        start, end: first and last day.
        closes: the last day is stated in the register (a closed year, a move, a drop-out).
        cancelled: left before the end of the education.
    """

    pupil: Ints
    year: Ints
    unit: Ints
    stage: Ints
    parallel: Ints
    start: Dates
    end: Dates
    closes: Flags
    cancelled: Flags

    def __len__(self) -> int:
        return len(self.pupil)

    def where(self, mask: npt.NDArray[np.bool_] | Ints) -> "Spells":
        """The spells that a mask or an array of places picks."""
        return Spells(**{field.name: getattr(self, field.name)[mask] for field in fields(self)})


def school_type(kind: Kind, stage: int) -> str:
    """The standard's SchoolTypesEnum for a spell."""
    if kind in SCHOOL_TYPES:
        return SCHOOL_TYPES[kind]
    return "FKLASS" if stage == 0 else "GR"


def _unit_table(slots: tuple[Slot, ...], year: int) -> Ints:
    """Place in ``UNITS`` of each slot's school in a school year."""
    return np.array([INDEX[code_in(slot.code, year)] for slot in slots])


def _stages(pupils: Pupils, seed: int) -> dict[int, Ints]:
    """The year group of every pupil in every school year, with those who repeat or skip one."""
    rng = chance.stream(seed, "repeaters")
    off_by = {year: np.zeros(len(pupils), dtype=np.int64) for year in YEARS}
    candidates = np.flatnonzero(
        (pupils.start_year >= 2016) & (pupils.start_year <= 2021) & (pupils.slot >= 0) & ~pupils.newcomer
    )
    chosen = rng.choice(candidates, REPEATERS + SKIPPERS, replace=False)
    from_year = rng.choice(np.array([2024, 2025, 2026]), len(chosen))
    for place, (pupil, first) in enumerate(zip(chosen.tolist(), from_year.tolist(), strict=True)):
        for year in YEARS:
            if year >= first:
                off_by[year][pupil] = -1 if place < REPEATERS else 1
    return {year: year - pupils.start_year + off_by[year] for year in YEARS}


def _year(pupils: Pupils, stage: Ints, year: int) -> Spells:
    """Every pupil's ordinary spell of one school year, before drop-outs and moves."""
    upper = pupils.programme
    lower_units, secondary_units = _unit_table(LOWER, year), _unit_table(SECONDARY, year)
    upper_units = np.array([INDEX[programme.unit] for programme in PROGRAMMES])
    slot = np.maximum(pupils.slot, 0)
    in_school = (stage >= 0) & (stage <= 9) & ((pupils.slot >= 0) | pupils.adapted)
    in_upper = (stage >= UPPER_FROM) & (stage <= UPPER_FROM + 2) & ((upper >= 0) | pupils.adapted)
    unit = np.where(stage >= 7, secondary_units[slot], lower_units[slot])
    parallel = np.where(
        stage >= 7,
        np.array([entry.parallel for entry in SECONDARY])[slot],
        np.array([entry.parallel for entry in LOWER])[slot],
    )
    unit = np.where(in_upper, upper_units[np.maximum(upper, 0)], unit)
    parallel = np.where(in_upper, upper, parallel)
    unit = np.where(pupils.adapted, np.where(in_upper, ADAPTED_UPPER, ADAPTED), unit)
    parallel = np.where(pupils.adapted, 0, parallel)
    first, last = np.datetime64(f"{year}-07-01", "D"), np.datetime64(f"{year + 1}-06-30", "D")
    start = np.where(np.isnat(pupils.arrived), first, np.maximum(pupils.arrived, first))
    end = np.where(np.isnat(pupils.left), last, np.minimum(pupils.left, last))
    there = (in_school | in_upper) & (start <= end)
    current = year == YEARS[-1]
    count = len(pupils)
    return Spells(
        pupil=np.arange(count),
        year=np.full(count, year),
        unit=unit,
        stage=stage,
        parallel=parallel,
        start=start,
        end=end,
        closes=~np.isnat(pupils.left) & (pupils.left <= last) | (not current),
        cancelled=np.zeros(count, dtype=bool),
    ).where(there)


def _drop_out(spells: Spells, pupils: Pupils, seed: int) -> Spells:
    """Gymnasium pupils who leave before the end, during autumn or winter; they do not come back."""
    rng = chance.stream(seed, "dropouts")
    first_time = np.full(len(pupils), NEVER)
    for year in YEARS[:-1]:
        upper = spells.pupil[
            (spells.year == year)
            & (spells.stage >= UPPER_FROM)
            & np.isin(spells.unit, [ADAPTED_UPPER], invert=True)
        ]
        risk = DROPOUT_SHARE * np.where(pupils.programme[upper] >= 6, 1.5, 0.6)
        leaves = upper[rng.random(len(upper)) < risk]
        when = np.datetime64(f"{year}-09-20", "D") + rng.integers(0, 200, len(leaves))
        first_time[leaves] = np.where(np.isnat(first_time[leaves]), when, first_time[leaves])
    day = first_time[spells.pupil]
    upper_spell = spells.stage >= UPPER_FROM
    hit = upper_spell & ~np.isnat(day) & (day <= spells.end)
    before = hit & (day >= spells.start)
    kept = Spells(
        **{
            **vars(spells),
            "end": np.where(before, day, spells.end),
            "closes": spells.closes | before,
            "cancelled": spells.cancelled | before,
        }
    )
    return kept.where(~hit | before)


@dataclass(frozen=True)
class Moves:
    """Pupils who change school during a year: number, first day at the new school, and its slot."""

    pupil: list[int]
    day: list[dt.date]
    slot: list[int]


def _moves(pupils: Pupils, seed: int) -> Moves:
    """Some moves each year, and one each day of the weeks that tests ask for. Nobody moves twice."""
    rng = chance.stream(seed, "moves")
    stays = np.isnat(pupils.left) & np.isnat(pupils.arrived) & (pupils.slot >= 0) & (pupils.protection == 0)
    # In years 1-5 when they move: never in the last year of a school.
    days: list[dt.date] = []
    for year in YEARS:
        span = 60 if year == YEARS[-1] else 240
        days += [
            dt.date(year, 8, 25) + dt.timedelta(days=int(n)) for n in rng.integers(1, span, MOVERS_PER_YEAR)
        ]
    days += [EARLIEST + dt.timedelta(days=n) for n in range((LATEST - EARLIEST).days + 1)]
    pupil, slot = [], []
    used: set[int] = set()
    for day in days:
        year = day.year if day.month >= 7 else day.year - 1
        stage = year - pupils.start_year
        candidates = np.flatnonzero(stays & (stage >= 1) & (stage <= 5))
        chosen = next(int(c) for c in rng.permutation(candidates) if int(c) not in used)
        used.add(chosen)
        others = [n for n, entry in enumerate(LOWER) if entry.code != LOWER[pupils.slot[chosen]].code]
        pupil.append(chosen)
        slot.append(int(rng.choice(others)))
    return Moves(pupil, days, slot)


def _move(spells: Spells, moves: Moves) -> Spells:
    """Cut the spell in two on the day of the move, and go to the new school ever after."""
    day_of = np.full(int(spells.pupil.max()) + 1, NEVER)
    slot_of = np.full(len(day_of), -1)
    day_of[moves.pupil] = np.array(moves.day, dtype="datetime64[D]")
    slot_of[moves.pupil] = moves.slot
    day, slot = day_of[spells.pupil], np.maximum(slot_of[spells.pupil], 0)
    moved = ~np.isnat(day) & (spells.stage < UPPER_FROM) & (spells.end >= day)
    new_unit, new_parallel = spells.unit.copy(), spells.parallel.copy()
    for year in YEARS:
        for late, slots in ((False, LOWER), (True, SECONDARY)):
            here = moved & (spells.year == year) & ((spells.stage >= 7) == late)
            new_unit[here] = _unit_table(slots, year)[slot[here]]
            new_parallel[here] = np.array([entry.parallel for entry in slots])[slot[here]]
    cut = moved & (spells.start < day)
    old = Spells(
        **{
            **vars(spells),
            "end": np.where(cut, day - 1, spells.end),
            "closes": spells.closes | cut,
        }
    ).where(~moved | cut)
    new = Spells(
        **{
            **vars(spells),
            "unit": new_unit,
            "parallel": new_parallel,
            "start": np.where(cut, day, spells.start),
        }
    ).where(moved)
    parts = {
        field.name: np.concatenate([getattr(old, field.name), getattr(new, field.name)])
        for field in fields(old)
    }
    joined = Spells(**parts)
    return joined.where(np.lexsort((joined.start, joined.pupil)))


def make(pupils: Pupils, seed: int) -> Spells:
    """All spells, by pupil and first day."""
    stages = _stages(pupils, seed)
    years = [_year(pupils, stages[year], year) for year in YEARS]
    parts = {
        field.name: np.concatenate([getattr(part, field.name) for part in years]) for field in fields(Spells)
    }
    return _move(_drop_out(Spells(**parts), pupils, seed), _moves(pupils, seed))


def class_key(spells: Spells) -> Ints:
    """One number per class and school year: year, unit, stage and parallel packed together."""
    return ((spells.year * 100 + spells.unit) * 20 + spells.stage) * 20 + spells.parallel


def class_of(key: int) -> tuple[int, int, int, int]:
    """Year, unit, stage and parallel of a class key."""
    rest, parallel = divmod(key, 20)
    rest, stage = divmod(rest, 20)
    year, unit = divmod(rest, 100)
    return year, unit, stage, parallel


def class_name(unit: int, stage: int, parallel: int) -> str:
    """What the school calls a class: ``F``, ``4A``, ``NA1``."""
    kind = UNITS[unit].kind
    if kind is Kind.UPPER:
        programme = PROGRAMMES[parallel]
        return f"{programme.code}{stage - UPPER_FROM + 1}{'ab'[programme.parallel]}"
    if kind in (Kind.ADAPTED, Kind.ADAPTED_UPPER):
        return f"Grupp {stage if stage < UPPER_FROM else stage - UPPER_FROM + 1}"
    return f"{'F' if stage == 0 else stage}{'ABCDEFG'[parallel]}"
