"""Who came to förskola and when they left, in the last two months."""

import datetime as dt

import numpy as np

from demo import chance
from demo.calendar import LATEST, instant
from demo.entities import Entities
from demo.preschool import department_id, in_preschool
from demo.world import World

EVENTS_FROM = dt.date(2026, 9, 21)
PRESENT_SHARE = 0.86


def _times(rng: np.random.Generator, count: int, hour: int, spread: int) -> list[int]:
    """Minutes after midnight, from ``hour`` on."""
    return (hour * 60 + rng.integers(0, spread, count)).tolist()  # type: ignore[no-any-return]


def entities(world: World, as_of: dt.date) -> Entities:
    """Everything ``/attendanceEvents`` lists: in and out of förskola on weekdays since ``EVENTS_FROM``."""
    seed, pupils, people = world.seed, world.pupils, world.register
    found = Entities()
    # Every child there will be by the last day the demo knows, so that a day's draws never move.
    children = in_preschool(pupils, EVENTS_FROM, LATEST)
    starts = [pupils.preschool_from[number].item() for number in children]
    groups = [department_id(seed, int(pupils.preschool[n]), int(pupils.department[n])) for n in children]
    for past in range((as_of - EVENTS_FROM).days):
        day = EVENTS_FROM + dt.timedelta(days=past)
        if day.weekday() >= 5:
            continue
        rng = chance.stream(seed, "in and out", day)
        comes = (rng.random(len(children)) < PRESENT_SHARE).tolist()
        arrives, leaves = _times(rng, len(children), 7, 120), _times(rng, len(children), 15, 130)
        for place, number in enumerate(children):
            if not comes[place] or starts[place] > day:
                continue
            for kind, minutes in (("In", arrives[place]), ("Ut", leaves[place])):
                time = instant(day, minutes // 60, minutes % 60)
                identity = f"{day:%Y%m%d}-{'0001' if kind == 'In' else '0002'}-4000-a000-{number:012x}"
                found.add(
                    identity,
                    time,
                    time,
                    (
                        f'{{"id":"{identity}","meta":{{"created":"{time}","modified":"{time}"}},"time":"{time}"'
                        f',"eventType":"{kind}","person":{{"id":"{people.pupil_ids[number]}"}}'
                        f',"group":{{"id":"{groups[place]}"}}}}'
                    ).encode(),
                )
    return found
