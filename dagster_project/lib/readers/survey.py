"""Skolinspektionen's school survey (Skolenkäten), by way of Planned Educations."""

import re
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from dagster_project.lib.answers import Answer
from dagster_project.lib.errors import NotThisFileError
from dagster_project.lib.readers.flat_csv import read_flat
from dagster_project.lib.readers.json_answers import (
    body,
    is_json,
    load,
    require,
    require_object,
    require_objects,
    text_of,
)
from dagster_project.lib.readers.result import Collector, ReadResult
from dagster_project.lib.readers.unit_asked_for import NO_UNIT, unit_problem

_INDICES: Final = {
    "trygghet": "securityMetrics",
    "nojdhet": "satisfactionMetrics",
    "studiero": "workingEnvironmentMetrics",
    "stod": "supportMetrics",
    "stimulans": "inspirationMetrics",
}
_RESPONDENTS: Final = {"pupils": "elever", "custodians": "vardnadshavare"}
_ADDRESS: Final = re.compile(r"/nestedsurveys/(pupils|custodians)(fsk|gr|gran|gy|gyan)/?$")


def read_survey(answers: Sequence[Answer]) -> ReadResult:
    """Survey indices; one row per unit, respondent group, semester, grade and index.

    Reads the nested survey answers and the tabulated CSV (five indices a line). An index that an answer does
    not have gives no row; one without a mean gives a row without a value.

    Raises:
        NotThisFileError, TruncatedError, WrongEncodingError: neither of the two.
        HeaderChangedError: a key or column is missing.
    """
    collector = Collector("pe_survey")
    for answer in answers:
        if is_json(answer):
            _read_json(answer, collector)
        else:
            _read_csv(answer, collector)
    return collector.result()


def _read_json(answer: Answer, collector: Collector) -> None:
    source = answer.address
    match = _ADDRESS.search(urlsplit(source).path)
    if match is None:
        raise NotThisFileError(
            source=source,
            rule="unknown_respondent",
            message="the address does not say who answered",
            remedy="Fetch the survey from …/nestedsurveys/<respondents>, such as pupilsgr or custodiansgr.",
        )
    respondent = f"{_RESPONDENTS[match[1]]}_{match[2]}"
    position = 0
    for block in _blocks(answer):
        collector.keys(block)
        unit, semester, answers = (
            text_of(require(block, key, source)) for key in ("schoolUnitCode", "semester", "noOfAnswers")
        )
        problem = unit_problem(source, unit)
        grade = text_of(block.get("schoolYear"))
        for index, key in _INDICES.items():
            if key not in block:
                collector.note(f"{respondent}: the survey has no {key}")
                continue
            mean = text_of(require(require_object(block, key, source), "average", source))
            position += 1
            collector.delivered += 1
            if problem is not None:
                collector.reject(source, position, *problem)
                continue
            collector.add(source, position, [unit, respondent, semester, grade, index, mean, answers])


def _blocks(answer: Answer) -> list[dict[str, Any]]:
    """The blocks of metrics: one per grade for pupils, the body itself for guardians."""
    content = load(answer)
    # Recordings exist both of the whole answer and of its body alone.
    if "schoolYearMetrics" not in content:
        content = body(answer)
    if "schoolYearMetrics" in content:
        return require_objects(content, "schoolYearMetrics", answer.address)
    return [content]


def _read_csv(answer: Answer, collector: Collector) -> None:
    headers = {
        "unit_code": ("schoolUnitCode",),
        "respondent": ("respondent",),
        "semester": ("semester",),
        "grade": ("grade",),
        "answers": ("n_answers",),
        **{index: (index,) for index in _INDICES},
    }
    file = read_flat(answer, collector, headers, rows_per_line=len(_INDICES))
    for name in file.unknown:
        collector.note(f"{answer.address}: unknown column {name!r} ignored")
    for row in file.rows:
        unit, respondent, semester, grade, answers = (
            row.values[key] for key in ("unit_code", "respondent", "semester", "grade", "answers")
        )
        for index in _INDICES:
            if not unit:
                collector.reject(answer.address, row.number, *NO_UNIT)
                continue
            collector.add(
                answer.address,
                row.number,
                [unit, respondent, semester, grade, index, row.values[index], answers],
                identity=(*row.cells, index),
            )
