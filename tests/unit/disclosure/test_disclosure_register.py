"""What was ever published stays known; a register that cannot be trusted stops everything."""

import pandas as pd
import pytest

from dagster_project.lib.disclosure import register
from dagster_project.lib.disclosure.cells import link
from dagster_project.lib.disclosure.errors import RegisterError
from dagster_project.lib.disclosure.protect import protect

ENTRIES = pd.DataFrame(
    [
        ("R000001", "A|not", 8, 8),
        ("R000001", "B|not", 7, 7),
        ("R000002", "A|not", 8, 8),
        ("R000002", "C|not", 10, 14),
    ],
    columns=["release_id", "cell_id", "low", "high"],
)
LEDGER = register.ledger(ENTRIES)
RELEASES = ["R000001", "R000002"]
CELLS = pd.DataFrame(
    {
        "cell_id": ["A|not", "B|not", "C|not", "D|not", "all|not"],
        "value": [8, 7, 12, 3, 30],
        "is_primary": [False, False, False, True, False],
        "weight": [1.0, 1.0, 1.0, 1.0, 50.0],
    }
)
SUM = pd.DataFrame({"relation_id": "sum", "cell_id": CELLS["cell_id"], "coefficient": [1, 1, 1, 1, -1]})


def test_a_sound_register_is_taken_as_it_is():
    checked = register.checked(ENTRIES, LEDGER, RELEASES)
    pd.testing.assert_frame_equal(checked, ENTRIES)
    shuffled = register.checked(ENTRIES[::-1].astype({"low": "str"}), LEDGER, RELEASES)
    assert shuffled["low"].sum() == ENTRIES["low"].sum()


@pytest.mark.parametrize(
    ("damaged", "message"),
    [
        (ENTRIES.drop(columns="high"), "lacks the column high"),
        (ENTRIES.assign(low=[8, None, 8, 10]), "1 rows of the register cannot be read"),
        (ENTRIES.assign(low=[8, "7x", 8, 10]), "1 rows of the register cannot be read"),
        (ENTRIES.assign(low=[8, 7.5, 8, 10]), "1 rows of the register cannot be read"),
        (ENTRIES.assign(low=[8, 9, 8, 10]), "upside down"),
        (pd.concat([ENTRIES, ENTRIES[:1]]), "twice for a release"),
        (ENTRIES[1:], "does not hold what release R000001 published"),
        (ENTRIES.assign(low=[8, 6, 8, 10], high=[8, 6, 8, 14]), "does not hold what release R000001"),
        (ENTRIES.assign(cell_id=["A|not", "X|not", "A|not", "C|not"]), "does not hold what release R000001"),
        (ENTRIES[:2], "does not hold what release R000002"),
    ],
)
def test_a_damaged_register_stops_everything(damaged: pd.DataFrame, message: str):
    with pytest.raises(RegisterError, match=message):
        register.checked(damaged, LEDGER, RELEASES)


def test_a_release_that_the_register_has_never_heard_of_stops_everything():
    with pytest.raises(RegisterError, match="R000003 is not in the ledger"):
        register.checked(ENTRIES, LEDGER, [*RELEASES, "R000003"])


def test_a_register_of_releases_that_never_were_stops_everything():
    with pytest.raises(RegisterError, match="R000002, which has never been published"):
        register.checked(ENTRIES, LEDGER, RELEASES[:1])


def test_two_releases_that_contradict_each_other_stop_everything():
    contradicting = ENTRIES.assign(low=[8, 7, 9, 10], high=[8, 7, 9, 14])
    with pytest.raises(RegisterError, match=r"Cell A\|not .* two values"):
        register.checked(contradicting, register.ledger(contradicting), RELEASES)


def test_what_was_published_is_known_for_good():
    known = register.with_known(CELLS, ENTRIES).set_index("cell_id")
    assert known["is_published_before"].to_dict() == {
        "A|not": True,
        "B|not": True,
        "C|not": True,
        "D|not": False,
        "all|not": False,
    }
    # A rounded figure is known as far as it was told.
    assert known.loc["C|not", ["published_low", "published_high"]].tolist() == [10, 14]


def test_several_releases_together_tell_more_than_each():
    entries = pd.DataFrame(
        [("R000001", "C|not", 10, 14), ("R000002", "C|not", 12, 16)], columns=register.COLUMNS
    )
    known = register.with_known(CELLS, entries).set_index("cell_id")
    assert known.loc["C|not", ["published_low", "published_high"]].tolist() == [12, 14]


def test_a_revised_figure_is_not_the_same_cell():
    with pytest.raises(RegisterError, match=r"B\|not of the register has another value") as refused:
        register.with_known(CELLS.assign(value=[8, 6, 12, 3, 29]), ENTRIES)
    assert "6" not in str(refused.value).replace("B|not", "")


def test_a_revised_figure_gets_the_next_version():
    cells = pd.DataFrame(
        {"cell_id": ["new", "same", "revised", "twice", "rounded"], "value": [5, 7, 30, 9, 41]}
    )
    told = pd.DataFrame(
        [
            ("R000001", "same", 7, 7),
            ("R000001", "revised", 12, 12),
            ("R000001", "twice", 9, 9),
            ("R000002", "twice#2", 25, 25),
            ("R000001", "rounded", 40, 42),
        ],
        columns=register.COLUMNS,
    )
    versions = register.versions(cells, told)
    # A figure that returns to what it was is revised all the same: readers have seen another since.
    assert versions.tolist() == ["new", "same", "revised#2", "twice#3", "rounded"]
    assert register.versions(cells, told.iloc[:0]).tolist() == cells["cell_id"].tolist()


def test_the_pattern_reckons_with_the_register():
    fresh = protect(link(CELLS, SUM))
    assert fresh.is_publishable
    assert (fresh.pattern["state"] == "secondary").sum() == 1
    assert fresh.pattern["state"].tolist()[4] == "shown"
    later = protect(link(register.with_known(CELLS, ENTRIES), SUM))
    # C was told as 10 to 14 only: with A, B and the total known, D is 30 - 8 - 7 less that, and wide enough.
    assert later.pattern["state"].tolist() == ["known", "known", "known", "primary", "shown"]
    assert later.audit.proof[["lower", "upper"]].to_numpy().tolist() == [[1, 5]]
    assert later.is_publishable


def test_where_all_the_rest_is_known_exactly_the_total_has_to_go():
    exact = ENTRIES.replace({"low": {10: 12}, "high": {14: 12}})
    later = protect(link(register.with_known(CELLS, exact), SUM))
    assert later.pattern["state"].tolist() == ["known", "known", "known", "primary", "secondary"]
    assert later.is_publishable
