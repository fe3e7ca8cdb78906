"""Skolverket's and Kolada's JSON answers."""

import json
from typing import Any, NamedTuple

import pytest

from dagster_project.lib.answers import Answer
from dagster_project.lib.errors import (
    DeliveryProblem,
    HeaderChangedError,
    NotThisFileError,
    TruncatedError,
    WrongEncodingError,
)
from dagster_project.lib.readers import EMPTY_TABLES, READERS, ReadResult

PE = "https://example.org/planned-educations/v4"
V2 = "https://example.org/skolenhetsregistret/v2"
V3 = "https://example.org/kolada/v3"


def metric(value: str | None, kind: str = "EXISTS", period: str | None = "2024/25") -> dict[str, Any]:
    return {"value": value, "valueType": kind, "timePeriod": period}


def wrapped(body: Any) -> dict[str, Any]:
    return {"status": "OK", "message": "Success", "body": body}


SALSA_KEYS = [
    "salsaAverageGradesIn9thGradeActual",
    "salsaAverageCalculated",
    "salsaAverageGradesIn9thGradeDeviation",
    "salsaRequirementsReachedActual",
    "salsaRequirementsReachedCalculated",
    "salsaRequirementsReachedDeviation",
    "salsaNewlyImmigratedQuota",
    "salsaBoysQuota",
    "salsaParentsEducation",
]
INDEX_KEYS = [
    "securityMetrics",
    "satisfactionMetrics",
    "workingEnvironmentMetrics",
    "supportMetrics",
    "inspirationMetrics",
]
UNIT = {
    "code": "12345678",
    "name": "Storskolan",
    "geographicalAreaCode": "0380",
    "principalOrganizerType": "Kommunal",
    "abroadSchool": False,
    "typeOfSchooling": [{"code": "gr", "displayName": "Grundskolan", "schoolYears": ["1", "2"]}],
}
DETAIL = {
    **UNIT,
    "organisationRegistryNumber": "2120003005",
    "corporationName": "UPPSALA KOMMUN",
    "wgs84_Lat": "59.85",
    "wgs84_Long": None,
    "sweRef_N": "6638000",
    "sweRef_E": "648000",
    "contactInfo": {"web": "HEMLIGT", "addresses": []},
}
REGISTER = {
    "data": {
        "schoolUnitCode": "12345678",
        "attributes": {
            "displayName": "Storskolan",
            "status": "AKTIV",
            "email": "HEMLIGT",
            "headMaster": "HEMLIGT",
            "phoneNumber": "HEMLIGT",
            "addresses": [
                {"type": "POSTADRESS", "geoCoordinates": {"latitude": None, "longitude": None}},
                {"type": "BESOKSADRESS", "geoCoordinates": {"latitude": "59.16", "longitude": "18.13"}},
            ],
            "schoolUnitType": "SKOLENHET",
            "municipalityCode": "0180",
            "schoolTypes": ["GR", "FKLASS"],
            "schoolTypeProperties": {"gr": {"grades": ["1", "2"]}},
            "startdate": "2022-11-08",
            "endDate": None,
        },
    },
    "included": {
        "organizationNumber": "1234567890",
        "attributes": {"displayName": "Enskilda", "organizerType": "ENSKILD"},
    },
}
STATISTICS = {
    "schoolUnit": "12345678",
    "studentsPerTeacherQuota": [metric("12,5"), metric(".", "MISSING", "2023/24")],
    "specialTeacherPositions": [],
    "totalNumberOfPupils": metric("cirka 270"),
    "docLinks": None,
    "_links": {"self": {"href": "x"}},
}
PROGRAMMES = {
    "programMetrics": [
        {
            "programCode": code,
            "schoolUnit": "12345678",
            "admissionPointsMin": [metric("230,0")],
            "sveSubjectTest": "Svenska 3",
            "docLinks": None,
        }
        for code in ("EK", "EK25")
    ],
    "_links": {},
}
SALSA = {
    "timePeriod": "2024/25",
    "compulsorySchoolUnitSalsaMetricList": [
        {
            "schoolUnitCode": "12345678",
            "geographicalAreaCode": "0380",
            **{key: metric(str(at)) for at, key in enumerate(SALSA_KEYS)},
            "salsaBoysQuota": metric(None, "MISSING"),
        }
    ],
}
GRADE = {
    "schoolUnitCode": "12345678",
    "semester": "VT26",
    "noOfAnswers": "45",
    "schoolYear": "ak5",
    **{key: {"average": f"{at},5"} for at, key in enumerate(INDEX_KEYS)},
}
GUARDIANS = {key: value for key, value in GRADE.items() if key != "schoolYear"}
MUNICIPALITY_DATA = {
    "values": [
        {
            "kpi": "N15505",
            "period": 2024,
            "municipality": "0380",
            "values": [
                {"gender": "T", "value": 235.50, "status": ""},
                {"gender": "K", "value": None, "status": "Missing"},
            ],
        }
    ],
    "next_url": None,
}
UNIT_DATA = {
    "values": [
        {
            "kpi": "N15505",
            "period": 2024,
            "ou": "V15E038000101",
            "values": [{"gender": "T", "value": 4, "status": "", "count": 1, "isdeleted": False}],
        }
    ]
}
KPI = {
    "id": "N15505",
    "title": "Meritvärde",
    "description": "Rad ett\r\nrad två",
    "is_divided_by_gender": True,
    "has_ou_data": False,
}
UNITS = {"values": [{"id": "V15E038000101", "title": "Storskolan", "municipality": "0380"}]}
GROUPS = {
    "values": [
        {
            "id": "G36106",
            "title": "Liknande kommuner",
            "members": [
                {"member_id": "0580", "member_title": "Linköping"},
                {"id": "0680", "title": "Jönköping"},
            ],
        },
        {"id": "G1", "title": "Bara koder", "members": ["1280"]},
    ]
}


