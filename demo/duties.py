"""Duties: who works where, as what, and how much."""

import datetime as dt

from demo.entities import Document, Entities, meta, reference
from demo.organisations import organisation_id
from demo.staff import Holding, Staff, duty_id, person_id
from demo.world import World


def _duty(seed: int, staff: Staff, holding: Holding) -> Document:
    post = staff.posts[holding.post]
    document: Document = {
        "id": duty_id(seed, holding),
        "meta": meta(f"{holding.start - dt.timedelta(days=30)}T09:00:00Z"),
        "person": reference(person_id(seed, holding.person)),
        "dutyAt": reference(organisation_id(seed, post.unit)),
        "dutyRole": post.role,
        "dutyPercent": holding.percent,
        "hoursPerYear": 1767 * holding.percent // 100,
        "startDate": holding.start.isoformat(),
    }
    if holding.end is not None:
        document["endDate"] = holding.end.isoformat()
        document["meta"] = meta(
            document["meta"]["created"], f"{holding.end - dt.timedelta(days=20)}T13:30:00Z"
        )
    return document


def entities(world: World) -> Entities:
    """Everything ``/duties`` lists."""
    return Entities.of(_duty(world.seed, world.staff, holding) for holding in world.staff.holdings)
