"""Kolada is asked in blocks of at most 25, and paged to the end."""

import json
from math import prod

import pytest

from dagster_project.lib.errors import NotThisFileError, PageLedgerError
from dagster_project.lib.sources import kolada


@pytest.fixture
def client(connect):
    return kolada.KoladaClient(connect(kolada.SOURCE))


def rows_for(path):
    """One row per key figure, place and year named in a data address, as the interface answers."""
    _, kind, _, kpis, what, places, _, years = path.split("/")
    assert kind in ("data", "oudata")
    value = {"gender": "T", "value": 1.0, "status": "", "count": 1, "isdeleted": False}
    return [
        {"kpi": kpi, "period": int(year), what: place, "values": [value]}
        for kpi in kpis.split(",")
        for place in places.split(",")
        for year in years.split(",")
    ]


def test_no_address_names_more_than_25_and_every_cell_is_asked_for_once(agency, client):
    agency.answer = lambda path, query, posted: {"values": rows_for(path), "next_url": None}
    kpis = [f"N{number:05}" for number in range(30)]
    places = [f"{number:04}" for number in range(60)]
    answers = client.municipality_data(kpis, places, [2023, 2024], from_date="2026-01-31")
    cells = [
        (row["kpi"], row["municipality"], row["period"])
        for answer in answers
        for row in json.loads(answer.body)["values"]
    ]
    assert len(cells) == len(set(cells)) == 30 * 60 * 2
    assert len(answers) == prod([2, 3, 1])
    for path, query, _ in agency.asked:
        assert all(len(part.split(",")) <= 25 for part in path.split("/"))
        assert query == {"from_date": "2026-01-31", "per_page": "5000"}


def test_unit_data_are_asked_for_by_ou(agency, client):
    agency.answer = lambda path, query, posted: {"values": rows_for(path), "next_url": None}
    [answer] = client.unit_data(["N15505"], ["V15E038000101"], [2024])
    assert answer.address.startswith("https://api.kolada.se/v3/oudata/kpi/N15505/ou/V15E038000101/year/2024?")


def test_the_interfaces_own_shapes_are_paged(agency, client, shape):
    shapes = shape("kolada_v3_shapes.json")
    last = {"values": [{**shapes["data"]["values"][0], "municipality": "0180"}], "next_url": None}

    def answer(path, query, posted):
        if path == "/ou":
            return shapes["ou"] if query["municipality"] == "0180" else None
        if path.startswith("/oudata/"):
            return shapes["oudata"]
        return last if query.get("page") == "2" else shapes["data"]

    agency.answer = answer
    pages = client.municipality_data(["U30446"], ["0380", "0000", "0180"], [2026])
    assert [json.loads(page.body) for page in pages] == [shapes["data"], last]
    # The next page is named at the agency's own host; it is asked for at the stand-in.
    assert agency.asked[1][0] == "/data/kpi/U30446/year/2026"
    assert [json.loads(page.body) for page in client.units("0180")] == [shapes["ou"]]
    assert [json.loads(page.body) for page in client.unit_data(["N00001"], ["V15E01"], [2024])] == [
        shapes["oudata"]
    ]


def test_the_same_cell_on_two_pages_is_refused(agency, client, shape):
    page = shape("kolada_v3_shapes.json")["data"]
    agency.answer = lambda path, query, posted: {**page, "next_url": None} if query.get("page") else page
    with pytest.raises(PageLedgerError) as refused:
        client.municipality_data(["U30446"], ["0380", "0000"], [2026])
    assert refused.value.rule == "page_repeated"


NOT_PAGES = [
    {},
    {"message": "v2 is closed"},
    {"values": None, "next_url": None},
    {"values": [{}], "next_url": None},
    {"values": [{"id": "N1"}]},
    {"values": [{"id": "N1"}], "next_url": 2},
    {"values": [{"id": "N1"}], "next_url": ""},
]


@pytest.mark.parametrize("answer", NOT_PAGES)
def test_an_answer_that_is_no_page_is_refused(agency, client, answer):
    agency.answer = lambda path, query, posted: answer
    for ask in (client.kpis, client.municipalities, client.municipality_groups):
        with pytest.raises(NotThisFileError):
            ask()


def test_nothing_asked_for_is_nothing_fetched(agency, client):
    assert client.municipality_data([], ["0380"], [2024]) == []
    assert agency.asked == []
