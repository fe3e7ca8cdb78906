"""What a search for personal data looks for is complete."""

import orjson

import demo
from demo.civic_numbers import spellings
from demo.municipality import Municipality

TEXTS = {"givenName", "familyName", "streetAddress"}


def test_everything_personal_in_persons_is_listed(municipality: Municipality) -> None:
    wanted = demo.identities(municipality)
    for document in municipality.endpoints["persons"].documents():
        assert document["civicNo"]["value"] in wanted.civic_numbers
        assert document["id"] in wanted.person_ids
        assert {document["givenName"], document["familyName"]} <= wanted.names
        assert {mail["value"] for mail in document["emails"]} <= wanted.emails
        assert {phone["value"] for phone in document.get("phoneNumbers", [])} <= wanted.phones
        assert {address["streetAddress"] for address in document.get("addresses", [])} <= wanted.addresses


def test_a_number_is_looked_for_as_it_is_commonly_written() -> None:
    assert spellings("201304122383") == [
        "201304122383",
        "20130412-2383",
        "1304122383",
        "130412-2383",
        "130412+2383",
    ]
    assert spellings("20130101TF01") == ["20130101TF01"]


def test_the_search_does_not_hit_what_is_public(municipality: Municipality) -> None:
    public = b"".join(
        municipality.endpoints["organisations"].bodies + municipality.endpoints["syllabuses"].bodies
    )
    found = [text for text in demo.identities(municipality) if text.encode() in public]
    assert not found


def test_names_also_stand_where_grades_and_absences_are_registered(municipality: Municipality) -> None:
    names = demo.identities(municipality).names
    for endpoint in ("grades", "absences"):
        document = orjson.loads(municipality.endpoints[endpoint].bodies[0])
        assert document["registeredBy"]["displayName"] in names
