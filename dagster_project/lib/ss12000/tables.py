"""What is kept of SS 12000: per raw table the columns, where each stands in an entity, what is done to it.

This is the edge's whitelist. An attribute that is not named here is dropped before anything is stored,
whether the standard knows it or not.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final


class As(Enum):
    """What becomes of a value at the edge."""

    TEXT = (
        auto()
    )  # as delivered, numbers and booleans as JSON writes them; blank if an identity number is in it
    PERSON = auto()  # a person's id -> pseudonym
    CIVIC_NUMBER = auto()  # an identity number -> pseudonym, none when it is no such number
    MONTH = auto()  # a date -> YYYY-MM
    LIST = auto()  # a list of texts, joined with commas
    IS_FILLED = auto()  # whether there is a text: 'true' or 'false'; the text itself is dropped


@dataclass(frozen=True)
class Field:
    """One column of a raw table.

    Attributes:
        column: its name.
        path: attribute names from the entity, or from the element of :attr:`Table.elements` down.
        kind: what is done to the value.
        is_required: an entity without it is set aside.
        of_entity: the path starts at the entity although the table has a row per element.
        other_path: where the value stands in servers that keep to the other of two names in the standard.
    """

    column: str
    path: tuple[str, ...]
    kind: As = As.TEXT
    is_required: bool = False
    of_entity: bool = False
    other_path: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Table:
    """One raw table.

    Attributes:
        name: in schema ``raw``.
        description: what a row is.
        fields: its columns, in order.
        key: columns that tell entities apart; a later version takes the place of an earlier one.
        elements: attribute of the entity with a list that gives a row per element; none for one per entity.
    """

    name: str
    description: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    elements: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(field.column for field in self.fields)


@dataclass(frozen=True)
class Endpoint:
    """One list of the server and the raw tables its entities go to.

    Attributes:
        name: as in the address, ``/<name>``.
        dataset: its short name.
        tables: the first has a row per entity.
    """

    name: str
    dataset: str
    tables: tuple[Table, ...]


def _field(
    column: str, path: str, kind: As = As.TEXT, *, required: bool = False, of_entity: bool = False
) -> Field:
    return Field(column, tuple(path.split(".")), kind, required, of_entity)


def _fields(**paths: str) -> list[Field]:
    return [_field(column, path) for column, path in paths.items()]


_ID: Final = _field("id", "id", required=True)
_META: Final = _field("meta_modified", "meta.modified")
_SPAN: Final = tuple(_fields(start_date="startDate", end_date="endDate"))


def _student(*, required: bool = True) -> Field:
    return _field("student_key", "student.id", As.PERSON, required=required)


def _table(name: str, description: str, *fields: Field | Iterable[Field]) -> Table:
    flat = [one for field in fields for one in ([field] if isinstance(field, Field) else field)]
    return Table(f"ss12000_{name}", description, (_ID, *flat, _META), ("id",))


_ORGANISATIONS: Final = _table(
    "organisations",
    "Organisations from huvudman to skolenhet: one row per organisation.",
    _fields(
        display_name="displayName",
        organisation_code="organisationCode",
        organisation_type="organisationType",
        # A sole trader's is an identity number, and left blank.
        organisation_number="organisationNumber",
        parent_organisation_id="parentOrganisation.id",
        school_unit_code="schoolUnitCode",
    ),
    _field("school_types", "schoolTypes", As.LIST),
    _fields(municipality_code="municipalityCode"),
    _SPAN,
)

_PERSONS: Final = Table(
    "ss12000_persons",
    "Persons as pseudonyms, guardians and staff included: one row per person.",
    (
        _field("person_id_key", "id", As.PERSON, required=True),
        _field("civic_no_key", "civicNo.value", As.CIVIC_NUMBER),
        _field("birth_month", "birthDate", As.MONTH),
        *_fields(sex="sex", security_marking="securityMarking", person_status="personStatus"),
        _META,
    ),
    ("person_id_key",),
)

_ENROLMENTS: Final = Table(
    "ss12000_enrolments",
    "Enrolments: one row per enrolment; a later version of the person replaces all of them.",
    (
        _field("person_id_key", "id", As.PERSON, required=True, of_entity=True),
        *_fields(enroled_at_id="enroledAt.id", school_year="schoolYear", school_type="schoolType"),
        *_SPAN,
        *_fields(cancelled="cancelled", education_code="educationCode", programme_id="programme.id"),
        _field("meta_modified", "meta.modified", of_entity=True),
    ),
    ("person_id_key",),
    elements="enrolments",
)

_PLACEMENTS: Final = _table(
    "placements",
    "Placements in preschool and school-age care: one row per placement.",
    _fields(placed_at_id="placedAt.id", group_id="group.id"),
    _field("child_key", "child.id", As.PERSON, required=True),
    _fields(school_type="schoolType"),
    _SPAN,
    _fields(reason="reason", max_weekly_schedule_hours="maxWeeklyScheduleHours"),
)

_DUTIES: Final = _table(
    "duties",
    "Staff duties: one row per duty.",
    _field("person_id_key", "person.id", As.PERSON),
    _fields(
        duty_at_id="dutyAt.id",
        duty_role="dutyRole",
        duty_percent="dutyPercent",
        hours_per_year="hoursPerYear",
    ),
    _SPAN,
)

_GROUPS: Final = _table(
    "groups",
    # Their names are left out: a group of one bears the name of its pupil.
    "Classes, teaching groups and preschool groups: one row per group.",
    _fields(group_type="groupType", school_type="schoolType", organisation_id="organisation.id"),
    _SPAN,
)

_GROUP_MEMBERSHIPS: Final = Table(
    "ss12000_group_memberships",
    "Members of groups: one row per membership; a later version of the group replaces all of them.",
    (
        _field("group_id", "id", required=True, of_entity=True),
        _field("person_id_key", "person.id", As.PERSON, required=True),
        *_SPAN,
        _field("meta_modified", "meta.modified", of_entity=True),
    ),
    ("group_id",),
    elements="groupMemberships",
)

_ACTIVITIES: Final = _table(
    "activities",
    # Their names are left out, as those of groups.
    "Activities, such as a subject taught to a group: one row per activity.",
    _fields(
        activity_type="activityType",
        minutes_planned="minutesPlanned",
        organisation_id="organisation.id",
        syllabus_id="syllabus.id",
        parent_activity_id="parentActivity.id",
    ),
    _field("group_ids", "groups.id", As.LIST),
    _SPAN,
)

_ACTIVITY_TEACHERS: Final = Table(
    "ss12000_activity_teachers",
    "Who teaches an activity: one row per activity and duty; a later version replaces all of them.",
    (
        _field("activity_id", "id", required=True, of_entity=True),
        _field("duty_id", "duty.id", required=True),
        *_SPAN,
        *_fields(minutes_planned="minutesPlanned", grader="grader"),
        _field("meta_modified", "meta.modified", of_entity=True),
    ),
    ("activity_id",),
    elements="teachers",
)

_SYLLABUSES: Final = _table(
    "syllabuses",
    "Subjects and courses: one row per syllabus.",
    _fields(
        school_type="schoolType",
        subject_code="subjectCode",
        subject_name="subjectName",
        subject_designation="subjectDesignation",
        course_code="courseCode",
        course_name="courseName",
        start_school_year="startSchoolYear",
        end_school_year="endSchoolYear",
        points="points",
        curriculum="curriculum",
        official="official",
    ),
)

_PROGRAMMES: Final = _table(
    "programmes",
    "Programmes of upper secondary school: one row per programme.",
    _fields(
        name="name",
        type="type",
        parent_programme_id="parentProgramme.id",
        school_type="schoolType",
        code="code",
    ),
)

_STUDY_PLANS: Final = _table(
    "study_plans", "Individual study plans: one row per plan, without its content.", _student(), _SPAN
)

_GRADES: Final = _table(
    "grades",
    "Grades: one row per grade.",
    _student(),
    # The standard defines `organisation` and demands `schoolUnit`.
    replace(_field("organisation_id", "organisation.id"), other_path=("schoolUnit", "id")),
    _fields(
        registered_date="registeredDate",
        grade_value="gradeValue",
        final_grade="finalGrade",
        trial="trial",
        converted="converted",
    ),
    _field("has_adapted_study_plan", "adaptedStudyPlan", As.IS_FILLED),
    _fields(
        correction_type="correctionType",
        semester="semester",
        year="year",
        syllabus_id="syllabus.id",
    ),
)

_ABSENCES: Final = _table(
    "absences",
    "Absence reported in advance: one row per report.",
    _student(),
    _fields(organisation_id="organisation.id", start_time="startTime", end_time="endTime", type="type"),
)

_ATTENDANCES: Final = _table(
    "attendances",
    "Attendance at one lesson: one row per pupil and lesson.",
    _fields(calendar_event_id="calendarEvent.id"),
    _student(),
    _fields(
        is_reported="isReported",
        attendance_minutes="attendanceMinutes",
        valid_absence_minutes="validAbsenceMinutes",
        invalid_absence_minutes="invalidAbsenceMinutes",
        other_attendance_minutes="otherAttendanceMinutes",
    ),
)

_ATTENDANCE_EVENTS: Final = _table(
    "attendance_events",
    "Children checked in and out: one row per event.",
    _fields(time="time", event_type="eventType"),
    # 2.0.0 defines `person` and demands `child`.
    replace(_field("person_id_key", "person.id", As.PERSON, required=True), other_path=("child", "id")),
    _fields(group_id="group.id"),
)

_AGGREGATED: Final = Table(
    "ss12000_aggregated_attendance",
    "Attendance summed over a calendar month: one row per pupil and activity.",
    (
        _field("activity_id", "activity.id", required=True),
        _student(),
        *_SPAN,
        *_fields(
            attendance_sum="attendanceSum",
            valid_absence_sum="validAbsenceSum",
            invalid_absence_sum="invalidAbsenceSum",
            other_attendance_sum="otherAttendanceSum",
            reported_sum="reportedSum",
            offered_sum="offeredSum",
        ),
    ),
    ("activity_id", "student_key", "start_date", "end_date"),
)

DELETED_TABLE: Final = Table(
    "ss12000_deleted_entities",
    "What has been deleted: one row per entity; a person's id as pseudonym.",
    (
        _field("entity_type", "entity_type", required=True),
        _field("id", "id", required=True),
        _field("deleted_at", "deleted_at"),
        _field("asked_at", "asked_at"),
    ),
    ("entity_type", "id"),
)

#: Lists that are fetched whole once, then by what has been modified since.
INCREMENTAL: Final = (
    Endpoint("organisations", "organisations", (_ORGANISATIONS,)),
    Endpoint("persons", "persons", (_PERSONS, _ENROLMENTS)),
    Endpoint("placements", "placements", (_PLACEMENTS,)),
    Endpoint("duties", "duties", (_DUTIES,)),
    Endpoint("groups", "groups", (_GROUPS, _GROUP_MEMBERSHIPS)),
    Endpoint("activities", "activities", (_ACTIVITIES, _ACTIVITY_TEACHERS)),
    Endpoint("syllabuses", "syllabuses", (_SYLLABUSES,)),
    Endpoint("programmes", "programmes", (_PROGRAMMES,)),
    Endpoint("studyplans", "study_plans", (_STUDY_PLANS,)),
    Endpoint("grades", "grades", (_GRADES,)),
    Endpoint("absences", "absences", (_ABSENCES,)),
    Endpoint("attendances", "attendances", (_ATTENDANCES,)),
    Endpoint("attendanceEvents", "attendance_events", (_ATTENDANCE_EVENTS,)),
)
AGGREGATED: Final = Endpoint("aggregatedAttendance", "aggregated_attendance", (_AGGREGATED,))
DELETED: Final = Endpoint("deletedEntities", "deleted_entities", (DELETED_TABLE,))
# A row per pupil and lesson, of which no mart is made: whatever becomes of them, the others are there.
_LAST: Final = frozenset({"absences", "attendances"})
ENDPOINTS: Final = (
    *(one for one in INCREMENTAL if one.dataset not in _LAST),
    AGGREGATED,
    DELETED,
    *(one for one in INCREMENTAL if one.dataset in _LAST),
)

TABLES: Final[dict[str, Table]] = {table.name: table for one in ENDPOINTS for table in one.tables}
SS12000_COLUMNS: Final[dict[str, tuple[str, ...]]] = {name: table.columns for name, table in TABLES.items()}
