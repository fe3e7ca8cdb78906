"""Underlag för analys: the recorded workbook, and PxWeb v1 asked in blocks of levels."""

import json
from math import prod

import pytest

from dagster_project.lib.errors import NotThisFileError, PageLedgerError
from dagster_project.lib.http.errors import NotPublishedError
from dagster_project.lib.sources import underlag_for_analys as ufa

PATH = f"/{ufa.BRANCH}/Grundskola/Grundskola.px"
MEASURES = [str(number) for number in range(51)]
LEVELS = ["00"] + [f"2120003005-{number:08}" for number in range(2_400)]


def json_stat(posted, levels):
    codes = {"variable": [], "level": levels, "time": []}
    for variable in posted["query"]:
        if variable["selection"]["filter"] == "item":
            codes[variable["code"]] = variable["selection"]["values"]
    return {
        "id": list(codes),
        "size": [len(values) for values in codes.values()],
        "dimension": {
            name: {"category": {"index": {code: place for place, code in enumerate(values)}}}
            for name, values in codes.items()
        },
        "value": [0] * prod(len(values) for values in codes.values()),
    }


def database(path, query, posted):
    """Metadata without a list of levels, and the whole list when the first 20,000 are asked for."""
    if path != PATH:
        return None
    if posted is None:
        return {
            "title": "Grundskola",
            "variables": [
                {"code": "variable", "values": MEASURES},
                {"code": "level", "text": "huvudman/skolenhet"},
                {"code": "time", "values": ["2023", "2024"]},
            ],
        }
    return json_stat(posted, LEVELS)


@pytest.fixture
def client(connect):
    return ufa.UnderlagForAnalysClient(connect(ufa.SOURCE))


def test_the_recorded_workbook_comes_byte_for_byte(recorded, sample_dir):
    [answer] = ufa.UnderlagForAnalysClient(recorded(ufa.SOURCE)).workbook()
    kept = sample_dir / "skolverket/underlag_for_analys/skolverket_ufa_grundskola_2024_25.xlsx"
    assert answer.body == kept.read_bytes()
    assert answer.address.endswith(".xlsx")


def test_all_levels_are_fetched_in_blocks_within_the_limits(agency, client):
    agency.answer = database
    answers = client.measures(2024)
    levels = []
    for answer in answers:
        document = json.loads(answer.body)
        assert prod(document["size"]) <= ufa.MAX_CELLS
        assert document["size"][1] <= ufa.MAX_LEVELS
        levels.extend(document["dimension"]["level"]["category"]["index"])
    assert levels == LEVELS
    assert len({answer.address for answer in answers}) == len(answers) == 3
    metadata, level_list, *blocks = agency.asked
    assert metadata == (PATH, {}, None)
    assert level_list[2]["query"][1] == {"code": "level", "selection": {"filter": "top", "values": ["20000"]}}
    assert level_list[2]["query"][0]["selection"]["values"] == MEASURES[:1]
    for _, _, posted in blocks:
        assert posted["response"] == {"format": "json-stat2"}
        assert posted["query"][0]["selection"] == {"filter": "item", "values": MEASURES}
        assert posted["query"][2]["selection"] == {"filter": "item", "values": ["2024"]}


def test_a_school_year_the_table_does_not_have_is_told_before_data_is_asked_for(agency, client):
    agency.answer = database
    with pytest.raises(NotPublishedError, match="autumn of 2030"):
        client.measures(2030)
    assert len(agency.asked) == 1


def test_a_table_that_does_not_exist_is_told(agency, client):
    agency.answer = database
    with pytest.raises(NotPublishedError):
        client.measures(2024, school_form="Sameskola")


def test_a_table_without_levels_is_not_taken_for_an_empty_year(agency, client):
    agency.answer = lambda path, query, posted: (
        database(path, query, None) if posted is None else json_stat(posted, [])
    )
    with pytest.raises(NotThisFileError, match="no levels"):
        client.measures(2024)


def test_a_block_with_levels_missing_is_refused(agency, client):
    def short(path, query, posted):
        document = database(path, query, posted)
        if posted and posted["query"][1]["selection"]["filter"] == "item":
            document["dimension"]["level"]["category"]["index"].popitem()
        return document

    agency.answer = short
    with pytest.raises(PageLedgerError) as refused:
        client.measures(2024)
    assert refused.value.rule == "cells_missing"


@pytest.mark.parametrize("metadata", [[], {}, {"variables": [{}]}, {"variables": "none"}])
def test_metadata_of_another_shape_is_refused(agency, client, metadata):
    agency.answer = lambda path, query, posted: metadata
    with pytest.raises(NotThisFileError):
        client.measures(2024)
