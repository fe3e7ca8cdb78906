"""Deliveries about pupils: background and the municipality's responsibility for activity (KAA)."""

import datetime as dt

import numpy as np

from demo import chance
from demo.calendar import YEARS, school_year
from demo.deliveries.table import Cell, Table
from demo.municipality import Municipality
from demo.pupils import Education
from demo.spells import UPPER_FROM

EDUCATION = {
    Education.UNKNOWN: "okand",
    Education.LOWER: "forgymnasial",
    Education.UPPER: "gymnasial",
    Education.HIGHER: "eftergymnasial",
}
NEW_FOR_DAYS = 4 * 365
KAA_SHARE = 0.7


def background(municipality: Municipality) -> Table:
    """One row per pupil of a school and school year; where the education is unknown, so is the rest."""
    world = municipality.world
    pupils, spells, numbers = world.pupils, world.spells, world.register.pupil_numbers
    rows: list[tuple[Cell, ...]] = []
    for year in YEARS:
        day = np.datetime64(f"{year}-10-15")
        there = np.unique(spells.pupil[(spells.year == year) & (spells.start <= day) & (spells.end >= day)])
        since = (day - pupils.arrived[there]).astype(int)
        new = pupils.newcomer[there] & (since < NEW_FOR_DAYS)
        columns = (there, pupils.education[there], pupils.foreign[there], new, pupils.newcomer[there])
        for pupil, education, foreign, is_new, came in zip(*(one.tolist() for one in columns), strict=True):
            known = education != Education.UNKNOWN or came
            rows.append(
                (numbers[pupil], school_year(year), EDUCATION[Education(education)],
                 foreign if known else None, is_new, is_new)
            )  # fmt: skip
    names = (
        "person_key", "school_year", "parents_education", "foreign_background", "newly_arrived",
        "newly_immigrated",
    )  # fmt: skip
    return Table("background", names, rows)


def kaa(municipality: Municipality) -> Table:
    """Most of those who left the gymnasium early, from a month after; some have found something since."""
    world = municipality.world
    rng = chance.stream(municipality.seed, "kaa")
    spells = world.spells
    early = np.flatnonzero(spells.cancelled & (spells.stage >= UPPER_FROM))
    rows: list[tuple[Cell, ...]] = []
    for spell in early[rng.random(len(early)) < KAA_SHARE].tolist():
        start = spells.end[spell].item() + dt.timedelta(days=int(rng.integers(20, 45)))
        lasts = int(rng.integers(60, 500))
        end = start + dt.timedelta(days=lasts)
        over = end < municipality.as_of
        activity = str(rng.choice(["ingen_kand", "insats", "arbete", "studier", "annat"]))
        number = world.register.pupil_numbers[int(spells.pupil[spell])]
        rows.append((number, start, end if over else None, activity))
    return Table("kaa", ("person_key", "registered_from", "registered_to", "activity"), rows)