class Case(NamedTuple):
    """One kind of answer, and a key without which it cannot be read."""

    table: str
    address: str
    content: dict[str, Any]
    key: str

    def read(self, content: Any = None) -> ReadResult:
        return READERS[self.table]([answer(self.address, self.content if content is None else content)])


CASES = {
    "list": Case(
        "pe_school_units",
        f"{PE}/school-units?page=0",
        wrapped({"_embedded": {"listedSchoolUnits": [UNIT]}}),
        "name",
    ),
    "detail": Case(
        "pe_school_unit_details", f"{PE}/school-units/12345678", wrapped(DETAIL), "corporationName"
    ),
    "gr": Case(
        "pe_statistics", f"{PE}/school-units/12345678/statistics/gr", wrapped(STATISTICS), "schoolUnit"
    ),
    "gy": Case(
        "pe_statistics", f"{PE}/school-units/12345678/statistics/gy", wrapped(PROGRAMMES), "programCode"
    ),
    "salsa": Case("pe_salsa", f"{PE}/statistics/all-schools/salsa", wrapped(SALSA), "salsaAverageCalculated"),
    "pupils": Case(
        "pe_survey",
        f"{PE}/school-units/12345678/nestedsurveys/pupilsgr",
        wrapped({"schoolYearMetrics": [GRADE]}),
        "semester",
    ),
    "guardians": Case(
        "pe_survey",
        f"{PE}/school-units/12345678/nestedsurveys/custodiansfsk",
        wrapped(GUARDIANS),
        "noOfAnswers",
    ),
    "register": Case("register_v2", f"{V2}/school-units/12345678", REGISTER, "displayName"),
    "kpis": Case("kolada_kpis", f"{V3}/kpi", {"values": [KPI]}, "has_ou_data"),
    "municipality data": Case("kolada_municipality_data", f"{V3}/data", MUNICIPALITY_DATA, "period"),
    "unit data": Case("kolada_unit_data", f"{V3}/oudata", UNIT_DATA, "ou"),
    "units": Case("kolada_units", f"{V3}/ou", UNITS, "municipality"),
    "groups": Case("kolada_municipality_groups", f"{V3}/municipality_groups", GROUPS, "members"),
}
each_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())


def answer(address: str, content: Any) -> Answer:
    return Answer(address, json.dumps(content, ensure_ascii=False).encode())


def rows(result: ReadResult) -> list[tuple[Any, ...]]:
    """The rows without their places."""
    return [tuple(row.values())[:-2] for row in result.table.to_pylist()]


