"""Förskola and fritidshem: placements, departments, and who came and went in the last two months."""

import datetime as dt

import numpy as np

from demo import chance
from demo.calendar import EARLIEST, FIRST_YEAR, LAST_YEAR, LATEST
from demo.entities import ADDED, Deletion, Document, Entities, meta, reference
from demo.organisations import organisation_id
from demo.pupils import PRESCHOOLS, Pupils
from demo.units import BY_CODE, UNITS, Kind
from demo.world import World

AFTER_SCHOOL_SHARE = 0.62
AFTER_SCHOOL_STAGES = 4
_DEPARTMENTS = ("Röd", "Blå", "Gul", "Grön", "Lila")


def department_id(seed: int, unit: int, department: int) -> str:
    """Id of a department of a förskola; ``unit`` is the place in ``PRESCHOOLS``."""
    return chance.identity(seed, "department", unit, department)


def _ends(pupils: Pupils) -> list[dt.date]:
    """Last day in förskola: the summer before förskoleklass."""
    return [dt.date(year, 7, 31) for year in pupils.start_year.tolist()]


def in_preschool(pupils: Pupils, since: dt.date, as_of: dt.date) -> list[int]:
    """Numbers of the children with a placement that ended after ``since`` and began by ``as_of``."""
    ended = np.array(_ends(pupils), dtype="datetime64[D]")
    there = (pupils.preschool >= 0) & (pupils.preschool_from <= np.datetime64(as_of))
    there &= (ended > np.datetime64(since)) & (pupils.preschool_from < ended)
    return [int(n) for n in np.flatnonzero(there)]


def departments(world: World, as_of: dt.date) -> list[Document]:
    """Departments of the förskolor as groups; the children who left are members with a last day."""
    seed, pupils, people = world.seed, world.pupils, world.register
    members: dict[tuple[int, int], list[Document]] = {}
    ends = _ends(pupils)
    for number in in_preschool(pupils, dt.date(FIRST_YEAR, 7, 1), as_of):
        member: Document = {
            "person": reference(people.pupil_ids[number]),
            "startDate": str(pupils.preschool_from[number]),
        }
        if ends[number] < as_of:
            member["endDate"] = ends[number].isoformat()
        members.setdefault((int(pupils.preschool[number]), int(pupils.department[number])), []).append(member)
    documents = []
    for (unit, department), inside in sorted(members.items()):
        last = max(str(value) for member in inside for key, value in member.items() if key != "person")
        documents.append(
            {
                "id": department_id(seed, unit, department),
                "meta": meta(ADDED, max(ADDED, f"{last}T03:00:00Z")),
                "displayName": f"{_DEPARTMENTS[department]} avdelningen",
                "startDate": "2015-08-01",
                "groupType": "Avdelning",
                "schoolType": "FS",
                "organisation": reference(organisation_id(seed, PRESCHOOLS[unit].code)),
                "groupMemberships": inside,
            }
        )
    return documents


def _placement(
    identity: str, *, unit: str, child: str, kind: str, start: dt.date, end: dt.date | None, as_of: dt.date
) -> Document:
    """One placement as it is known on ``as_of``: its last day once it is over."""
    created = f"{start}T03:30:00Z"
    document: Document = {
        "id": identity,
        "meta": meta(created),
        "placedAt": reference(unit),
        "child": reference(child),
        "schoolType": kind,
        "startDate": start.isoformat(),
        "reason": "Omsorgsbehov",
        "maxWeeklyScheduleHours": 40 if kind == "FS" else 25,
    }
    if end is not None and end < as_of:
        document["endDate"] = end.isoformat()
        document["meta"] = meta(created, f"{end}T12:00:00Z")
    return document


def _preschool_placements(world: World, as_of: dt.date) -> list[Document]:
    seed, pupils, people = world.seed, world.pupils, world.register
    ends, starts = _ends(pupils), pupils.preschool_from.tolist()
    found = []
    for number in in_preschool(pupils, dt.date(FIRST_YEAR, 7, 1), as_of):
        unit = int(pupils.preschool[number])
        document = _placement(
            chance.identity(seed, "placement", "FS", number),
            unit=organisation_id(seed, PRESCHOOLS[unit].code),
            child=people.pupil_ids[number],
            kind="FS",
            start=starts[number],
            end=ends[number],
            as_of=as_of,
        )
        document["group"] = reference(department_id(seed, unit, int(pupils.department[number])))
        if number % 6 == 0:
            document |= {"reason": "Erbjuden tid", "maxWeeklyScheduleHours": 15}
        found.append(document)
    return found


def _after_school_placements(world: World, as_of: dt.date) -> list[Document]:
    """One placement per pupil and unit in förskoleklass to year 3."""
    seed, pupils, spells, people = world.seed, world.pupils, world.spells, world.register
    wants = chance.stream(seed, "after school").random(len(pupils)) < AFTER_SCHOOL_SHARE
    young = (
        (spells.stage < AFTER_SCHOOL_STAGES) & wants[spells.pupil] & (spells.start <= np.datetime64(as_of))
    )
    primary = np.array([unit.kind in (Kind.F_6, Kind.F_9) for unit in UNITS])
    chosen = spells.where(young & primary[spells.unit])
    first: dict[tuple[int, int], tuple[dt.date, dt.date]] = {}
    for pupil, unit, start, end in zip(
        *(column.tolist() for column in (chosen.pupil, chosen.unit, chosen.start, chosen.end)), strict=True
    ):
        begun, _ = first.get((pupil, unit), (start, end))
        first[pupil, unit] = (begun, end)
    return [
        _placement(
            chance.identity(seed, "placement", "FTH", pupil, unit),
            unit=organisation_id(seed, UNITS[unit].code),
            child=people.pupil_ids[pupil],
            kind="FTH",
            start=start,
            end=end,
            as_of=as_of,
        )
        for (pupil, unit), (start, end) in first.items()
    ]


def placements(world: World, as_of: dt.date) -> tuple[Entities, tuple[Deletion, ...]]:
    """Everything ``/placements`` lists, and what was deleted: one placement a day from ``EARLIEST``."""
    seed, pupils, people = world.seed, world.pupils, world.register
    documents = _preschool_placements(world, as_of)
    documents += _after_school_placements(world, as_of)
    # Placements entered by mistake: there from the start, deleted on their day.
    stays = (pupils.slot >= 0) & np.isnat(pupils.left) & np.isnat(pupils.arrived)
    spare = np.flatnonzero(stays & (pupils.start_year == LAST_YEAR) & (pupils.preschool < 0))
    deletions = []
    for past in range((LATEST - EARLIEST).days + 1):
        day = EARLIEST + dt.timedelta(days=past)
        child = int(spare[past % len(spare)])
        identity = chance.identity(seed, "placement", "mistake", past)
        if day <= as_of:
            deletions.append(Deletion(f"{day}T03:40:{past % 60:02d}Z", "Placement", identity))
        else:
            unit = organisation_id(seed, BY_CODE["99990001"].code)
            mistake = _placement(
                identity,
                unit=unit,
                child=people.pupil_ids[child],
                kind="FTH",
                start=dt.date(LAST_YEAR, 8, 1),
                end=None,
                as_of=as_of,
            )
            documents.append(mistake)
    return Entities.of(documents), tuple(deletions)
