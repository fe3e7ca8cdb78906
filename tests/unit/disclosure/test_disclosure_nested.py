"""Outcomes within each other: absent half the time is absent a tenth of it, and the difference is a count."""

from collections.abc import Mapping

import pandas as pd
import pytest
from test_disclosure_audiences import Frames, Unit, audited, files, municipality

from dagster_project.lib.disclosure.audiences import VISIBLE, patterns
from dagster_project.lib.disclosure.primary import few
from dagster_project.lib.disclosure.release_audit import audit_release

WIDE = {"A": (40, 12, 40, 14), "B": (40, 11, 40, 15), "C": (40, 13, 40, 12), "D": (40, 15, 40, 13)}
FEW = {"public": 4, "internal": 2}


def nested(wide: Mapping[str, Unit], narrow: Mapping[str, Unit]) -> tuple[Frames, Frames]:
    """Two outcomes of the same pupils, without and with the relation between them."""
    outer, inner = municipality(wide), municipality(narrow)
    inner = tuple(_renamed(frame) for frame in inner)  # type: ignore[assignment]
    rows, cells, relations = (pd.concat(pair, ignore_index=True) for pair in zip(outer, inner, strict=True))
    cells = cells.drop_duplicates(["audience", "cell_id"])
    pairs = outer[0].assign(narrow=inner[0]["figure_cell_id"], inside=inner[0]["figure"])
    beyond = pairs["figure"] - pairs["inside"]
    slack = pd.DataFrame(
        {
            "audience": pairs["audience"],
            "cell_id": pairs["figure_cell_id"] + "|beyond",
            "value": beyond,
            "upper_bound": pairs["persons"],
            "is_primary": few(beyond, pairs["audience"].map(FEW)),
            "lower_protection": beyond.clip(upper=1),
            "upper_protection": 1,
            "sliding_protection": pairs["audience"].map(FEW),
            "is_published_before": False,
            "is_hidden": True,
            "weight": 1.0,
            "breakdown": "beyond",
            "part": "beyond",
        }
    )
    terms = [(pairs["figure_cell_id"], -1), (pairs["narrow"], 1), (slack["cell_id"], 1)]
    stated = pd.concat(
        [
            pd.DataFrame(
                {
                    "audience": pairs["audience"],
                    "relation_id": slack["cell_id"],
                    "cell_id": ids,
                    "coefficient": coefficient,
                }
            )
            for ids, coefficient in terms
        ]
    )
    return (rows, cells, relations), (
        rows,
        pd.concat([cells, slack], ignore_index=True),
        pd.concat([relations, stated], ignore_index=True),
    )


def _renamed(frame: pd.DataFrame) -> pd.DataFrame:
    """The same frame of another indicator; the numbers of persons are those of the first one."""
    texts = [name for name in ("indicator_id", "figure_cell_id", "cell_id", "relation_id") if name in frame]
    renamed = frame.copy()
    for name in texts:
        of_persons = frame[name].str.endswith("|persons")
        renamed[name] = frame[name].where(of_persons, frame[name].str.replace("absent_15", "absent_20"))
    if "relation_id" in renamed:
        renamed["relation_id"] = "narrow " + renamed["relation_id"]
    return renamed


def visible(frames: Frames, pattern: pd.DataFrame, where: str) -> set[str]:
    seen = pattern[(pattern["audience"] == "public") & pattern["state"].isin(VISIBLE)]
    return {cell for cell in seen["cell_id"] if where in cell and not cell.endswith("persons")}


def test_a_wide_outcome_that_is_shown_bounds_the_narrow_one_that_is_hidden():
    # One of B's girls is in the narrow outcome. In most units both outcomes are those of the same pupils.
    narrow = {"A": (40, 12, 40, 7), "B": (40, 1, 40, 15), "C": (40, 13, 40, 6), "D": (40, 15, 40, 13)}
    unaware, aware = nested(WIDE, narrow)
    blind = patterns(unaware[1], unaware[2])
    assert audited(unaware, blind).is_passed
    found = audited(aware, blind)
    assert not found.is_passed

    seeing = patterns(aware[1], aware[2])
    assert audited(aware, seeing).is_passed


@pytest.mark.parametrize("few_beyond", [1, 4])
def test_one_to_few_between_two_outcomes_are_not_told_by_both(few_beyond: int):
    narrow = {
        unit: (girls, absent - (few_beyond if unit == "B" else 5), boys, more - 6)
        for unit, (girls, absent, boys, more) in WIDE.items()
    }
    unaware, aware = nested(WIDE, narrow)
    everything = patterns(unaware[1], unaware[2])
    girls = "unit|B|2025/26|own_absent_{}_share__level|sex_girls"
    both = {girls.format(15), girls.format(20)}
    # Without the difference nothing is a secret here.
    assert both <= visible(unaware, everything, "sex_girls")
    assert not audited(aware, everything).is_passed

    pattern = patterns(aware[1], aware[2])
    assert not both <= visible(aware, pattern, "sex_girls")
    assert audited(aware, pattern).is_passed


def test_nobody_between_two_outcomes_is_no_secret():
    _, aware = nested(WIDE, WIDE)
    pattern = patterns(aware[1], aware[2])
    assert not set(pattern["state"]) & {"primary", "secondary", "refused"}
    assert audit_release(*aware, files(aware, pattern)).is_passed
