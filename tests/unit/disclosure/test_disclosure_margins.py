"""What the agencies' figures of the same pupils tell: no secondary, and no reason to tell it too."""

import pandas as pd
import pytest
from test_disclosure_audiences import FOUR_UNITS, audited, municipality, states

from dagster_project.lib.disclosure.audiences import VISIBLE, of_audience, patterns
from dagster_project.lib.disclosure.cells import link
from dagster_project.lib.disclosure.errors import UnsoundCellsError
from dagster_project.lib.disclosure.margins import askable, bounded

GIRLS_OF_B = "unit|B|2025/26|own_absent_15_share__level|sex_girls"


def margins(cells: pd.DataFrame, ids: list[str], *, below: int = 0, above: int = 0) -> pd.DataFrame:
    """The agencies tell these cells to so many persons below and above, to everybody."""
    told = cells[cells["cell_id"].isin(ids)]
    assert set(told["cell_id"]) == set(ids)
    return told[["audience", "cell_id"]].assign(low=told["value"] - below, high=told["value"] + above)


def secondaries(pattern: pd.DataFrame) -> list[str]:
    return pattern.loc[
        (pattern["audience"] == "public") & (pattern["state"] == "secondary"), "cell_id"
    ].tolist()


def state_of(pattern: pd.DataFrame, cell: str) -> set[str]:
    return set(pattern.loc[pattern["cell_id"] == cell, "state"])


def test_several_figures_of_one_cell_tell_what_they_have_in_common():
    cells = pd.DataFrame({"cell_id": ["a", "b", "c"], "value": [5, 5, 5], "upper_bound": [9, 9, 9]})
    told = pd.DataFrame(
        [("a", 2, 6), ("a", 4, 8), ("b", None, None), ("stranger", 1, 1), ("c", 0, 20)],
        columns=["cell_id", "low", "high"],
    ).astype({"low": "Int64", "high": "Int64"})
    found = bounded(cells, told)
    assert found[["lower_bound", "upper_bound"]].to_numpy().tolist() == [[4, 6], [0, 9], [0, 9]]


def test_no_agency_has_figures_of_the_made_up_municipality():
    _, cells, relations = municipality(FOUR_UNITS)
    nothing = margins(cells, [])
    pd.testing.assert_frame_equal(patterns(cells, relations), patterns(cells, relations, margins=nothing))


def test_a_margin_that_is_not_true_stops_publication():
    _, cells, relations = municipality(FOUR_UNITS)
    wrong = margins(cells, [GIRLS_OF_B]).assign(low=7, high=9)
    with pytest.raises(UnsoundCellsError, match="outside its own bounds"):
        patterns(cells, relations, margins=wrong)


def test_no_more_is_asked_of_a_release_than_others_leave_to_protect():
    cells = pd.DataFrame({"cell_id": ["few", "told"], "value": [2, 3], "is_primary": True})
    told = pd.DataFrame({"cell_id": ["few", "told"], "low": [1, 3], "high": [4, 3]})
    no_relation = pd.DataFrame({"relation_id": [], "cell_id": [], "coefficient": []})
    asked = askable(link(bounded(cells, told), no_relation)).frame
    assert asked["is_primary"].tolist() == [True, False]
    levels = ["lower_protection", "upper_protection", "sliding_protection"]
    assert asked[levels].to_numpy().tolist() == [[1, 1, 3], [0, 0, 0]]


def test_what_an_agency_tells_hides_nobody_and_others_are_hidden_instead():
    frames = municipality(FOUR_UNITS)
    _, cells, relations = frames
    unaware = patterns(cells, relations)
    told = margins(cells, [cell for cell in secondaries(unaware) if "|A|" in cell or "|D|" in cell])
    assert len(told) > 0

    found = audited(frames, unaware, margins=told)
    assert not found.is_passed
    assert "can be computed" in found.reasons[0]

    aware = patterns(cells, relations, margins=told)
    assert not set(secondaries(aware)) & set(told["cell_id"])
    assert "refused" not in states(aware, "public")
    found = audited(frames, aware, margins=told)
    assert found.is_passed
    assert found.summary[0]["protected"] == 1


@pytest.mark.parametrize(("below", "above"), [(0, 0), (1, 2)])
def test_a_figure_that_an_agency_tells_is_not_told_again_and_exposes_no_other(below: int, above: int):
    frames = municipality(FOUR_UNITS)
    _, cells, relations = frames
    told = margins(cells, [GIRLS_OF_B], below=below, above=above)
    pattern = patterns(cells, relations, margins=told)
    assert state_of(pattern[pattern["audience"] == "public"], GIRLS_OF_B) == {"primary"}
    assert "refused" not in states(pattern, "public")
    found = audited(frames, pattern, margins=told)
    assert found.is_passed
    assert found.summary[0]["exposed"] == 1
    interval = found.proofs["public"].failures[["lower", "upper"]].to_numpy().tolist()
    assert interval == [[2 - below, 2 + above]]


def test_the_release_must_not_make_an_agencys_interval_narrower():
    frames = municipality(FOUR_UNITS)
    _, cells, relations = frames
    told = margins(cells, [GIRLS_OF_B], below=1, above=2)
    alone = patterns(cells, relations, margins=told)
    alone["state"] = alone["state"].mask(alone["state"] == "secondary", "shown")
    assert not audited(frames, alone, margins=told).is_passed


def test_an_interval_is_knowledge_and_no_value():
    _, cells, relations = municipality(FOUR_UNITS)
    pattern = patterns(cells, relations)
    told = margins(cells, secondaries(pattern), below=10, above=10)
    told["low"] = told["low"].clip(lower=0)
    wide = patterns(cells, relations, margins=told)
    assert set(secondaries(wide)) == set(secondaries(pattern))
    linked = of_audience(cells, relations, "public", margins=told)
    assert not linked.frame["is_published_before"][linked.frame["cell_id"].isin(told["cell_id"])].any()
    assert not set(wide.loc[wide["state"].isin(VISIBLE), "cell_id"]) & {GIRLS_OF_B}
