"""Skolverket's interface Planned Educations, v4: school units, statistics and SALSA."""

from collections.abc import Iterator, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from dagster_project.lib.answers import Answer
from dagster_project.lib.errors import NotThisFileError
from dagster_project.lib.readers.flat_csv import read_flat
from dagster_project.lib.readers.json_answers import (
    body,
    is_json,
    require,
    require_object,
    require_objects,
    text_of,
)
from dagster_project.lib.readers.result import Collector, ReadResult
from dagster_project.lib.readers.unit_asked_for import NO_UNIT, unit_problem

_UNIT_KEYS: Final = {
    "unit_code": "code",
    "unit_name": "name",
    "municipality_code": "geographicalAreaCode",
    "organiser_kind": "principalOrganizerType",
}
_DETAIL_KEYS: Final = {
    **_UNIT_KEYS,
    "organiser_number": "organisationRegistryNumber",
    "organiser_name": "corporationName",
    "latitude": "wgs84_Lat",
    "longitude": "wgs84_Long",
    "sweref_n": "sweRef_N",
    "sweref_e": "sweRef_E",
    "abroad_school": "abroadSchool",
    "types_of_schooling": "typeOfSchooling",
}
_LIST_KEYS: Final = {**_UNIT_KEYS, "abroad_school": "abroadSchool", "types_of_schooling": "typeOfSchooling"}
_SCHOOL_FORMS: Final = frozenset({"gr", "fsk", "gran", "gy", "gyan"})
# Keys of a statistics answer that are not metrics.
_NO_METRIC: Final = frozenset({"schoolUnit", "docLinks", "_links", "programMetrics", "programCode"})
_SALSA_METRICS: Final = {
    "merit_actual": "salsaAverageGradesIn9thGradeActual",
    "merit_expected": "salsaAverageCalculated",
    "merit_deviation": "salsaAverageGradesIn9thGradeDeviation",
    "passed_actual": "salsaRequirementsReachedActual",
    "passed_expected": "salsaRequirementsReachedCalculated",
    "passed_deviation": "salsaRequirementsReachedDeviation",
    "newly_immigrated_share": "salsaNewlyImmigratedQuota",
    "boys_share": "salsaBoysQuota",
    "parents_education_score": "salsaParentsEducation",
}


def read_school_units(answers: Sequence[Answer]) -> ReadResult:
    """List pages of school units; one row per listed unit.

    Raises:
        NotThisFileError, TruncatedError, WrongEncodingError: the answer is not such a page.
        HeaderChangedError: a key is missing.
    """
    collector = Collector("pe_school_units")
    for answer in answers:
        embedded = require_object(body(answer), "_embedded", answer.address)
        units = require_objects(embedded, "listedSchoolUnits", answer.address)
        collector.delivered += len(units)
        for position, unit in enumerate(units, start=1):
            collector.keys(unit)
            values = [text_of(require(unit, key, answer.address)) for key in _LIST_KEYS.values()]
            if not values[0]:
                collector.reject(answer.address, position, *NO_UNIT)
                continue
            collector.add(answer.address, position, values)
    return collector.result()


def read_school_unit_details(answers: Sequence[Answer]) -> ReadResult:
    """One answer per school unit; one row each. Contact data is never read.

    Raises:
        NotThisFileError, TruncatedError, WrongEncodingError: the answer is not such an answer.
        HeaderChangedError: a key is missing.
    """
    collector = Collector("pe_school_unit_details")
    for answer in answers:
        unit = body(answer)
        collector.keys(unit)
        collector.delivered += 1
        values = [text_of(require(unit, key, answer.address)) for key in _DETAIL_KEYS.values()]
        problem = unit_problem(answer.address, values[0])
        if problem is not None:
            collector.reject(answer.address, 1, *problem)
            continue
        collector.add(answer.address, 1, values)
    return collector.result()


