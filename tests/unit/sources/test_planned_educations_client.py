"""Planned Educations from the bundled recording, and where the recording ends."""

import gzip
import json

import pytest

from dagster_project.lib.errors import NotThisFileError, SourceUnavailableError
from dagster_project.lib.sources import planned_educations as pe


@pytest.fixture
def client(recorded):
    return pe.PlannedEducationsClient(recorded(pe.SOURCE))


@pytest.fixture
def recorded_codes(sample_dir):
    listed = sample_dir / "skolverket/planned_educations/units_with_statistics.csv"
    header, *codes = listed.read_text().split()
    assert header == "unit_code"
    return codes


def test_all_units_of_the_recorded_municipalities_come(client):
    pages = client.school_units(pe.RECORDED_AREA_CODES, pe.RECORDED_QUERY)
    assert len(pages) == 29
    assert len(pe.codes_in(pages)) == 432


def test_a_municipality_outside_the_recording_is_not_taken_for_an_empty_one(client):
    with pytest.raises(SourceUnavailableError):
        client.school_units(["0380"], pe.RECORDED_QUERY)


def test_a_list_of_other_municipalities_units_is_refused(agency, connect):
    units = [{"code": "1", "geographicalAreaCode": "0380"}, {"code": "2", "geographicalAreaCode": "0180"}]
    page = {"size": 100, "totalElements": 2, "totalPages": 1, "number": 0}
    body = {"_embedded": {"listedSchoolUnits": units}, "page": page}
    agency.answer = lambda path, query, posted: {"body": body}
    with pytest.raises(NotThisFileError, match="other municipalities"):
        pe.PlannedEducationsClient(connect(pe.SOURCE)).school_units(["0380"])


def test_every_recorded_unit_has_its_statistics(client, recorded_codes):
    found = client.statistics("gr", recorded_codes)
    assert (len(found.answers), found.absent) == (1_674, [])
    bodies = [json.loads(answer.body)["body"]["schoolUnit"] for answer in found.answers]
    assert bodies == recorded_codes
    assert found.answers[0].address == (
        f"https://api.skolverket.se/planned-educations/v4/school-units/{recorded_codes[0]}/statistics/gr"
    )


def test_the_statistics_are_what_was_recorded(client, sample_dir):
    recording = sample_dir / "skolverket/planned_educations/pe_v4_statistics_gr_recorded.ndjson.gz"
    with gzip.open(recording, "rt", encoding="utf-8") as lines:
        record = json.loads(next(lines))
    [answer] = client.statistics("gr", [record["url"].split("/")[-3]]).answers
    assert answer.address == record["url"]
    assert json.loads(answer.body) == record["json"]


def test_units_without_statistics_are_listed_up_to_the_normal_share(client):
    codes = pe.codes_in(client.school_units(pe.RECORDED_AREA_CODES, pe.RECORDED_QUERY))
    found = client.statistics("gr", codes)
    assert (len(found.answers), len(found.absent)) == (413, 19)
    with pytest.raises(SourceUnavailableError, match="19 of 432"):
        client.statistics("gr", codes, max_absent_share=0.04)


def test_statistics_of_a_school_form_that_moved_are_an_error(client, recorded_codes):
    with pytest.raises(SourceUnavailableError, match="20 of 20"):
        client.statistics("gy", recorded_codes[:20])


def test_details_come_for_every_unit_listed(client):
    codes = pe.codes_in(client.school_units(["0180"], pe.RECORDED_QUERY))
    found = client.details(codes)
    assert (len(found.answers), found.absent) == (155, [])
    assert [json.loads(answer.body)["body"]["code"] for answer in found.answers] == codes


def test_details_are_kept_without_e_mail_and_telephone(agency, connect):
    contact = {"email": "rektor@skola.invalid", "telephone": "018-123456", "web": "https://skola.invalid"}
    agency.answer = lambda path, query, posted: {"body": {"code": "12345678", "contactInfo": contact}}
    [answer] = pe.PlannedEducationsClient(connect(pe.SOURCE)).details(["12345678"]).answers
    assert json.loads(answer.body)["body"]["contactInfo"] == {"web": "https://skola.invalid"}
    assert b"rektor" not in answer.body
    assert b"018" not in answer.body


def test_salsa_and_the_survey_come_tabulated_from_the_recording(client):
    [salsa] = client.salsa()
    assert salsa.address.endswith("/v4/statistics/all-schools/salsa")
    assert len(salsa.body.splitlines()) == 1 + 1_487
    [survey] = client.tabulated_surveys()
    assert survey.address.endswith("/v4/tabulated/nestedsurveys.csv")
    assert len(survey.body.splitlines()) == 1 + 3_046


def test_salsa_and_the_survey_come_as_json_from_the_interface(agency, connect, shape):
    salsa = shape("planned_educations_salsa.json")
    survey = shape("pe_v4_nestedsurvey_pupilsgr_sample.json")
    answers = {
        "/v4/statistics/all-schools/salsa": salsa,
        "/v4/school-units/44673074/nestedsurveys/pupilsgr": survey,
    }
    agency.answer = lambda path, query, posted: answers.get(path)
    client = pe.PlannedEducationsClient(connect(pe.SOURCE))
    assert json.loads(client.salsa()[0].body) == salsa
    found = client.nested_surveys("pupilsgr", ["44673074", "11111111"])
    assert [json.loads(answer.body) for answer in found.answers] == [survey]
    assert found.absent == ["11111111"]


def test_the_live_list_asks_with_the_parameters_the_interface_obeys(agency, connect):
    page = {"size": 100, "totalElements": 0, "totalPages": 0, "number": 0}
    agency.answer = lambda path, query, posted: {"body": {"page": page}}
    pe.PlannedEducationsClient(connect(pe.SOURCE)).school_units(["0380", "0180"])
    wanted = {"page": "0", "size": "100", "typeOfSchooling": "gr", "coordinateSystemType": "WGS84"}
    assert [query for _, query, _ in agency.asked] == [
        {**wanted, "geographicalAreaCode": "0380"},
        {**wanted, "geographicalAreaCode": "0180"},
    ]
