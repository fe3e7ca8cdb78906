"""Absence told in advance: leave that was granted and illness that was reported, this autumn."""

import datetime as dt

import numpy as np

from demo import chance
from demo.calendar import LATEST, instant, school_days
from demo.entities import Document, Entities, meta, reference
from demo.organisations import organisation_id
from demo.spells import UPPER_FROM
from demo.units import UNITS
from demo.world import World

PER_DAY = 6


def _of_day(world: World, day: dt.date) -> list[Document]:
    seed, pupils, spells, people = world.seed, world.pupils, world.spells, world.register
    rng = chance.stream(seed, "absences", day)
    morning = np.datetime64(day)
    there = np.flatnonzero((spells.start <= morning) & (spells.end >= morning) & (spells.stage < UPPER_FROM))
    weights = pupils.proneness[spells.pupil[there]]
    chosen = rng.choice(there, PER_DAY, replace=False, p=weights / weights.sum()).tolist()
    found = []
    for place, spell in enumerate(chosen):
        pupil = int(spells.pupil[spell])
        identity = chance.identity(seed, "absence", day, place)
        guardian = people.guardians_of[pupil][0]
        granted = rng.random() < 0.25
        found.append(
            {
                "id": identity,
                "meta": meta(instant(day, 6, 5 + place)),
                "startTime": instant(day, 8),
                "endTime": instant(day, 12 if rng.random() < 0.3 else 16),
                "type": "Beviljad ledighet" if granted else "Anmäld frånvaro",
                "student": reference(people.pupil_ids[pupil]),
                "organisation": reference(organisation_id(seed, UNITS[int(spells.unit[spell])].code)),
                "registeredBy": {
                    "id": people.guardian_ids[guardian],
                    "displayName": people.guardian_contacts[guardian].name,
                },
            }
        )
    return found


def entities(world: World, as_of: dt.date) -> Entities:
    """Everything ``/absences`` lists: the school days of this autumn before ``as_of``."""
    days = [day for day in school_days(2026) if day < min(as_of, LATEST)]
    return Entities.of(document for day in days for document in _of_day(world, day))
