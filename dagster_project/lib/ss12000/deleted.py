"""What ``/deletedEntities`` says, in any of its shapes: one entry per deleted entity.

The standard's answer is an object of lists of ids, with ``activitites`` so spelled; others spell it right,
and some answer with a list of ``{entityType, id, deletedAt}``.
"""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any, Final

from dagster_project.lib.pseudonyms import Pseudonymiser
from dagster_project.lib.ss12000.client import Page
from dagster_project.lib.ss12000.tables import INCREMENTAL

_PERSONS: Final = "persons"
# Spellings, without case and underscores: of the grouped answer, of EndPointsEnum, and of the addresses.
_SINGULAR: Final = {
    "activities": "activity",
    "duties": "duty",
    "syllabuses": "syllabus",
}
_KINDS: Final[dict[str, str]] = {"activitites": "activities"}
for _endpoint in INCREMENTAL:
    _plural = _endpoint.dataset.replace("_", "")
    _KINDS[_plural] = _endpoint.dataset
    _KINDS[_SINGULAR.get(_plural, _plural.removesuffix("s"))] = _endpoint.dataset


def kind_of(spelling: object) -> str | None:
    """Dataset of an entity type as a server spells it; none for a type that is not fetched."""
    return _KINDS.get(re.sub(r"[^a-z]", "", spelling.lower())) if isinstance(spelling, str) else None


def entries(page: Page, asked_at: dt.datetime, pseudonymiser: Pseudonymiser) -> Iterator[dict[str, Any]]:
    """Entries of one page: ``entity_type``, ``id``, ``deleted_at``, ``asked_at``; other types left out.

    A person's id leaves as a pseudonym. What is no id stays out of the entry, which is then set aside.
    """
    asked = f"{asked_at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"
    for spelling, identity, deleted_at in _told(page.data):
        kind = kind_of(spelling)
        if kind is None:
            continue
        entry = {"entity_type": kind, "deleted_at": deleted_at, "asked_at": asked}
        if isinstance(identity, str):
            entry["id"] = pseudonymiser.of_person_id(identity) if kind == _PERSONS else identity
        yield entry


def _told(data: list[Any] | dict[str, Any]) -> Iterator[tuple[object, object, object]]:
    if isinstance(data, dict):
        for spelling, identities in data.items():
            for identity in identities if isinstance(identities, list) else ():
                yield spelling, identity, None
        return
    for item in data:
        if isinstance(item, dict):
            if "id" in item or "entityType" in item:
                yield item.get("entityType"), item.get("id"), item.get("deletedAt")
            else:
                # A list of grouped objects: some servers wrap the standard's object in one.
                yield from _told(item)
