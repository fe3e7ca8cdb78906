"""What real servers do differently within, or a little outside, the standard."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson

from demo.calendar import ZONE
from demo.entities import Deletion, Document

_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")


class DeletedShape(StrEnum):
    """How ``/deletedEntities`` answers."""

    AS_SPECIFIED = "grouped, with the standard's misspelt key"
    SPELT_RIGHT = "grouped, spelt right"
    FLAT = "a flat list"


class Instants(StrEnum):
    """How date-times are written."""

    UTC = "Z"
    OFFSET = "with the local offset"
    MIXED = "every other with the local offset"


@dataclass(frozen=True)
class Quirks:
    """How this server differs.

    Attributes:
        default_page: page size when no limit is asked for.
        largest_page: the most it gives, whatever is asked for.
        deleted: see ``DeletedShape``.
        instants: see ``Instants``.
        omit_optional: leaves out attributes the standard does not require, where we do without.
        extra_attributes: adds attributes the standard does not know.
        null_school_year: ``schoolYear`` of enrolments is null.
    """

    default_page: int = 500
    largest_page: int = 2000
    deleted: DeletedShape = DeletedShape.AS_SPECIFIED
    instants: Instants = Instants.UTC
    omit_optional: bool = False
    extra_attributes: bool = False
    null_school_year: bool = False

    @property
    def rewrites(self) -> bool:
        """Whether entities are changed at all."""
        return (
            self.omit_optional
            or self.extra_attributes
            or self.null_school_year
            or self.instants is not Instants.UTC
        )


_OPTIONAL = frozenset(
    {
        "eduPersonPrincipalNames", "emails", "phoneNumbers", "addresses", "responsibles", "personStatus",
        "organisationNumber", "address", "hoursPerYear", "reason", "maxWeeklyScheduleHours", "minutesPlanned",
        "activityType", "trial", "converted", "subjectDesignation", "points", "curriculum", "absenceReason",
    }
)  # fmt: skip


def _walk(value: Any, change: Callable[[Document], Document], on_text: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {key: _walk(inner, change, on_text) for key, inner in change(value).items()}
    if isinstance(value, list):
        return [_walk(inner, change, on_text) for inner in value]
    return on_text(value) if isinstance(value, str) else value


def _local(text: str) -> str:
    return dt.datetime.fromisoformat(text).astimezone(ZONE).isoformat()


def apply(quirks: Quirks, body: bytes, place: int) -> bytes:
    """One entity as this server would write it; ``place`` is its place in the list."""
    if not quirks.rewrites:
        return body
    local = quirks.instants is Instants.OFFSET or (quirks.instants is Instants.MIXED and place % 2 == 1)

    def change(document: Document) -> Document:
        if quirks.omit_optional:
            document = {key: value for key, value in document.items() if key not in _OPTIONAL}
        if quirks.null_school_year and "schoolYear" in document:
            document = {**document, "schoolYear": None}
        return document

    def on_text(text: str) -> str:
        return _local(text) if local and _INSTANT.fullmatch(text) else text

    document = _walk(orjson.loads(body), change, on_text)
    if quirks.extra_attributes:
        document |= {"x-leverantor": {"intern": place}, "_links": ["#"], "tagg": None}
    return orjson.dumps(document)


_GROUPED = {
    "Absence": "absences",
    "AttendanceEvent": "attendanceEvents",
    "Attendance": "attendances",
    "Grade": "grades",
    "Activity": "activitites",
    "Duty": "duties",
    "Placement": "placements",
    "StudyPlan": "studyPlans",
    "Programme": "programmes",
    "Syllabus": "syllabuses",
    "Group": "groups",
    "Person": "persons",
    "Organisation": "organisations",
}
"""Keys of the grouped answer; the standard spells the one of activities so."""


def deleted(quirks: Quirks, deletions: list[Deletion]) -> Any:
    """The data of one page of ``/deletedEntities``."""
    if quirks.deleted is DeletedShape.FLAT:
        return [
            {"entityType": one.kind, "id": one.identity, "deletedAt": one.deleted_at} for one in deletions
        ]
    grouped: dict[str, list[str]] = {}
    for one in deletions:
        key = _GROUPED[one.kind]
        if quirks.deleted is DeletedShape.SPELT_RIGHT and key == "activitites":
            key = "activities"
        grouped.setdefault(key, []).append(one.identity)
    return grouped
