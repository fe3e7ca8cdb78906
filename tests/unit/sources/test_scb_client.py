"""SCB's tables are asked for in blocks that keep the cell limit, and every cell is accounted for."""

import copy
import json
from itertools import product
from math import prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.lib.errors import NotThisFileError, PageLedgerError
from dagster_project.lib.http.errors import NotPublishedError
from dagster_project.lib.sources import scb


@pytest.fixture
def client(connect):
    return scb.ScbClient(connect(scb.SOURCE))


def dataset(selection):
    """A json-stat2 answer with one cell per combination of the codes."""
    return {
        "class": "dataset",
        "id": list(selection),
        "size": [len(codes) for codes in selection.values()],
        "dimension": {
            name: {"category": {"index": {code: place for place, code in enumerate(codes)}}}
            for name, codes in selection.items()
        },
        "value": list(range(prod(len(codes) for codes in selection.values()))),
    }


TABLE = {
    "Region": [f"{number:04}" for number in range(290)],
    "Alder": [str(age) for age in range(101)],
    "Kon": ["1", "2"],
    "Tid": ["2022", "2023", "2024", "2025"],
}


def table_answer(path, query, posted):
    if path.endswith("/metadata"):
        return dataset({**TABLE, "ContentsCode": ["A"]})
    return dataset({name: query[f"valueCodes[{name}]"].split(",") for name in TABLE})


def test_a_large_table_is_fetched_in_blocks_that_together_are_the_whole(agency, client):
    agency.answer = table_answer
    answers = client.population({**TABLE, "Region": ["*"]})
    cells = set()
    for answer in answers:
        document = json.loads(answer.body)
        assert prod(document["size"]) <= scb.MAX_CELLS
        block = list(product(*(d["category"]["index"] for d in document["dimension"].values())))
        assert not cells.intersection(block)
        cells.update(block)
    assert len(cells) == 290 * 101 * 2 * 4
    assert len(answers) <= 4
    for path, query, _ in agency.asked[1:]:
        assert path == "/tables/TAB6574/data"
        assert (query["lang"], query["outputFormat"]) == ("sv", "json-stat2")


def test_the_interfaces_own_shape_is_accepted(agency, client, shape):
    document = shape("scb_pxweb2_tab638_jsonstat2.json")
    agency.answer = lambda path, query, posted: document
    selection = {"Region": ["0180", "1480"], "Tid": ["2023", "2024"]}
    [answer] = client.population(selection, table="TAB638")
    assert json.loads(answer.body) == document
    assert answer.address.startswith("https://statistikdatabasen.scb.se/api/v2/tables/TAB638/data?lang=sv")


def fewer_codes(document):
    del document["dimension"]["Region"]["category"]["index"]["1480"]


def other_code(document):
    index = document["dimension"]["Region"]["category"]["index"]
    index["0114"] = index.pop("1480")


def fewer_values(document):
    document["value"].pop()


@pytest.mark.parametrize("damage", [fewer_codes, other_code, fewer_values])
def test_an_answer_with_cells_missing_is_refused(agency, client, shape, damage):
    whole = shape("scb_pxweb2_tab638_jsonstat2.json")
    damaged = copy.deepcopy(whole)
    damage(damaged)
    agency.answer = lambda path, query, posted: whole if path.endswith("/metadata") else damaged
    with pytest.raises(PageLedgerError) as refused:
        client.population({"Region": ["0180", "1480"], "Tid": ["2023", "2024"]})
    assert refused.value.rule == "cells_missing"


@pytest.mark.parametrize("selection", [{"Region": ["0380"]}, {"Region": ["0180"], "Sektor": ["1"]}])
def test_an_unknown_code_or_dimension_is_refused_before_any_data_is_asked_for(
    agency, client, shape, selection
):
    agency.answer = lambda path, query, posted: shape("scb_pxweb2_tab638_jsonstat2.json")
    with pytest.raises(NotThisFileError):
        client.population(selection)
    assert len(agency.asked) == 1


def test_a_year_the_table_does_not_have_yet_is_told_apart(agency, client, shape):
    agency.answer = lambda path, query, posted: shape("scb_pxweb2_tab638_jsonstat2.json")
    with pytest.raises(NotPublishedError, match="2031"):
        client.population({"Region": ["0180"], "Tid": ["2031"]})
    assert len(agency.asked) == 1


@pytest.mark.parametrize("selection", [{}, {"Region": []}])
def test_a_selection_of_nothing_is_a_mistake(agency, client, selection):
    with pytest.raises(ValueError, match="at least one"):
        client.population(selection)
    assert agency.asked == []


def test_a_table_that_does_not_exist_is_told(client):
    with pytest.raises(NotPublishedError):
        client.population({"Region": ["0380"]}, table="TAB0")


@settings(deadline=None)
@given(
    st.dictionaries(st.sampled_from("abc"), st.integers(1, 9), min_size=1),
    st.integers(1, 100),
    st.integers(1, 10),
)
def test_blocks_keep_both_limits_and_hold_every_cell_once(sizes, max_cells, max_codes):
    selection = {name: [f"{name}{number}" for number in range(size)] for name, size in sizes.items()}
    found = list(scb.blocks(selection, max_cells, max_codes))
    for block in found:
        assert prod(map(len, block.values())) <= max_cells
        assert max(map(len, block.values())) <= max_codes
    cells = [cell for block in found for cell in product(*(block[name] for name in selection))]
    assert len(cells) == len(set(cells)) == prod(sizes.values())
