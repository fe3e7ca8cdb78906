"""Query filters of the list endpoints, as the standard names them."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from demo.entities import Document, Entities

PAGING = frozenset({"limit", "pageToken"})
IGNORED = frozenset({"expand", "expandReferenceNames", "sortkey"})
"""Known to the standard and politely ignored."""
META = ("meta.created.before", "meta.created.after", "meta.modified.before", "meta.modified.after")

Values = Callable[[Document], Iterable[str]]


class InvalidFilterError(Exception):
    """A filter that the endpoint does not have, or whose value cannot be read."""


def _path(*names: str) -> Values:
    """The value at a path; lists on the way are walked through; nothing when it is absent."""

    def find(document: Document) -> Iterable[str]:
        found: list[Any] = [document]
        for name in names:
            below = [entry.get(name) for entry in found if isinstance(entry, dict)]
            found = [
                each
                for entry in below
                if entry is not None
                for each in (entry if isinstance(entry, list) else [entry])
            ]
        return [str(entry) for entry in found]

    return find


EQUAL: dict[str, dict[str, Values]] = {
    "organisations": {
        "parent": _path("parentOrganisation", "id"),
        "schoolUnitCode": _path("schoolUnitCode"),
        "organisationCode": _path("organisationCode"),
        "municipalityCode": _path("municipalityCode"),
        "type": _path("organisationType"),
        "schoolTypes": _path("schoolTypes"),
    },
    "persons": {
        "civicNo": _path("civicNo", "value"),
        "eduPersonPrincipalName": _path("eduPersonPrincipalNames"),
        "relationship.organisation": _path("enrolments", "enroledAt", "id"),
    },
    "placements": {
        "organisation": _path("placedAt", "id"),
        "group": _path("group", "id"),
        "child": _path("child", "id"),
    },
    "duties": {
        "organisation": _path("dutyAt", "id"),
        "dutyRole": _path("dutyRole"),
        "person": _path("person", "id"),
    },
    "groups": {
        "groupType": _path("groupType"),
        "schoolTypes": _path("schoolType"),
        "organisation": _path("organisation", "id"),
    },
    "programmes": {"schoolType": _path("schoolType"), "code": _path("code")},
    "studyplans": {"student": _path("student", "id")},
    "syllabuses": {},
    "activities": {
        "teacher": _path("teachers", "duty", "id"),
        "organisation": _path("organisation", "id"),
        "group": _path("groups", "id"),
    },
    "attendances": {"student": _path("student", "id"), "calendarEvent": _path("calendarEvent", "id")},
    "attendanceEvents": {"group": _path("group", "id"), "person": _path("person", "id")},
    "grades": {
        "organisation": _path("organisation", "id"),
        "student": _path("student", "id"),
        "registeredBy": _path("registeredBy", "id"),
    },
    "absences": {
        "organisation": _path("organisation", "id"),
        "student": _path("student", "id"),
        "type": _path("type"),
    },
}
"""Filters on equality, by endpoint: where the values stand that one of the given must equal."""

_SPAN = {
    f"{name}.{side}": (name, side)
    for name in ("startDate", "endDate")
    for side in ("onOrBefore", "onOrAfter")
}
_SPANNED = frozenset({"organisations", "placements", "duties", "groups", "studyplans", "activities"})
_REGISTERED = {f"registeredDate.{side}": ("registeredDate", side) for side in ("onOrBefore", "onOrAfter")}


def _ranges(endpoint: str) -> dict[str, tuple[str, str]]:
    """Filters on a range of dates that an endpoint has."""
    if endpoint == "grades":
        return _REGISTERED
    return _SPAN if endpoint in _SPANNED else {}


def as_utc(text: str) -> str:
    """An RFC 3339 instant as UTC text that sorts.

    Raises:
        InvalidFilterError: it is none.
    """
    try:
        # A `+` that was not percent-encoded arrives as a space.
        moment = dt.datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError as error:
        raise InvalidFilterError(f"not an instant: {text!r}") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _check(endpoint: str, filters: Mapping[str, list[str]]) -> None:
    known = set(META) | set(EQUAL[endpoint]) | set(_ranges(endpoint)) | IGNORED
    unknown = sorted(set(filters) - known)
    if unknown:
        raise InvalidFilterError(f"unknown filter: {', '.join(unknown)}")


def _by_time(entities: Entities, filters: Mapping[str, list[str]]) -> list[int]:
    """Places of the entities that the meta filters keep: before is inclusive, after exclusive."""
    places = list(range(len(entities)))
    for name in META:
        if name not in filters:
            continue
        limit = as_utc(filters[name][0])
        times = entities.created if "created" in name else entities.modified
        if name.endswith("after"):
            places = [place for place in places if times[place] > limit]
        else:
            places = [place for place in places if times[place] <= limit]
    return places


def _within(value: str | None, side: str, limit: str) -> bool:
    if value is None:
        # No last day: not over, hence after every day.
        return side == "onOrAfter"
    return value <= limit if side == "onOrBefore" else value >= limit


def select(endpoint: str, entities: Entities, filters: Mapping[str, list[str]]) -> list[int]:
    """Places of the entities that pass every filter.

    Raises:
        InvalidFilterError: a filter the endpoint does not have, or a value that cannot be read.
    """
    _check(endpoint, filters)
    places = _by_time(entities, filters)
    equal = {name: set(values) for name, values in filters.items() if name in EQUAL[endpoint]}
    ranges = [
        (*_ranges(endpoint)[name], values[0]) for name, values in filters.items() if name in _ranges(endpoint)
    ]
    if not equal and not ranges:
        return places
    kept = []
    documents = dict(enumerate(entities.documents()))
    for place in places:
        document = documents[place]
        if all(wanted & set(EQUAL[endpoint][name](document)) for name, wanted in equal.items()) and all(
            _within(document.get(name), side, limit) for name, side, limit in ranges
        ):
            kept.append(place)
    return kept
