"""The register of school units, without what it says about persons."""

import json

import pytest

from dagster_project.lib.errors import NotThisFileError, PageLedgerError
from dagster_project.lib.sources import skolenhetsregistret as register

LISTED = [{"schoolUnitCode": code, "name": f"Skola {code}", "status": "AKTIV"} for code in ("1", "2")]


def unit_list(units):
    return {"meta": {}, "data": {"type": "schoolunit", "attributes": units}}


@pytest.fixture
def client(connect):
    return register.SkolenhetsregistretClient(connect(register.SOURCE))


def test_the_list_is_asked_for_with_the_filters_given(agency, client):
    agency.answer = lambda path, query, posted: unit_list(LISTED)
    [answer] = client.school_units(municipality_code="0380", status="AKTIV")
    assert register.codes_in(answer) == ["1", "2"]
    query = {"municipality_code": "0380", "status": "AKTIV"}
    assert agency.asked == [("/v2/school-units", query, None)]


def test_a_list_that_names_a_unit_twice_is_refused(agency, client):
    agency.answer = lambda path, query, posted: unit_list([*LISTED, LISTED[0]])
    with pytest.raises(PageLedgerError, match="twice"):
        client.school_units()


@pytest.mark.parametrize("answer", [{}, {"data": {}}, {"data": {"attributes": {}}}, [], "text"])
def test_an_answer_that_is_no_list_is_refused(agency, client, answer):
    agency.answer = lambda path, query, posted: answer
    with pytest.raises(NotThisFileError):
        client.school_units()


def test_details_are_kept_without_head_master_e_mail_and_telephone(agency, client, shape):
    delivered = shape("skolenhetsregistret_v2_school_unit.json")
    agency.answer = lambda path, query, posted: delivered if path.endswith("/12345678") else None
    found = client.details(["12345678", "99999999"], on="2021-03-01", max_absent_share=0.5)
    assert found.absent == ["99999999"]
    assert agency.asked[0] == ("/v2/school-units/12345678", {"search_date": "2021-03-01"}, None)
    [answer] = found.answers
    for personal in ("Förnamn", "headMaster", "storskolan@", "email", "phoneNumber", "Rektorsexpeditionen"):
        assert personal not in answer.body.decode()
    kept = json.loads(answer.body)
    attributes = delivered["data"]["attributes"]
    assert attributes["headMaster"] == "Förnamn Efternamn"
    assert kept["data"]["attributes"]["displayName"] == attributes["displayName"]
    assert kept["data"]["attributes"]["schoolTypeProperties"] == attributes["schoolTypeProperties"]
    assert kept["included"] == delivered["included"]
    [_, visiting] = kept["data"]["attributes"]["addresses"]
    assert visiting["geoCoordinates"] == attributes["addresses"][1]["geoCoordinates"]


def test_the_dump_of_2020_comes_byte_for_byte_from_the_recording(recorded, sample_dir):
    answers = register.SkolenhetsregistretClient(recorded(register.SOURCE)).dump_2020()
    folder = sample_dir / "skolverket/skolenhetsregistret"
    assert {answer.address.rsplit("/", 1)[1]: answer.body for answer in answers} == {
        path.name: path.read_bytes() for path in folder.glob("*.csv")
    }
    assert len(answers) == 4