def without(content: Any, key: str) -> Any:
    """A copy of ``content`` that has ``key`` nowhere."""
    if isinstance(content, dict):
        return {name: without(value, key) for name, value in content.items() if name != key}
    if isinstance(content, list):
        return [without(value, key) for value in content]
    return content


@each_case
def test_an_answer_is_read_under_the_agreed_columns(case: Case) -> None:
    result = case.read()
    assert result.table.schema == EMPTY_TABLES[case.table]
    assert result.table.num_rows == result.delivered > 0
    assert result.table["_row_number"].to_pylist() == list(range(1, result.delivered + 1))
    assert "HEMLIGT" not in str(result.table.to_pylist())


@each_case
def test_the_same_answer_twice_gives_its_rows_once(case: Case) -> None:
    once = case.read()
    twice = READERS[case.table]([answer(case.address, case.content)] * 2)
    assert twice.table.equals(once.table)
    assert (twice.duplicates, twice.delivered) == (once.delivered, 2 * once.delivered)
    assert twice.schema_fingerprint == once.schema_fingerprint


@each_case
def test_a_missing_key_is_named(case: Case) -> None:
    with pytest.raises(HeaderChangedError) as caught:
        case.read(without(case.content, case.key))
    assert (caught.value.column, caught.value.source) == (case.key, case.address)


@each_case
def test_an_answer_cut_anywhere_is_refused(case: Case) -> None:
    body = answer(case.address, case.content).body
    for cut in range(1, len(body), 7):
        with pytest.raises(TruncatedError):
            READERS[case.table]([Answer(case.address, body[:cut])])


