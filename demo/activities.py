"""Activities: what is taught to which class, and by whom."""

from demo.calendar import TERMS
from demo.entities import Document, Entities, meta, reference
from demo.organisations import organisation_id
from demo.spells import class_name, class_of
from demo.staff import duty_id
from demo.subjects import BY_DESIGNATION, syllabus_id
from demo.teaching import PART_OF_CLASS, Taught, activity_id, group_id, second_language_group_id
from demo.units import UNITS
from demo.world import World


def _activity(seed: int, taught: Taught, identity: str, group: str) -> Document:
    year, unit, stage, parallel = class_of(taught.key)
    first, last = TERMS[year][0][0].isoformat(), TERMS[year][1][1].isoformat()
    document: Document = {
        "id": identity,
        "meta": meta(f"{year}-08-01T09:00:00Z"),
        "displayName": f"{taught.name} {class_name(unit, stage, parallel)}",
        "calendarEventsRequired": True,
        "startDate": first,
        "endDate": last,
        "activityType": "Undervisning",
        "minutesPlanned": taught.minutes,
        "groups": [reference(group)],
        "teachers": [],
        "organisation": reference(organisation_id(seed, UNITS[unit].code)),
    }
    if taught.code:
        document["syllabus"] = reference(syllabus_id(seed, taught.code))
    if taught.holding is not None:
        document["teachers"] = [
            {
                "duty": reference(duty_id(seed, taught.holding)),
                "startDate": first,
                "endDate": last,
                "minutesPlanned": taught.minutes,
                "grader": stage >= 6,
            }
        ]
    return document


def entities(world: World) -> Entities:
    """Everything ``/activities`` lists."""
    seed, teaching = world.seed, world.teaching
    documents = []
    second = BY_DESIGNATION[PART_OF_CLASS]
    for key in teaching.keys:
        for taught in teaching.taught[key]:
            identity = activity_id(seed, key, taught.subject)
            documents.append(_activity(seed, taught, identity, group_id(seed, key)))
            if taught.subject == "SV" and key in teaching.second_language:
                own = Taught(
                    key, second.designation, second.code, second.name, taught.minutes, taught.holding, False
                )
                identity = activity_id(seed, key, PART_OF_CLASS)
                documents.append(_activity(seed, own, identity, second_language_group_id(seed, key)))
    return Entities.of(documents)
