"""The ledger lets whole lists through and nothing else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.lib.errors import PageLedgerError
from dagster_project.lib.http.ledger import PageLedger


def enter(pages: list[list[int]], *, size: int, total: int | None, announced_pages: int | None) -> PageLedger:
    ledger = PageLedger("list", page_size=size)
    for number, keys in enumerate(pages):
        ledger.record(number, keys, total=total, pages=announced_pages)
    ledger.finish()
    return ledger


@st.composite
def whole_lists(draw: st.DrawFn) -> tuple[int, list[list[int]]]:
    """Page size and the pages of a list of distinct keys, all full but perhaps the last."""
    size = draw(st.integers(1, 6))
    total = draw(st.integers(1, 30))
    keys = list(range(total))
    return size, [keys[start : start + size] for start in range(0, total, size)]


@settings(deadline=None)
@given(whole_lists())
def test_every_whole_list_is_accepted(given_list):
    size, pages = given_list
    total = sum(map(len, pages))
    assert enter(pages, size=size, total=total, announced_pages=len(pages)).distinct == total


def drop_page(pages, place):
    del pages[place % len(pages)]


def drop_entry(pages, place):
    page = pages[place % len(pages)]
    del page[place % len(page)]


def empty_page(pages, place):
    pages[place % len(pages)].clear()


def repeat_page(pages, place):
    pages.insert(place % len(pages), list(pages[place % len(pages)]))


def repeat_entry(pages, place):
    page = pages[place % len(pages)]
    page.append(page[place % len(page)])


@settings(deadline=None)
@given(
    whole_lists(),
    st.sampled_from([drop_page, drop_entry, empty_page, repeat_page, repeat_entry]),
    st.integers(0, 1_000),
)
def test_any_damage_to_a_list_whose_total_is_announced_is_refused(given_list, damage, place):
    size, pages = given_list
    total, announced = sum(map(len, pages)), len(pages)
    damage(pages, place)
    with pytest.raises(PageLedgerError):
        enter(pages, size=size, total=total, announced_pages=announced)


@settings(deadline=None)
@given(whole_lists(), st.sampled_from([empty_page, repeat_page, repeat_entry]), st.integers(0, 1_000))
def test_without_a_total_empty_and_repeated_pages_are_still_refused(given_list, damage, place):
    _, pages = given_list
    damage(pages, place)
    ledger = PageLedger("list")
    with pytest.raises(PageLedgerError):
        for number, keys in enumerate(pages):
            # As with next_url: the source says whether another page follows; an empty one must not be last.
            ledger.record(number, keys, more=number + 1 < len(pages) or not keys)


def test_a_short_page_is_refused_without_a_total_when_another_page_follows():
    ledger = PageLedger("list", page_size=3)
    with pytest.raises(PageLedgerError, match="page 0 has 2 entries where 3 were due"):
        ledger.record(0, ["a", "b"], more=True)


def test_a_last_page_may_be_short_without_a_total():
    ledger = PageLedger("list", page_size=3)
    ledger.record(0, ["a", "b", "c"], more=True)
    ledger.record(1, ["d"], more=False)
    ledger.finish()
    assert ledger.distinct == 4


@pytest.mark.parametrize("announced_pages", [0, 1])
def test_an_empty_list_announced_as_empty_is_whole(announced_pages):
    assert enter([[]], size=10, total=0, announced_pages=announced_pages).distinct == 0


def test_a_list_never_asked_for_is_not_whole():
    with pytest.raises(PageLedgerError, match="0 pages came of 3"):
        PageLedger("list", expected_pages=3).finish()


def test_a_ledger_closed_without_any_page_is_not_whole():
    with pytest.raises(PageLedgerError, match="0 pages came of 1"):
        PageLedger("list").finish()


def test_fewer_entries_than_expected_from_the_start_are_refused():
    ledger = PageLedger("list", expected_total=3)
    ledger.record(0, ["a", "b"])
    with pytest.raises(PageLedgerError, match="2 distinct entries came of the 3"):
        ledger.finish()


def test_a_list_without_end_is_stopped():
    ledger = PageLedger("list", max_pages=5)
    with pytest.raises(PageLedgerError) as refused:
        for number in range(100):
            ledger.record(number, [number], more=True)
    assert refused.value.rule == "too_many_pages"
    assert ledger.distinct == 5


def test_the_message_names_the_list_and_the_page_but_no_entry():
    ledger = PageLedger("skolverket school-units 0380")
    ledger.record(0, ["19940101-1234"])
    with pytest.raises(PageLedgerError) as refused:
        ledger.record(1, ["19940101-1234"])
    assert "skolverket school-units 0380" in str(refused.value)
    assert "page 1" in str(refused.value)
    assert "19940101" not in str(refused.value)


def test_the_number_of_pages_alone_tells_a_short_or_empty_page_in_the_middle():
    for keys in (["a", "b"], []):
        with pytest.raises(PageLedgerError):
            PageLedger("list", expected_pages=2, page_size=3).record(0, keys)
    with pytest.raises(PageLedgerError) as refused:
        PageLedger("list", expected_pages=2).record(0, [])
    assert refused.value.rule == "page_empty"


def test_more_pages_than_announced_are_refused():
    ledger = PageLedger("list", expected_pages=1)
    ledger.record(0, ["a"])
    ledger.record(1, ["b"])
    with pytest.raises(PageLedgerError, match="2 pages came of 1"):
        ledger.finish()