@each_case
@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", NotThisFileError),
        (b"<html>Service unavailable</html>", NotThisFileError),
        (b"[1, 2]", DeliveryProblem),
        (b'{"status": NaN}', NotThisFileError),
        (b'{"status" "OK"}', NotThisFileError),
        (b"{}", HeaderChangedError),
        (b'{"a": "\xe5"}', WrongEncodingError),
        (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", NotThisFileError),
        (b'{"a": ' + b"9" * 5_000 + b"}", NotThisFileError),
        (b'{"a": "\\ud800"}', NotThisFileError),
    ],
)
def test_something_else_in_its_place_is_refused(case: Case, body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        READERS[case.table]([Answer(case.address, body)])


@pytest.mark.parametrize("case", [case for case in CASES.values() if "status" in case.content])
def test_a_status_other_than_ok_is_refused(case: Case) -> None:
    with pytest.raises(NotThisFileError) as caught:
        case.read(case.content | {"status": "404 NOT_FOUND"})
    assert caught.value.rule == "status_not_ok"


def test_school_units_keep_their_types_of_schooling_as_compact_json() -> None:
    case = CASES["list"]
    (row,) = rows(case.read())
    types = '[{"code":"gr","displayName":"Grundskolan","schoolYears":["1","2"]}]'
    assert row == ("12345678", "Storskolan", "0380", "Kommunal", "false", types)


def test_a_school_unit_without_code_is_set_aside() -> None:
    case = CASES["list"]
    units = [UNIT, UNIT | {"code": None, "name": "HEMLIGT"}]
    result = case.read(wrapped({"_embedded": {"listedSchoolUnits": units}}))
    (rejected,) = result.rejected.to_pylist()
    assert (rejected["rule"], rejected["_row_number"]) == ("no_unit_code", 2)
    assert "HEMLIGT" not in rejected["reason"]


def test_statistics_give_a_row_per_delivered_cell_and_none_for_an_empty_metric() -> None:
    case = CASES["gr"]
    assert rows(case.read()) == [
        ("12345678", "gr", None, "studentsPerTeacherQuota", "2024/25", "12,5", "EXISTS"),
        ("12345678", "gr", None, "studentsPerTeacherQuota", "2023/24", ".", "MISSING"),
        ("12345678", "gr", None, "totalNumberOfPupils", "2024/25", "cirka 270", "EXISTS"),
    ]


def test_upper_secondary_statistics_come_per_programme() -> None:
    case = CASES["gy"]
    result = case.read()
    assert [row[:4] for row in rows(result)] == [
        ("12345678", "gy", "EK", "admissionPointsMin"),
        ("12345678", "gy", "EK25", "admissionPointsMin"),
    ]
    assert result.notes == []


def test_a_metric_of_another_shape_is_set_aside() -> None:
    case = CASES["gr"]
    odd = wrapped(case.content["body"] | {"odd": ["12,5"], "odder": {"value": "1"}, "text": "fritext"})
    result = case.read(odd)
    assert result.rejected["rule"].to_pylist() == ["metric_shape", "metric_shape"]
    assert result.table.num_rows == 3
    assert result.notes == ["gr: unknown field 'text' ignored"]


def test_statistics_from_an_address_without_school_form_are_refused() -> None:
    with pytest.raises(NotThisFileError) as caught:
        READERS["pe_statistics"]([answer(f"{PE}/school-units/1/statistics", wrapped(STATISTICS))])
    assert caught.value.rule == "unknown_school_form"


def test_salsa_gives_the_kind_of_a_missing_value_in_its_place() -> None:
    case = CASES["salsa"]
    (row,) = rows(case.read())
    assert row == ("12345678", "0380", "2024/25", "0", "1", "2", "3", "4", "5", "6", "MISSING", "8")


def test_survey_indices_come_with_respondent_and_grade() -> None:
    case = CASES["pupils"]
    found = rows(case.read())
    assert found[0] == ("12345678", "elever_gr", "VT26", "ak5", "trygghet", "0,5", "45")
    assert [row[4] for row in found] == ["trygghet", "nojdhet", "studiero", "stod", "stimulans"]
    case = CASES["guardians"]
    found = rows(case.read())
    assert found[4] == ("12345678", "vardnadshavare_fsk", "VT26", None, "stimulans", "4,5", "45")


def test_a_survey_recorded_without_its_wrapper_is_read_the_same() -> None:
    case = CASES["pupils"]
    bare = case.read(case.content["body"])
    assert bare.table.equals(case.read().table)


def test_an_index_the_survey_does_not_have_is_noted() -> None:
    case = CASES["pupils"]
    result = case.read(without(case.content, "inspirationMetrics"))
    assert result.table.num_rows == 4
    assert result.notes == ["elever_gr: the survey has no inspirationMetrics"]


def test_a_survey_from_an_address_without_respondent_is_refused() -> None:
    with pytest.raises(NotThisFileError) as caught:
        READERS["pe_survey"]([answer(f"{PE}/school-units/1", wrapped({"schoolYearMetrics": [GRADE]}))])
    assert caught.value.rule == "unknown_respondent"


def test_the_register_gives_the_place_of_the_visiting_address() -> None:
    case = CASES["register"]
    (row,) = case.read().table.to_pylist()
    assert (row["latitude"], row["longitude"]) == ("59.16", "18.13")
    assert (row["school_types"], row["year_groups"]) == ('["GR","FKLASS"]', '["1","2"]')
    assert (row["organiser_kind"], row["organiser_number"]) == ("ENSKILD", "1234567890")
    assert (row["start_date"], row["end_date"]) == ("2022-11-08", None)


def test_a_unit_without_compulsory_school_has_no_year_groups() -> None:
    case = CASES["register"]
    (row,) = case.read(without(case.content, "gr")).table.to_pylist()
    assert row["year_groups"] is None


def test_kolada_numbers_stay_as_delivered() -> None:
    body = b'{"values": [{"kpi": "N1", "period": 2024, "municipality": "0380", "values": [%s]}]}'
    value = b'{"gender": "T", "value": 235.50, "status": ""}'
    result = READERS["kolada_municipality_data"]([Answer("data", body % value)])
    assert rows(result) == [("N1", "2024", "0380", "T", "235.50", None, None)]


def test_kolada_rows_deleted_at_the_source_are_set_aside() -> None:
    case = CASES["unit data"]
    deleted = json.loads(json.dumps(case.content).replace("false", "true"))
    result = case.read(deleted)
    assert (result.table.num_rows, result.rejected["rule"].to_pylist()) == (0, ["deleted_at_source"])


def test_comparison_groups_give_a_row_per_member_in_each_spelling() -> None:
    case = CASES["groups"]
    assert rows(case.read()) == [
        ("G36106", "Liknande kommuner", "0580", "Linköping"),
        ("G36106", "Liknande kommuner", "0680", "Jönköping"),
        ("G1", "Bara koder", "1280", None),
    ]
