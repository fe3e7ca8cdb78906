"""Skolenhetsregistret: the open dump of 2020 (CSV per school form) and the interface v2 (an answer per unit).

Names of head masters, e-mail addresses, telephone numbers and street addresses are never read.
"""

import re
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from dagster_project.lib.answers import Answer
from dagster_project.lib.errors import HeaderChangedError, NotThisFileError
from dagster_project.lib.readers.columns import COLUMNS
from dagster_project.lib.readers.flat_csv import read_flat
from dagster_project.lib.readers.json_answers import load, require, require_object, require_objects, text_of
from dagster_project.lib.readers.result import Collector, ReadResult
from dagster_project.lib.readers.unit_asked_for import NO_UNIT, unit_problem

_FORMS: Final = {
    "grundskola": "gr",
    "grundsarskola": "gran",
    "gymnasieskola": "gy",
    "gymnasiesarskola": "gyan",
}
_FILE: Final = re.compile(rf"_({'|'.join(_FORMS)})\.csv$")
_HEADERS: Final[dict[str, tuple[str, ...]]] = {
    "organiser_kind": ("HUVUDMANNATYP",),
    "organiser_number": ("ORGANISATIONSNR",),
    "organiser_name": ("HUVUDMANS NAMN",),
    "county_code": ("LÄN",),
    "county_name": ("LÄNSNAMN",),
    "municipality_code": ("KOMMUN",),
    "municipality_name": ("KOMMUNNAMN",),
    "unit_code": ("SKOLENHETSKOD",),
    "unit_name": ("NAMN",),
    "legal_form": ("JURIDISK FORM",),
}
_V2_KEYS: Final = {
    "unit_name": "displayName",
    "status": "status",
    "municipality_code": "municipalityCode",
    "school_types": "schoolTypes",
    "unit_type": "schoolUnitType",
    "start_date": "startdate",  # so spelt in the interface's description, unlike endDate
    "end_date": "endDate",
}
_MARKS: Final = frozenset({"J", "N"})
_COUNT: Final = re.compile("[0-9]{1,4}")
_PUPILS: Final = re.compile(r"^(TOTALT ANTAL )?ELEVER\b")


def read_register_2020(answers: Sequence[Answer]) -> ReadResult:
    """The dump of 1 June 2020; one row per school unit and school form.

    ``offers`` is a JSON list of the year groups or programmes marked J; ``pupils_by_group`` a JSON object of
    the pupil counts as text, null for school forms without counts.

    Raises:
        NotThisFileError: the file name does not say the school form, or the file is something else.
        TruncatedError, WrongEncodingError: the file is cut short or not UTF-8.
        HeaderChangedError: a column is missing, or there is no column of year groups or programmes.
    """
    collector = Collector("register_2020")
    for answer in answers:
        _read_dump(answer, collector)
    return collector.result()


def _read_dump(answer: Answer, collector: Collector) -> None:
    source = answer.address
    match = _FILE.search(urlsplit(source).path)
    if match is None:
        raise NotThisFileError(
            source=source,
            rule="unknown_school_form",
            message=f"the file name does not end in a school form ({', '.join(_FORMS)})",
            remedy="Keep the file name under which the register was published.",
        )
    file = read_flat(answer, collector, _HEADERS)
    pupils = {name: at for name, at in file.unknown.items() if _PUPILS.match(name)}
    offers = {
        name: at
        for name, at in file.unknown.items()
        if name not in pupils and any(row.cells[at] in _MARKS for row in file.rows)
    }
    if not offers:
        raise HeaderChangedError(
            source=source,
            rule="header_changed",
            message="there is no column of year groups or programmes marked J or N",
            remedy="Check that this is the register's dump for the school form in the file name.",
            row=1,
        )
    for row in file.rows:
        if not row.values["unit_code"]:
            collector.reject(source, row.number, *NO_UNIT)
            continue
        if any(row.cells[at] not in _MARKS for at in offers.values()):
            reason = "A year group or programme is marked with something other than J or N."
            collector.reject(source, row.number, "offer_mark", reason)
            continue
        counts = {name: row.cells[at] for name, at in pupils.items() if row.cells[at]}
        if not all(map(_COUNT.fullmatch, counts.values())):
            reason = "A number of pupils is not a whole number."
            collector.reject(source, row.number, "pupil_count", reason)
            continue
        values = {
            **row.values,
            "school_form": _FORMS[match[1]],
            "offers": text_of([name for name, at in offers.items() if row.cells[at] == "J"]),
            "pupils_by_group": text_of(counts) if pupils else None,
        }
        collector.add(
            source,
            row.number,
            [values[column] for column in COLUMNS["register_2020"]],
            identity=(match[1], *row.cells),
        )


def read_register_v2(answers: Sequence[Answer]) -> ReadResult:
    """Detail answers of the interface v2; one row per school unit. The place is that of the visiting address.

    Raises:
        NotThisFileError, TruncatedError, WrongEncodingError: the answer is not such an answer.
        HeaderChangedError: a key is missing.
    """
    collector = Collector("register_v2")
    for answer in answers:
        source = answer.address
        answered = load(answer)
        data = require_object(answered, "data", source)
        unit = require_object(data, "attributes", source)
        collector.keys(unit)
        collector.delivered += 1
        values = {
            "unit_code": require(data, "schoolUnitCode", source),
            **{column: require(unit, key, source) for column, key in _V2_KEYS.items()},
            "year_groups": _year_groups(unit, source),
            **_visiting_place(unit, source),
            **_organiser(answered, source),
        }
        problem = unit_problem(source, text_of(values["unit_code"]))
        if problem is not None:
            collector.reject(source, 1, *problem)
            continue
        collector.add(source, 1, [text_of(values[column]) for column in COLUMNS["register_v2"]])
    return collector.result()


def _year_groups(unit: dict[str, Any], source: str) -> Any:
    """Year groups of the compulsory school, null for units without one."""
    properties = unit.get("schoolTypeProperties") or {}
    compulsory = properties.get("gr")
    return require(compulsory, "grades", source) if compulsory else None


def _visiting_place(unit: dict[str, Any], source: str) -> dict[str, Any]:
    for address in require_objects(unit, "addresses", source):
        if address.get("type") == "BESOKSADRESS":
            place = address.get("geoCoordinates") or {}
            return {"latitude": place.get("latitude"), "longitude": place.get("longitude")}
    return {"latitude": None, "longitude": None}


def _organiser(answered: dict[str, Any], source: str) -> dict[str, Any]:
    included = require_object(answered, "included", source)
    organiser = require_object(included, "attributes", source)
    return {
        "organiser_number": require(included, "organizationNumber", source),
        "organiser_name": require(organiser, "displayName", source),
        "organiser_kind": require(organiser, "organizerType", source),
    }
