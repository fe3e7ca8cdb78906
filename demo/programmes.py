"""Programmes of gymnasieskolan."""

from demo import chance
from demo.entities import ADDED, Entities, meta
from demo.pupils import PROGRAMMES


def entities(seed: int) -> Entities:
    """Everything ``/programmes`` lists."""
    distinct = {programme.code: programme for programme in PROGRAMMES}
    return Entities.of(
        {
            "id": chance.identity(seed, "programme", programme.code),
            "meta": meta(ADDED),
            "name": programme.name,
            "type": programme.kind,
            "schoolType": "GY",
            "code": programme.code,
        }
        for programme in distinct.values()
    )
