"""Secondary suppression: enough, no more than it takes, proven, and refused where it cannot be."""

import itertools

import numpy as np
import pandas as pd
import pytest
from disclosure_kit import (
    chosen,
    cube,
    every_table,
    plain_hierarchy,
    small_inner,
    tables,
    two_way,
    with_primary,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.lib.disclosure import insiders, primary
from dagster_project.lib.disclosure.audit import audit
from dagster_project.lib.disclosure.block import Insiders, Limits
from dagster_project.lib.disclosure.cells import LinkedCells, link
from dagster_project.lib.disclosure.protect import Protection, adds_nothing, protect

HEURISTIC = Limits(optimum_classes=0)


def states(found: Protection) -> dict[str, str]:
    return dict(zip(found.pattern["cell_id"], found.pattern["state"], strict=True))


def hidden(found: Protection) -> np.ndarray:
    return found.pattern["state"].isin(["primary", "secondary", "refused"]).to_numpy()


@st.composite
def problems(draw: st.DrawFn, shapes=((2, 2), (2, 3), (2, 2, 2))) -> tuple[LinkedCells, np.ndarray]:
    """A small table with small cells primary, some cells published before, and all tables of its sum."""
    shape = draw(st.sampled_from(shapes))
    inner = small_inner(draw, shape)
    linked = cube(inner)
    n = len(linked.frame)
    before = np.array(
        [*draw(st.lists(st.sampled_from([False, False, False, True]), min_size=n - 1, max_size=n - 1)), True]
    )
    frame = linked.frame.assign(
        is_primary=linked.frame["value"].between(1, 1) & ~before,
        is_published_before=before,
        sliding_protection=2,
        weight=draw(st.lists(st.integers(1, 9), min_size=n, max_size=n)),
    )
    return LinkedCells(frame.astype({"weight": float}), linked.matrix), every_table(shape, int(inner.sum()))


def agrees(linked: LinkedCells, possible: np.ndarray, pattern: np.ndarray) -> bool:
    """Whether every primary cell is protected, by looking at every table that agrees with what is shown."""
    frame = linked.frame
    value = frame["value"].to_numpy()
    shown = ~pattern | frame["is_published_before"].to_numpy()
    left = possible[(possible[:, shown] == value[shown]).all(axis=1)]
    low, high = left.min(axis=0), left.max(axis=0)
    kept = (high - low >= 2) & (high >= value + 1) & (low <= np.maximum(0, value - 1))
    return bool(kept[frame["is_primary"].to_numpy()].all())


@pytest.mark.parametrize("limits", [Limits(), HEURISTIC], ids=["optimum", "heuristic"])
@settings(max_examples=60, deadline=None)
@given(problem=problems())
def test_what_is_said_to_be_protected_is_protected_from_every_table(limits, problem):
    linked, possible = problem
    found = protect(linked, limits=limits)
    assert found.audit.is_passed == agrees(linked, possible, hidden(found))
    # What is known already is never hidden, and every primary cell is.
    before = linked.frame["is_published_before"].to_numpy()
    assert set(found.pattern["state"][before]) <= {"known"}
    primaries = linked.frame["is_primary"].to_numpy()
    assert set(found.pattern["state"][primaries]) <= {"primary", "refused"}
    # What remains exposed is so whatever is hidden: showing the rest adds nothing.
    assert found.is_publishable
    assert found.refusals["is_exposed"].any() == (not found.audit.is_passed)


@pytest.mark.parametrize("limits", [Limits(), HEURISTIC], ids=["optimum", "heuristic"])
@settings(max_examples=40, deadline=None)
@given(problem=problems())
def test_nothing_is_refused_that_could_be_protected(limits, problem):
    linked, possible = problem
    found = protect(linked, limits=limits)
    everything = ~linked.frame["is_published_before"].to_numpy()
    assert found.refusals.empty == agrees(linked, possible, everything)


@settings(max_examples=25, deadline=None)
@given(problem=problems(shapes=((2, 2), (2, 3))))
def test_the_optimum_is_the_cheapest_of_all_patterns(problem):
    linked, possible = problem
    frame = linked.frame
    primaries, before = frame["is_primary"].to_numpy(), frame["is_published_before"].to_numpy()
    found, fair = protect(linked), protect(linked, limits=HEURISTIC)
    if not found.refusals.empty:
        return
    choice = np.flatnonzero(~primaries & ~before)
    weight = frame["weight"].to_numpy()
    cheapest = np.inf
    for bits in itertools.product([False, True], repeat=len(choice)):
        pattern = primaries.copy()
        pattern[choice] = bits
        if weight[pattern].sum() < cheapest and agrees(linked, possible, pattern):
            cheapest = weight[pattern].sum()
    assert weight[hidden(found)].sum() == pytest.approx(cheapest)
    assert weight[hidden(fair)].sum() >= cheapest - 1e-9


@settings(max_examples=30, deadline=None)
@given(problem=problems())
def test_the_same_cells_give_the_same_pattern_in_any_order(problem):
    linked, _ = problem
    first = protect(linked)
    again = protect(linked)
    pd.testing.assert_frame_equal(first.pattern, again.pattern)
    pd.testing.assert_frame_equal(first.audit.proof, again.audit.proof)


def groups(values: dict[str, int], **of_cells: object) -> LinkedCells:
    """Cells ``unit|outcome`` with known group sizes; outcomes below 5 are primary."""
    sizes = {f"{name.split('|')[0]}|Total": 0 for name in values}
    for name, value in values.items():
        sizes[f"{name.split('|')[0]}|Total"] += value
    for outcome in ("ok", "not"):
        sizes[f"Total|{outcome}"] = sum(v for name, v in values.items() if name.endswith(f"|{outcome}"))
    sizes["Total|Total"] = sum(values.values())
    linked = two_way(values | sizes, plain_hierarchy(values | sizes), **of_cells)
    frame = linked.frame
    size = frame["cell_id"].str.replace(r"\|.*", "|Total", regex=True).map(values | sizes)
    frame = frame.assign(
        is_primary=frame["cell_id"].str.endswith("|not") & primary.few(frame["value"], 4),
        is_published_before=frame["cell_id"].str.endswith("|Total"),
        weight=np.where(frame["cell_id"].str.startswith("Total"), 10.0, 1.0),
        **primary.protection_levels(frame["value"], size, below=1, above=1, width=4).to_dict("series"),
    )
    return LinkedCells(frame, linked.matrix)


def test_a_group_with_one_member_is_hidden_with_another():
    found = protect(groups({"A|ok": 0, "A|not": 1, "B|ok": 20, "B|not": 9, "C|ok": 30, "C|not": 8}))
    assert found.is_publishable and found.refusals.empty
    assert states(found)["A|not"] == "primary"
    assert {states(found)[f"{unit}|{o}"] for unit in "BC" for o in ("ok", "not")} == {"secondary", "shown"}
    proof = found.audit.proof.set_index("cell_id")
    # Whether the one pupil reached or not remains open.
    assert proof.loc["A|not", ["lower", "upper"]].tolist() == [0, 1]


def test_a_municipality_with_two_units_hides_both_or_the_total():
    found = protect(groups({"A|ok": 18, "A|not": 2, "B|ok": 20, "B|not": 9}))
    assert found.is_publishable and found.refusals.empty
    assert states(found)["A|not"] == "primary"
    assert states(found)["B|not"] == "secondary"
    assert states(found)["Total|not"] == "shown"
    dear_units = groups({"A|ok": 18, "A|not": 2, "B|ok": 20, "B|not": 9})
    weight = 1.0 + 99 * dear_units.frame["cell_id"].str.startswith("B")
    found = protect(LinkedCells(dear_units.frame.assign(weight=weight), dear_units.matrix))
    assert states(found)["B|not"] == "shown"
    assert states(found)["Total|not"] == "secondary"


def test_a_municipality_with_two_units_of_which_the_total_is_known_elsewhere():
    linked = groups({"A|ok": 18, "A|not": 2, "B|ok": 20, "B|not": 9})
    before = linked.frame["is_published_before"] | linked.frame["cell_id"].isin(["Total|not", "B|not"])
    found = protect(LinkedCells(linked.frame.assign(is_published_before=before), linked.matrix))
    assert not found.audit.is_passed
    assert found.refusals[["reason", "is_exposed"]].values.tolist() == [["cannot_be_protected", True]]
    assert found.audit.failures["cell_id"].tolist() == ["A|not"]


def test_all_pupils_in_one_group():
    values = {"A|girls": 14, "A|boys": 0, "A|Total": 14}
    linked = two_way(values, [("column", "Total", "girls"), ("column", "Total", "boys")])
    found = protect(linked)
    assert found.is_publishable and set(states(found).values()) == {"shown"}
    # When it is the size of the groups that must not be known, the total of one unit cannot stay.
    found = protect(with_primary(linked, ["A|girls"]))
    assert found.is_publishable
    assert states(found)["A|girls"] == "primary"


def area_with_one_unit(**of_cells: object) -> LinkedCells:
    rows = [("A", "North"), ("B", "North"), ("C", "South")]
    values = {"A": 12, "B": 9, "C": 3, "North": 21, "South": 3, "all": 24}
    cells = pd.DataFrame({"place": list(values), "value": list(values.values())}).assign(
        cell_id=lambda f: f["place"]
    )
    hierarchy = [("place", area, unit) for unit, area in rows]
    hierarchy += [("place", "all", area) for area in ("North", "South")]
    linked = tables(cells, ["place"], hierarchy, **of_cells)
    return with_primary(linked, ["C"])


def test_an_area_with_one_unit_is_hidden_with_it():
    found = protect(area_with_one_unit())
    assert found.is_publishable
    assert states(found)["C"] == "primary" and states(found)["South"] == "secondary"


def test_an_area_with_one_unit_that_is_known_already_exposes_it():
    linked = area_with_one_unit()
    known = LinkedCells(
        linked.frame.assign(is_published_before=linked.frame["cell_id"] == "South"), linked.matrix
    )
    found = protect(known)
    assert not found.audit.is_passed
    assert found.refusals["is_exposed"].all() and len(found.refusals) == 1


def two_breakdowns() -> LinkedCells:
    """One breakdown that can be protected; one of which the parts are too small for what is asked."""
    cells = pd.DataFrame(
        [
            ("total", 40, "all", True),
            ("girls", 18, "sex", False),
            ("boys", 22, "sex", False),
            ("born here", 37, "background", False),
            ("born abroad", 3, "background", False),
        ],
        columns=["cell_id", "value", "breakdown", "is_published_before"],
    )
    relations = pd.DataFrame(
        [
            ("s", "total", -1),
            ("s", "girls", 1),
            ("s", "boys", 1),
            ("b", "total", -1),
            ("b", "born here", 1),
            ("b", "born abroad", 1),
        ],
        columns=["relation_id", "cell_id", "coefficient"],
    )
    cells["is_primary"] = cells["cell_id"].isin(["born abroad", "girls"])
    cells["sliding_protection"] = cells["cell_id"].map({"born abroad": 100}).fillna(4).astype(int)
    return link(cells, relations)


@pytest.mark.parametrize("limits", [Limits(), HEURISTIC], ids=["optimum", "heuristic"])
def test_a_breakdown_that_cannot_be_protected_is_refused_by_name(limits: Limits):
    found = protect(two_breakdowns(), limits=limits)
    assert found.refusals[["breakdown", "reason"]].values.tolist() == [["background", "cannot_be_protected"]]
    assert states(found)["born abroad"] == states(found)["born here"] == "refused"
    # The other breakdown is a block of its own and goes on; the proof does not claim what it cannot.
    assert states(found)["girls"] == "primary" and states(found)["boys"] == "secondary"
    assert found.audit.failures["cell_id"].tolist() == ["born abroad"]
    assert found.audit.failures["rule"].tolist() == ["interval_too_narrow"]


def test_within_a_block_the_other_breakdown_survives_the_refusal():
    linked = two_breakdowns()
    # The total is no longer known, so that both breakdowns hang together.
    frame = linked.frame.assign(is_published_before=False, upper_bound=60)
    found = protect(LinkedCells(frame, linked.matrix))
    assert found.refusals["breakdown"].tolist() == ["background"]
    assert states(found)["girls"] == "primary"
    assert states(found)["boys"] == "shown"
    # The small group gets as much room as there is, although not as much as was asked for.
    proof = found.audit.proof.set_index("cell_id")
    assert proof.loc["born abroad", ["lower", "upper"]].tolist() == [0, 60]
    assert found.is_publishable and not found.audit.is_passed


def test_showing_more_than_was_proven_is_noticed():
    linked = two_breakdowns()
    linked = LinkedCells(linked.frame.assign(is_published_before=False, upper_bound=60), linked.matrix)
    found = protect(linked)
    assert adds_nothing(linked, found.audit, hidden(found), Insiders(), 30.0)
    more = hidden(found) & ~chosen(linked, ["total", "born here"])
    assert not adds_nothing(linked, audit(linked, more), more, Insiders(), 30.0)


def test_a_primary_cell_that_is_published_already_is_reported():
    linked = two_breakdowns()
    before = linked.frame["cell_id"].isin(["total", "girls", "boys", "born abroad", "born here"])
    found = protect(LinkedCells(linked.frame.assign(is_published_before=before), linked.matrix))
    assert set(found.refusals["reason"]) == {"known_already"}
    assert found.refusals["is_exposed"].all()
    assert not found.audit.is_passed


def large() -> LinkedCells:
    """Six units by five groups: too large for a single class, small enough for every method."""
    random = np.random.default_rng(7)
    linked = cube(random.integers(0, 12, (6, 5)))
    return LinkedCells(linked.frame.assign(is_primary=primary.few(linked.frame["value"], 3)), linked.matrix)


def test_a_solver_without_time_for_the_optimum_leaves_it_to_the_heuristic():
    found = protect(large(), limits=Limits(optimum_seconds=0.0))
    assert found.blocks["method"].tolist() == ["heuristic"]
    assert found.is_publishable and found.refusals.empty
    best = protect(large())
    assert best.blocks["method"].tolist() == ["optimum"]
    assert best.blocks["loss"].sum() <= found.blocks["loss"].sum()


@pytest.mark.parametrize(
    "limits",
    [Limits(total_seconds=0.0), Limits(optimum_seconds=0.0, heuristic_seconds=0.0)],
    ids=["all", "both methods"],
)
def test_without_time_nothing_is_shown(limits: Limits):
    found = protect(large(), limits=limits)
    assert found.refusals[["breakdown", "reason"]].values.tolist() == [["all", "out_of_time"]]
    assert set(states(found).values()) == {"refused"}
    assert found.blocks["method"].tolist() == ["refused"]


def test_without_time_for_the_audit_nothing_is_proven():
    found = protect(large(), limits=Limits(audit_seconds=0.0))
    assert not found.is_publishable
    assert set(found.audit.proof["rule"]) == {"not_proven"}


def test_blocks_that_know_nothing_of_each_other_are_refused_alone():
    good, bad = two_breakdowns(), groups({"A|ok": 18, "A|not": 2, "B|ok": 20, "B|not": 9})
    frames = [good.frame.assign(cell_id="x " + good.frame["cell_id"]), bad.frame]
    relations = []
    for linked, frame in ((good, frames[0]), (bad, frames[1])):
        matrix = linked.matrix.tocoo()
        relations.append(
            pd.DataFrame(
                {
                    "relation_id": [f"{frame['cell_id'][0]} {row}" for row in matrix.row],
                    "cell_id": frame["cell_id"].to_numpy()[matrix.col],
                    "coefficient": matrix.data,
                }
            )
        )
    found = protect(link(pd.concat(frames, ignore_index=True), pd.concat(relations)))
    assert found.refusals["breakdown"].tolist() == ["background"]
    assert states(found)["A|not"] == "primary" and states(found)["B|not"] == "secondary"
    alone = protect(bad)
    assert {name: states(found)[name] for name in states(alone)} == states(alone)


@pytest.mark.parametrize("limits", [Limits(), HEURISTIC], ids=["optimum", "heuristic"])
def test_whoever_is_alone_in_a_cell_does_not_find_out_another(limits: Limits):
    cells = pd.DataFrame(
        {
            "cell_id": ["a", "b", "c", "d", "sum"],
            "value": [900, 400, 450, 5000, 6750],
            "contributors": [2, 1, 6, 9, 18],
            "is_primary": [True, False, False, False, False],
            "is_published_before": [False, False, False, False, True],
            "sliding_protection": 100,
            "weight": [900, 400, 450, 5000, 6750],
        }
    )
    relations = pd.DataFrame(
        {"relation_id": "r", "cell_id": cells["cell_id"], "coefficient": [1, 1, 1, 1, -1]}
    )
    linked = link(cells, relations)
    assert states(protect(linked, limits=limits))["b"] == "secondary"
    alone = insiders.alone_in(cells)
    found = protect(linked, insiders=alone, insider_width=100, limits=limits)
    assert found.is_publishable and found.refusals.empty
    # ``b`` may still be used if a third cell is hidden with it.
    assert states(found)["c"] == "secondary"
    assert not audit(linked, chosen(linked, ["a", "b"]), insiders=alone, insider_width=100).is_passed


def test_an_insider_whom_nothing_keeps_out_is_a_refusal():
    cells = pd.DataFrame(
        {"cell_id": ["a", "b", "sum"], "value": [900, 400, 1300], "contributors": [2, 1, 3]}
    ).assign(is_primary=lambda f: f["cell_id"] == "a", is_published_before=lambda f: f["cell_id"] == "sum")
    relations = pd.DataFrame({"relation_id": "r", "cell_id": cells["cell_id"], "coefficient": [1, 1, -1]})
    found = protect(link(cells, relations), insiders=insiders.alone_in(cells))
    assert found.refusals["reason"].tolist() == ["cannot_be_protected"]
    assert not found.audit.is_passed


def test_rounded_totals_need_fewer_secondary_cells():
    linked = groups({"A|ok": 38, "A|not": 2, "B|ok": 40, "B|not": 19})
    frame = linked.frame
    total = frame["cell_id"] == "Total|not"
    exact = protect(LinkedCells(frame.assign(sliding_protection=2), linked.matrix))
    rounded = protect(
        LinkedCells(
            frame.assign(
                sliding_protection=2,
                published_low=frame["published_low"].where(~total, 20),
                published_high=frame["published_high"].where(~total, 24),
                is_hidden=frame["cell_id"] == "Total|ok",
            ),
            linked.matrix,
        )
    )
    assert states(exact)["B|not"] == "secondary"
    assert rounded.is_publishable
    assert states(rounded)["B|not"] == "shown"
    assert states(rounded)["Total|not"] == "shown"


def test_the_log_counts_per_breakdown_and_names_no_cell():
    found = protect(two_breakdowns())
    log = found.log.set_index("breakdown")
    assert log.loc["sex", ["cells", "hidden", "refused"]].tolist() == [2, 2, 0]
    assert log.loc["background", ["cells", "hidden", "refused"]].tolist() == [2, 0, 2]
    assert log["lost"].tolist() == [1.0, 1.0]
    assert set(found.log.columns) == {"breakdown", "cells", "hidden", "refused", "lost"}


def test_a_table_without_primary_cells_is_shown_whole():
    linked = cube(np.full((2, 2), 20))
    found = protect(linked)
    assert found.is_publishable and found.blocks.empty and found.refusals.empty
    assert set(states(found).values()) == {"shown"}


def test_large_amounts():
    random = np.random.default_rng(3)
    linked = cube(random.integers(50_000_000, 900_000_000, (5, 5)))
    frame = linked.frame
    frame = frame.assign(
        is_primary=frame["cell_id"].isin(["0|0", "2|3"]),
        lower_protection=30_000_000,
        upper_protection=30_000_000,
        sliding_protection=60_000_000,
    )
    for limits in (Limits(), HEURISTIC):
        found = protect(LinkedCells(frame, linked.matrix), limits=limits)
        assert found.audit.is_passed and found.refusals.empty
        assert found.audit.proof["is_exact"].all()
        assert found.audit.narrowest >= 60_000_000
