"""Cells and relations that cannot be trusted are refused, by id and never by content."""

import pandas as pd
import pytest

from dagster_project.lib.disclosure.cells import complete, link
from dagster_project.lib.disclosure.errors import DisclosureError, UnsoundCellsError, UnsoundRelationsError
from dagster_project.lib.disclosure.weights import weights
from dagster_project.lib.errors import EquityError

CELLS = pd.DataFrame({"cell_id": ["girls", "boys", "all"], "value": [7341, 12, 7353]})
SUM = pd.DataFrame({"relation_id": "sum", "cell_id": ["girls", "boys", "all"], "coefficient": [1, 1, -1]})


def test_a_cell_needs_no_more_than_an_id_and_a_value():
    frame = complete(CELLS)
    assert frame["value"].tolist() == [7341, 12, 7353]
    assert frame["published_low"].tolist() == frame["published_high"].tolist() == [7341, 12, 7353]
    assert not frame[["is_primary", "is_published_before", "is_structural_zero", "is_hidden"]].any(axis=None)
    assert link(CELLS, SUM).matrix.shape == (1, 3)


def test_no_cells_at_all_are_no_cells():
    linked = link(CELLS[:0], SUM[:0])
    assert linked.frame.empty and linked.matrix.shape == (0, 0)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ({"value": [7341, None, 7353]}, "empty column"),
        ({"value": [7341, 12.5, 7353]}, "no whole number in value"),
        ({"value": [7341, "many", 7353]}, "no whole number in value"),
        ({"value": [7341, -12, 7353]}, "negative or too large"),
        ({"value": [7341, 2**46, 7353]}, "negative or too large"),
        ({"cell_id": ["girls", "girls", "all"]}, "listed twice"),
        ({"cell_id": ["girls", None, "all"]}, "empty column"),
        ({"upper_bound": [8000, 11, 8000]}, "outside its own bounds"),
        ({"lower_bound": [0, 13, 0]}, "outside its own bounds"),
        ({"published_low": [7341, 13, 7353]}, "outside the interval"),
        ({"weight": [1.0, 0.0, 1.0]}, "no positive weight"),
        ({"weight": [1.0, float("inf"), 1.0]}, "no positive weight"),
        ({"sliding_protection": [4, -1, 4]}, "negative protection level"),
        ({"is_structural_zero": [False, True, False]}, "zero by structure"),
        ({"is_hidden": True, "is_published_before": [False, True, False]}, "both hidden and published"),
    ],
)
def test_unsound_cells_are_refused(damage: dict[str, object], message: str):
    with pytest.raises(UnsoundCellsError, match=message) as refused:
        complete(CELLS.assign(**damage))
    assert "12" not in str(refused.value) and "7341" not in str(refused.value)


def test_a_column_that_is_not_there_is_named():
    with pytest.raises(UnsoundCellsError, match="lack the column value"):
        complete(CELLS.drop(columns="value"))
    with pytest.raises(UnsoundRelationsError, match="lack the column coefficient"):
        link(CELLS, SUM.drop(columns="coefficient"))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ({"cell_id": ["girls", "boys", "everybody"]}, "not listed"),
        ({"cell_id": ["girls", "girls", "all"]}, "names a cell twice"),
        ({"coefficient": [1, 0, -1]}, "no whole number other than zero"),
        ({"coefficient": [1, 0.5, -1]}, "no whole number other than zero"),
        ({"coefficient": [1, 1, 1]}, "does not hold"),
    ],
)
def test_unsound_relations_are_refused(damage: dict[str, object], message: str):
    with pytest.raises(UnsoundRelationsError, match=message) as refused:
        link(CELLS, SUM.assign(**damage))
    assert str(refused.value).startswith("Relation sum")
    assert "7341" not in str(refused.value)


def test_totals_of_another_extract_are_refused():
    with pytest.raises(UnsoundRelationsError, match="same extract"):
        link(CELLS.assign(value=[7341, 12, 7354]), SUM)


def test_every_refusal_is_one_of_the_projects_errors():
    assert issubclass(UnsoundCellsError, DisclosureError)
    assert issubclass(DisclosureError, EquityError)


def test_totals_weigh_more_than_parts_and_large_cells_slightly_more():
    found = weights(pd.Series([0, 99, 99]), pd.Series(["leaf", "leaf", "area"]), {"leaf": 1, "area": 40})
    assert found.tolist() == pytest.approx([1.0, 1.0460517, 41.842068])
    with pytest.raises(KeyError, match="area"):
        weights(pd.Series([1]), pd.Series(["area"]), {"leaf": 1})
