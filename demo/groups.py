"""Classes and teaching groups, with who belongs to them."""

import datetime as dt

import numpy as np

from demo.entities import Document, meta, reference
from demo.organisations import organisation_id
from demo.spells import class_key, class_name, class_of, school_type
from demo.teaching import group_id, second_language_group_id
from demo.units import UNITS
from demo.world import World


def _membership(world: World, place: int, as_of: dt.date) -> Document:
    spells = world.spells
    member: Document = {
        "person": reference(world.register.pupil_ids[int(spells.pupil[place])]),
        "startDate": str(spells.start[place]),
    }
    if spells.closes[place] and spells.end[place] < np.datetime64(as_of):
        member["endDate"] = str(spells.end[place])
    return member


def _changed(members: list[Document], first: str) -> str:
    """When a group's list of members last changed, moves included; the ordinary end of a year is not one."""
    last = first
    for member in members:
        if member["startDate"][5:] != "07-01":
            last = max(last, f"{member['startDate']}T03:35:00Z")
        if "endDate" in member and member["endDate"][5:] != "06-30":
            noticed = dt.date.fromisoformat(member["endDate"]) + dt.timedelta(days=1)
            last = max(last, f"{noticed}T03:35:00Z")
    return last


def documents(world: World, as_of: dt.date) -> list[Document]:
    """Classes and groups for Swedish as a second language, with their members on ``as_of``."""
    seed, spells, teaching = world.seed, world.spells, world.teaching
    known = spells.start <= np.datetime64(as_of)
    keys = class_key(spells)
    order = np.argsort(keys, kind="stable")
    bounds = np.searchsorted(keys[order], teaching.keys).tolist()
    found = []
    for place, key in enumerate(teaching.keys):
        end = bounds[place + 1] if place + 1 < len(bounds) else len(order)
        inside = [n for n in order[bounds[place] : end].tolist() if known[n]]
        year, unit, stage, parallel = class_of(key)
        kind = UNITS[unit].kind
        name = class_name(unit, stage, parallel)
        both = [(group_id(seed, key), "Klass", name, inside)]
        second = [n for n in teaching.second_language.get(key, []) if known[n]]
        if second:
            both.append((second_language_group_id(seed, key), "Undervisning", f"{name} SVA", second))
        for identity, group_type, title, places in both:
            members = [_membership(world, n, as_of) for n in places]
            created = f"{year}-06-10T08:00:00Z"
            found.append(
                {
                    "id": identity,
                    "meta": meta(created, _changed(members, created)),
                    "displayName": title,
                    "startDate": f"{year}-07-01",
                    "endDate": f"{year + 1}-06-30",
                    "groupType": group_type,
                    "schoolType": school_type(kind, stage),
                    "organisation": reference(organisation_id(seed, UNITS[unit].code)),
                    "groupMemberships": members,
                }
            )
    return found
