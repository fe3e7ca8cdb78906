"""Relations of linked tables: everything that anybody can add up."""

from collections.abc import Sequence

import pandas as pd
import pytest

from dagster_project.lib.disclosure.cells import link
from dagster_project.lib.disclosure.errors import IncompleteTableError, UnsoundCellsError
from dagster_project.lib.disclosure.tables import link_tables

PLACES = [
    ("place", "all", "by area", "North"),
    ("place", "all", "by area", "South"),
    ("place", "North", "by area", "A"),
    ("place", "North", "by area", "B"),
    ("place", "South", "by area", "C"),
    ("place", "all", "by organiser", "municipal"),
    ("place", "all", "by organiser", "private"),
    ("place", "municipal", "by organiser", "A"),
    ("place", "municipal", "by organiser", "C"),
    ("place", "private", "by organiser", "B"),
]
VALUES = {"A": 3, "B": 5, "C": 7, "North": 8, "South": 7, "municipal": 10, "private": 5, "all": 15}


def hierarchy(rows: Sequence[tuple[str, str, str, str]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["dimension", "parent", "partition", "child"])


def places(names: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame({"place": list(names), "value": [VALUES[name] for name in names]})


def sums(relations: pd.DataFrame) -> set[tuple[str, frozenset[str]]]:
    """Totals with their parts."""
    found = set()
    for _, rows in relations.groupby("relation_id"):
        (total,) = rows.loc[rows["coefficient"] == -1, "cell_id"]
        found.add((total, frozenset(rows.loc[rows["coefficient"] == 1, "cell_id"])))
    return found


def test_units_add_up_to_areas_and_to_organisers():
    cells, relations = link_tables(places(list(VALUES)), ["place"], hierarchy(PLACES))
    assert sums(relations) == {
        ("all", frozenset({"North", "South"})),
        ("all", frozenset({"municipal", "private"})),
        ("North", frozenset({"A", "B"})),
        ("South", frozenset({"C"})),
        ("municipal", frozenset({"A", "C"})),
        ("private", frozenset({"B"})),
    }
    assert not cells["is_hidden"].any()
    link(cells, relations)


def test_an_area_that_no_table_shows_still_adds_up():
    cells, relations = link_tables(places(["A", "B", "C", "all"]), ["place"], hierarchy(PLACES[:5]))
    added = cells[cells["is_hidden"]]
    assert dict(zip(added["cell_id"], added["value"], strict=True)) == {"North": 8, "South": 7}
    assert ("all", frozenset({"North", "South"})) in sums(relations)
    link(cells, relations)


def test_two_breakdowns_hang_together_by_their_total():
    table = pd.DataFrame(
        [
            ("A", "all", 8),
            ("A", "girls", 5),
            ("A", "boys", 3),
            ("A", "born here", 6),
            ("A", "born abroad", 2),
        ],
        columns=["place", "group", "value"],
    )
    groups = hierarchy(
        [
            ("group", "all", "sex", "girls"),
            ("group", "all", "sex", "boys"),
            ("group", "all", "background", "born here"),
            ("group", "all", "background", "born abroad"),
        ]
    )
    cells, relations = link_tables(table, ["place", "group"], groups)
    assert sums(relations) == {
        ("A|all", frozenset({"A|girls", "A|boys"})),
        ("A|all", frozenset({"A|born here", "A|born abroad"})),
    }
    assert cells["cell_id"].tolist() == ["A|all", "A|girls", "A|boys", "A|born here", "A|born abroad"]


def test_relations_run_along_every_dimension():
    table = pd.DataFrame(
        [(p, s, v) for p, s, v in (("A", "F", 1), ("A", "M", 2), ("A", "T", 3), ("B", "F", 4), ("B", "M", 5))]
        + [("B", "T", 9), ("all", "F", 5), ("all", "M", 7), ("all", "T", 12)],
        columns=["place", "sex", "value"],
    )
    both = hierarchy(
        [("place", "all", "", "A"), ("place", "all", "", "B"), ("sex", "T", "", "F"), ("sex", "T", "", "M")]
    )
    _, relations = link_tables(table, ["place", "sex"], both)
    assert len(sums(relations)) == 6
    assert ("all|F", frozenset({"A|F", "B|F"})) in sums(relations)
    assert ("all|T", frozenset({"all|F", "all|M"})) in sums(relations)


def test_a_total_with_a_missing_part_is_refused():
    with pytest.raises(IncompleteTableError, match="cell North among them"):
        link_tables(places(["A", "C", "North", "South", "all"]), ["place"], hierarchy(PLACES[:5]))


def test_a_missing_part_is_nobody_where_the_tables_say_so():
    table = pd.DataFrame({"group": ["all", "girls"], "value": [4, 4], "weight": [9.0, 2.0]})
    sexes = hierarchy([("group", "all", "", "girls"), ("group", "all", "", "boys")])
    cells, relations = link_tables(table, ["group"], sexes, absent="zero")
    boys = cells[cells["cell_id"] == "boys"].iloc[0]
    assert (boys["value"], bool(boys["is_hidden"]), boys["weight"]) == (0, False, 1.0)
    assert sums(relations) == {("all", frozenset({"girls", "boys"}))}
    link(cells, relations)


def test_a_missing_part_that_is_not_nobody_does_not_add_up():
    table = pd.DataFrame({"group": ["all", "girls"], "value": [5, 4]})
    sexes = hierarchy([("group", "all", "", "girls"), ("group", "all", "", "boys")])
    with pytest.raises(Exception, match="does not hold"):
        link(*link_tables(table, ["group"], sexes, absent="zero"))


@pytest.mark.parametrize(
    ("codes", "message"), [(["A", None, "all"], "lacks the code"), (["A", "A", "all"], "same codes")]
)
def test_codes_must_name_one_cell_each(codes: list[str | None], message: str):
    with pytest.raises(UnsoundCellsError, match=message):
        link_tables(pd.DataFrame({"place": codes, "value": [1, 2, 3]}), ["place"], hierarchy(PLACES))


def test_cells_keep_their_own_ids_and_columns():
    table = places(["A", "B", "North"]).assign(cell_id=["x", "y", "z"], contributors=[1, 2, 3])
    cells, relations = link_tables(table, ["place"], hierarchy(PLACES[:5]))
    assert sums(relations) == {("z", frozenset({"x", "y"}))}
    assert cells["contributors"].tolist() == [1, 2, 3]
