"""Whatever is delivered: every row is accounted for, and no number of a person comes out again."""

import gzip
import json

from delivered_files import as_csv, examined, headers, made_up_number
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.lib.deliveries.catalogue import KINDS
from dagster_project.lib.deliveries.kinds import Column, ColumnType, Kind
from dagster_project.lib.deliveries.reader import Reading
from dagster_project.lib.deliveries.stored import as_stored
from dagster_project.lib.errors import DeliveryProblem
from dagster_project.lib.readers import READERS

KIND_NAMES = ("staff", "measures", "national_tests", "kaa", "ledger")
# Few persons, so that rows repeat and contradict each other.
NUMBERS = tuple(made_up_number(serial) for serial in range(6))


def spellings(number: str) -> list[str]:
    return [
        number,
        number[2:],
        f"{number[:8]}-{number[8:]}",
        f"{number[2:8]}+{number[8:]}",
        f"{number[:8]} {number[8:]}",
    ]


numbers = st.sampled_from(NUMBERS).flatmap(lambda number: st.sampled_from(spellings(number)))
# Free text around a number is not squeezed against its digits: a longer run is another number.
texts_with_number = numbers.map(lambda number: f"se {number}, enligt rektor")
texts = st.text(st.characters(exclude_categories=["Cs", "Nd"]), max_size=12)


def cells(column: Column) -> st.SearchStrategy[str]:
    """Mostly what belongs there, sometimes anything."""
    own = numbers if column.type is ColumnType.CIVIC_NUMBER else st.just(column.example)
    return st.one_of(own, own, own, own, st.just(""), texts, numbers, texts_with_number)


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[Kind, list[list[str]]]:
    kind = KINDS[draw(st.sampled_from(KIND_NAMES))]
    row = st.tuples(*map(cells, kind.columns)).map(list)
    return kind, draw(st.lists(row, min_size=1, max_size=25))


def tails_in(text: str) -> list[str]:
    """Numbers of which ten digits in a row, or date and last four, stand in a text."""
    return [
        number
        for number in NUMBERS
        if number[2:] in text or any(spelling in text for spelling in spellings(number))
    ]


def blank(row: list[str]) -> bool:
    return not any(cell.strip() for cell in row)


@given(deliveries(), st.sampled_from([";", ",", "\t"]), st.sampled_from(["utf-8", "utf-16"]))
@settings(max_examples=150, deadline=None)
def test_delivered_is_loaded_plus_rejected_plus_duplicates_and_nobody_is_named(delivery, separator, encoding):
    kind, lines = delivery
    body = as_csv([headers(kind), *lines], separator, encoding)
    examination = examined(body)
    report = examination.report()
    assert tails_in(report) == []
    outcome = examination.outcome
    if isinstance(outcome, DeliveryProblem):
        assert outcome.rule in {"no_rows", "no_sound_rows"}
        assert tails_in(repr(outcome) + str(outcome)) == []
        return
    assert isinstance(outcome, Reading)
    assert outcome.kind == kind
    assert outcome.delivered == sum(not blank(row) for row in lines)
    assert outcome.delivered == outcome.table.num_rows + outcome.rejected + outcome.duplicates
    assert outcome.rejected == len({finding.row for finding in outcome.findings})

    extract = as_stored("leverans.csv", outcome)
    assert tails_in(gzip.decompress(extract.body).decode()) == []
    back = READERS[kind.raw_table]([extract])
    assert (back.delivered, back.duplicates) == (outcome.delivered, outcome.duplicates)
    assert back.rejected.num_rows == outcome.rejected
    assert back.table.drop_columns(["_source_file"]).to_pylist() == [
        {**{name: row[name] for name in kind.raw_columns}, "_row_number": row["_row_number"]}
        for row in outcome.table.to_pylist()
    ]


@given(st.binary(max_size=2000))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_read_or_refused_by_name(body):
    outcome = examined(body).outcome
    assert isinstance(outcome, DeliveryProblem | Reading)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_damaged_file_is_read_or_refused_and_accounted_for(data):
    kind = KINDS["staff"]
    body = as_csv([headers(kind), *([column.example for column in kind.columns] for _ in range(3))])
    at = data.draw(st.integers(0, len(body) - 1))
    damaged = body[:at] + data.draw(st.binary(min_size=0, max_size=3)) + body[at + 1 :]
    outcome = examined(damaged).outcome
    assert isinstance(outcome, DeliveryProblem | Reading)


def test_the_same_reading_is_stored_as_the_same_bytes():
    kind = KINDS["kaa"]
    body = as_csv([headers(kind), [made_up_number(1), "2025-09-01", "", "Insats"]])
    first, second = (as_stored("kaa.csv", examined(body).outcome) for _ in range(2))
    assert first == second
    assert json.loads(gzip.decompress(first.body).splitlines()[0])["kind"] == "kaa"