def read_statistics(answers: Sequence[Answer]) -> ReadResult:
    """Statistics per school unit and school form; one row per metric, programme and time period.

    Raises:
        NotThisFileError, TruncatedError, WrongEncodingError: the answer is not such an answer.
        HeaderChangedError: a key is missing.
    """
    collector = Collector("pe_statistics")
    for answer in answers:
        form = urlsplit(answer.address).path.rstrip("/").rsplit("/", 1)[-1]
        if form not in _SCHOOL_FORMS:
            raise NotThisFileError(
                source=answer.address,
                rule="unknown_school_form",
                message=f"the address does not end in a school form ({', '.join(sorted(_SCHOOL_FORMS))})",
                remedy="Fetch the statistics from …/school-units/<code>/statistics/<form>.",
            )
        content = body(answer)
        collector.keys(content)
        if "programMetrics" in content:
            blocks = require_objects(content, "programMetrics", answer.address)
            programmes = [text_of(require(block, "programCode", answer.address)) for block in blocks]
        else:
            blocks, programmes = [content], [None]
        position = 0
        for block, programme in zip(blocks, programmes, strict=True):
            collector.keys(block)
            unit = text_of(require(block, "schoolUnit", answer.address))
            problem = unit_problem(answer.address, unit)
            for metric, cell in _cells(block, answer.address, collector):
                position += 1
                collector.delivered += 1
                if not isinstance(cell, dict) or not {"value", "valueType", "timePeriod"} <= cell.keys():
                    reason = "The metric is not given as value, valueType and timePeriod."
                    collector.reject(answer.address, position, "metric_shape", reason)
                elif problem is not None:
                    collector.reject(answer.address, position, *problem)
                else:
                    measured = (cell["timePeriod"], cell["value"], cell["valueType"])
                    collector.add(
                        answer.address, position, [unit, form, programme, metric, *map(text_of, measured)]
                    )
    return collector.result()


def _cells(block: dict[str, Any], source: str, collector: Collector) -> Iterator[tuple[str, Any]]:
    """Every delivered cell of every metric; a metric may be a list of cells or one cell."""
    for key, value in block.items():
        if key in _NO_METRIC or value is None:
            continue
        if isinstance(value, list):
            yield from ((key, cell) for cell in value)
        elif isinstance(value, dict):
            yield key, value
        elif not key.endswith("SubjectTest"):  # the name of the test a metric stands for
            collector.note(f"{urlsplit(source).path.rsplit('/', 1)[-1]}: unknown field {key!r} ignored")


def read_salsa(answers: Sequence[Answer]) -> ReadResult:
    """SALSA values, from the interface or as the tabulated CSV; one row per school unit and school year.

    In the CSV, columns that were not tabulated are null.

    Raises:
        NotThisFileError, TruncatedError, WrongEncodingError: neither of the two.
        HeaderChangedError: a key or column is missing.
    """
    collector = Collector("pe_salsa")
    for answer in answers:
        if is_json(answer):
            _read_salsa_json(answer, collector)
        else:
            _read_salsa_csv(answer, collector)
    return collector.result()


def _read_salsa_json(answer: Answer, collector: Collector) -> None:
    source = answer.address
    content = body(answer)
    period = text_of(require(content, "timePeriod", source))
    units = require_objects(content, "compulsorySchoolUnitSalsaMetricList", source)
    collector.delivered += len(units)
    for position, unit in enumerate(units, start=1):
        collector.keys(unit)
        code = text_of(require(unit, "schoolUnitCode", source))
        municipality = text_of(require(unit, "geographicalAreaCode", source))
        metrics = [_salsa_value(unit, key, source) for key in _SALSA_METRICS.values()]
        if not code:
            collector.reject(source, position, *NO_UNIT)
            continue
        collector.add(source, position, [code, municipality, period, *metrics])


def _salsa_value(unit: dict[str, Any], key: str, source: str) -> str | None:
    metric = require_object(unit, key, source)
    value = require(metric, "value", source)
    return text_of(value if value is not None else require(metric, "valueType", source))


def _read_salsa_csv(answer: Answer, collector: Collector) -> None:
    headers = {
        "unit_code": ("schoolUnitCode",),
        "municipality_code": ("geographicalAreaCode",),
        "time_period": ("timePeriod",),
        **{column: (key,) for column, key in _SALSA_METRICS.items()},
    }
    tabulated = frozenset({"municipality_code", *_SALSA_METRICS}) - {"merit_actual"}
    file = read_flat(answer, collector, headers, optional=tabulated)
    for name in file.unknown:
        collector.note(f"{answer.address}: unknown column {name!r} ignored")
    for row in file.rows:
        if not row.values["unit_code"]:
            collector.reject(answer.address, row.number, *NO_UNIT)
            continue
        values = [row.values.get(column) for column in headers]
        collector.add(answer.address, row.number, values, identity=tuple(row.cells))
