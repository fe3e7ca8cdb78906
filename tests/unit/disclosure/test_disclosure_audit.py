"""The attacker audit: as good as trying every table there is, and never a pass without proof."""

import numpy as np
import pandas as pd
import pytest
from disclosure_kit import (
    chosen,
    cube,
    every_table,
    intervals,
    plain_hierarchy,
    small_inner,
    two_way,
    with_primary,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.lib.disclosure import insiders
from dagster_project.lib.disclosure.audit import OUTSIDER, audit
from dagster_project.lib.disclosure.cells import LinkedCells, link
from dagster_project.lib.disclosure.errors import UnsoundCellsError

SHAPES = [(2, 2), (2, 3), (2, 2, 2)]
SQUARE = {"a|x": 3, "a|y": 4, "b|x": 5, "b|y": 6, "a|Total": 7, "b|Total": 11}
SQUARE |= {"Total|x": 8, "Total|y": 10, "Total|Total": 18}
INNER = ["a|x", "a|y", "b|x", "b|y"]


@st.composite
def patterns(draw: st.DrawFn) -> tuple[LinkedCells, np.ndarray, np.ndarray]:
    """A small table, some of its cells suppressed (never the grand total), and all tables of that sum."""
    shape = draw(st.sampled_from(SHAPES))
    inner = small_inner(draw, shape)
    linked = cube(inner)
    n = len(linked.frame)
    suppressed = np.array([*draw(st.lists(st.booleans(), min_size=n - 1, max_size=n - 1)), False])
    return linked, suppressed, every_table(shape, int(inner.sum()))


@settings(max_examples=75, deadline=None)
@given(patterns())
def test_intervals_are_those_of_every_table_that_agrees_with_what_is_shown(case):
    linked, suppressed, tables = case
    value = linked.frame["value"].to_numpy()
    agree = tables[(tables[:, ~suppressed] == value[~suppressed]).all(axis=1)]
    linked = LinkedCells(linked.frame.assign(is_primary=suppressed), linked.matrix)
    proof = audit(linked, suppressed).proof
    assert proof["lower"].tolist() == agree[:, suppressed].min(axis=0).tolist()
    assert proof["upper"].tolist() == agree[:, suppressed].max(axis=0).tolist()
    assert proof["is_exact"].all()


@settings(max_examples=40, deadline=None)
@given(patterns(), st.integers(0, 2), st.integers(0, 2), st.integers(0, 4))
def test_stopping_early_comes_to_the_same_verdict(case, below, above, width):
    linked, suppressed, _ = case
    levels = {"lower_protection": below, "upper_protection": above, "sliding_protection": width}
    linked = LinkedCells(linked.frame.assign(is_primary=suppressed, **levels), linked.matrix)
    whole, early = audit(linked, suppressed).proof, audit(linked, suppressed, exact=False).proof
    assert early["is_protected"].tolist() == whole["is_protected"].tolist()
    assert early["rule"].tolist() == whole["rule"].tolist()
    assert (early["lower"] >= whole["lower"]).all() and (early["upper"] <= whole["upper"]).all()
    assert not early["is_exact"].any()


@pytest.mark.parametrize(
    ("levels", "rule"),
    [
        # Left to the attacker of 3: 0 to 7.
        ({"lower_protection": 3, "upper_protection": 4, "sliding_protection": 7}, "protected"),
        ({"lower_protection": 9, "upper_protection": 4, "sliding_protection": 7}, "protected"),
        ({"lower_protection": 3, "upper_protection": 5, "sliding_protection": 7}, "too_close_above"),
        ({"lower_protection": 3, "upper_protection": 4, "sliding_protection": 8}, "interval_too_narrow"),
    ],
)
def test_each_protection_level_is_held(levels: dict[str, int], rule: str):
    linked = with_primary(two_way(SQUARE, plain_hierarchy(SQUARE)), ["a|x"], **levels)
    found = audit(linked, chosen(linked, INNER))
    assert intervals(found.proof) == {"a|x": [0, 7]}
    assert found.proof["rule"].tolist() == [rule]


def test_what_everybody_knows_beforehand_narrows_the_interval():
    linked = two_way(SQUARE, plain_hierarchy(SQUARE))
    bounded = linked.frame.assign(lower_bound=linked.frame["cell_id"].map({"a|x": 2, "b|x": 4}).fillna(0))
    linked = LinkedCells(bounded.astype({"lower_bound": "int64"}), linked.matrix)
    found = audit(with_primary(linked, ["a|x"], lower_protection=3), chosen(linked, INNER))
    assert intervals(found.proof) == {"a|x": [2, 4]}
    assert found.proof["rule"].tolist() == ["interval_too_narrow"]
    found = audit(
        with_primary(linked, ["a|x"], lower_protection=3, sliding_protection=2), chosen(linked, INNER)
    )
    assert found.proof["rule"].tolist() == ["too_close_below"]


def test_a_primary_cell_that_is_shown_fails():
    linked = with_primary(two_way(SQUARE, plain_hierarchy(SQUARE)), ["a|x"])
    found = audit(linked, np.zeros(len(linked.frame), dtype=bool))
    assert found.proof["rule"].tolist() == ["exactly_disclosed"]


def test_what_was_published_before_is_known_although_it_is_hidden_now():
    linked = with_primary(two_way(SQUARE, plain_hierarchy(SQUARE)), ["a|x"])
    assert audit(linked, chosen(linked, INNER)).is_passed
    before = LinkedCells(linked.frame.assign(is_published_before=chosen(linked, ["b|y"])), linked.matrix)
    assert intervals(audit(before, chosen(linked, INNER)).proof) == {"a|x": [3, 3]}


def test_a_structural_zero_protects_nothing():
    values = {"a|x": 3, "a|y": 4, "b|x": 5, "b|y": 0, "a|Total": 7, "b|Total": 5, "Total|x": 8, "Total|y": 4}
    linked = with_primary(two_way(values | {"Total|Total": 12}, plain_hierarchy(values)), ["a|x"])
    assert audit(linked, chosen(linked, INNER)).proof["upper"].tolist() == [7]
    girls_only = LinkedCells(linked.frame.assign(is_structural_zero=chosen(linked, ["b|y"])), linked.matrix)
    assert audit(girls_only, chosen(linked, INNER)).proof["rule"].tolist() == ["exactly_disclosed"]


def test_rounded_totals_leave_room():
    linked = with_primary(two_way(SQUARE, plain_hierarchy(SQUARE)), ["a|x"], sliding_protection=2)
    assert not audit(linked, chosen(linked, ["a|x"])).is_passed
    frame = linked.frame
    total = frame["cell_id"].str.contains("Total")
    rounded = frame.assign(
        published_low=frame["published_low"].where(~total, frame["value"] - 1),
        published_high=frame["published_high"].where(~total, frame["value"] + 1),
    )
    found = audit(LinkedCells(rounded, linked.matrix), chosen(linked, ["a|x"]))
    assert intervals(found.proof) == {"a|x": [2, 4]}
    assert found.is_passed


def test_a_solver_without_time_proves_nothing():
    # Three by three leaves a real program to solve; two by two is a single class.
    values = {f"{r}|{c}": 2 + r * c for r in (1, 2, 3) for c in (1, 2, 3)}
    linked = cube(np.array(list(values.values())).reshape(3, 3))
    inner = ~linked.frame["cell_id"].str.contains("T").to_numpy()
    linked = LinkedCells(linked.frame.assign(is_primary=inner), linked.matrix)
    assert audit(linked, inner).is_passed
    found = audit(linked, inner, seconds=0)
    assert set(found.proof["rule"]) == {"not_proven"}
    assert not found.is_passed
    assert not audit(linked, inner, seconds=0, exact=False).is_passed


def test_nothing_to_protect_passes_and_has_no_narrowest_interval():
    linked = two_way(SQUARE, plain_hierarchy(SQUARE))
    found = audit(linked, np.zeros(len(linked.frame), dtype=bool))
    assert found.is_passed and found.narrowest is None and found.proof.empty


def amounts() -> tuple[LinkedCells, pd.DataFrame]:
    """Two hidden amounts in a known sum; one of them has a single recipient."""
    cells = pd.DataFrame({"cell_id": ["a", "b", "sum"], "value": [900, 400, 1300], "contributors": [4, 1, 5]})
    relations = pd.DataFrame(
        [("r", "a", 1), ("r", "b", 1), ("r", "sum", -1)], columns=["relation_id", "cell_id", "coefficient"]
    )
    return with_primary(link(cells, relations), ["a", "b"], sliding_protection=100), insiders.alone_in(cells)


def test_the_only_recipient_of_an_amount_finds_out_the_other():
    linked, alone = amounts()
    suppressed = chosen(linked, ["a", "b"])
    assert audit(linked, suppressed).is_passed
    found = audit(linked, suppressed, insiders=alone)
    assert found.failures[["cell_id", "attacker", "rule"]].values.tolist() == [
        ["a", "alone in b", "exactly_disclosed"]
    ]
    # An outsider's narrowest interval is still wide; nobody attacks what he knows himself.
    assert found.narrowest == 1300
    assert sorted(found.proof["attacker"]) == ["alone in b", OUTSIDER, OUTSIDER]


def test_whoever_is_counted_knows_that_there_is_one():
    values = {"a|x": 1, "a|y": 4, "b|x": 1, "b|y": 6, "a|Total": 5, "b|Total": 7}
    values |= {"Total|x": 2, "Total|y": 10, "Total|Total": 12}
    linked = with_primary(two_way(values, plain_hierarchy(values)), ["a|x"], sliding_protection=2)
    inside = insiders.counted_in(linked.frame[linked.frame["cell_id"] == "b|x"])
    found = audit(linked, chosen(linked, INNER), insiders=inside)
    proof = found.proof.set_index("attacker")
    assert proof.loc[OUTSIDER, ["lower", "upper"]].tolist() == [0, 2]
    assert proof.loc["counted in b|x", ["lower", "upper"]].tolist() == [0, 1]
    assert found.is_passed
    assert not audit(linked, chosen(linked, INNER), insiders=inside, insider_width=2).is_passed


@settings(max_examples=30, deadline=None)
@given(patterns(), st.data())
def test_an_insider_is_an_attacker_with_one_more_published_cell(case, data):
    linked, suppressed, tables = case
    if suppressed.sum() < 2:
        return
    own = data.draw(st.sampled_from(np.flatnonzero(suppressed).tolist()))
    value = linked.frame["value"].to_numpy()
    shown = ~suppressed
    shown[own] = True
    agree = tables[(tables[:, shown] == value[shown]).all(axis=1)]
    linked = LinkedCells(linked.frame.assign(is_primary=suppressed), linked.matrix)
    inside = pd.DataFrame(
        {
            "insider_id": ["me"],
            "cell_id": [linked.frame["cell_id"][own]],
            "known_low": [value[own]],
            "known_high": [value[own]],
        }
    )
    proof = audit(linked, suppressed, insiders=inside).proof
    mine = proof[proof["attacker"] == "me"]
    places = [linked.frame["cell_id"].tolist().index(name) for name in mine["cell_id"]]
    assert own not in places
    assert mine["lower"].tolist() == agree[:, places].min(axis=0).tolist()
    assert mine["upper"].tolist() == agree[:, places].max(axis=0).tolist()


@pytest.mark.parametrize(
    ("cell", "low", "message"),
    [("nowhere", 1, "not listed"), ("a", 901, "not true")],
)
def test_an_insider_must_know_something_true_of_a_cell(cell: str, low: int, message: str):
    linked, _ = amounts()
    inside = pd.DataFrame({"insider_id": ["x"], "cell_id": [cell], "known_low": [low], "known_high": [pd.NA]})
    with pytest.raises(UnsoundCellsError, match=message):
        audit(linked, chosen(linked, ["a", "b"]), insiders=inside)
