"""Two audiences, one pattern each, and the audit of what their files show."""

from collections.abc import Iterable, Mapping

import pandas as pd
import pytest

from dagster_project.lib.disclosure.audiences import VISIBLE, of_audience, patterns
from dagster_project.lib.disclosure.audit import audit
from dagster_project.lib.disclosure.block import Limits
from dagster_project.lib.disclosure.errors import (
    RegisterError,
    UnsoundCellsError,
    UnsoundRelationsError,
)
from dagster_project.lib.disclosure.primary import few, protection_levels, tells_of_group, too_few
from dagster_project.lib.disclosure.register import checked, digest
from dagster_project.lib.disclosure.release_audit import ReleaseAudit, audit_release

# Girls, girls who did not reach, boys, boys who did not reach.
Unit = tuple[int, int, int, int]
# minimum size, few, as in thr_disclosure
RULES = {"public": (10, 4), "internal": (5, 2)}
FOUR_UNITS = {"A": (20, 6, 20, 8), "B": (20, 2, 20, 9), "C": (20, 7, 20, 10), "D": (20, 8, 20, 7)}
EIGHT_UNITS = {name: (15 + n, n % 7, 14, (3 * n) % 8) for n, name in enumerate("ABCDEFGH")}
KEY = ["entity_type", "entity_key", "school_year", "indicator_id", "group_id"]
Frames = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]


def municipality(units: Mapping[str, Unit]) -> Frames:
    """Rows, cells and relations of one indicator, as the models ``ind_disclosure_*`` make them."""
    groups = {"sex_girls": (0, 1), "sex_boys": (2, 3), "all": (0, 1, 2, 3)}
    counted = [
        (
            unit,
            group,
            sum(values[place] for place in places[::2]),
            sum(values[place] for place in places[1::2]),
        )
        for unit, values in units.items()
        for group, places in groups.items()
    ]
    frame = pd.DataFrame(counted, columns=["entity_key", "group_id", "persons", "figure"])
    whole = frame.groupby("group_id", as_index=False)[["persons", "figure"]].sum().assign(entity_key="9999")
    frame = pd.concat([frame.assign(entity_type="unit"), whole.assign(entity_type="municipality")])
    frame = frame.assign(school_year="2025/26", indicator_id="own_absent_15_share__level")
    rows = pd.concat([frame.assign(audience=name) for name in RULES], ignore_index=True)
    rows["figure_cell_id"] = rows[KEY].agg("|".join, axis=1)
    rows["persons_cell_id"] = rows["figure_cell_id"] + "|persons"
    return rows, _cells(rows), _relations(rows)


def _cells(rows: pd.DataFrame) -> pd.DataFrame:
    parts = []
    for audience, (minimum, at_most) in RULES.items():
        own = rows[rows["audience"] == audience]
        size, count = own["persons"], own["figure"]
        levels = protection_levels(count, size, below=1, above=1, width=at_most)
        figures = own.assign(
            cell_id=own["figure_cell_id"],
            value=count,
            upper_bound=size,
            is_primary=too_few(size, minimum) | few(count, at_most) | tells_of_group(count, size, 0),
            is_published_before=False,
            part="figure",
            **levels.to_dict("series"),
        )
        persons = own.assign(
            cell_id=own["persons_cell_id"],
            value=size,
            upper_bound=size,
            is_primary=False,
            part="persons",
            is_published_before=True,
            lower_protection=0,
            upper_protection=0,
            sliding_protection=0,
        )
        parts += [figures, persons.assign(persons_cell_id=None)]
    cells = pd.concat(parts, ignore_index=True)
    weight = cells["entity_type"].map({"unit": 1.0, "municipality": 40.0})
    return cells.assign(weight=weight, is_hidden=False, breakdown=cells["entity_type"])


def _relations(rows: pd.DataFrame) -> pd.DataFrame:
    places = rows.assign(
        relation_id="places " + rows["group_id"],
        coefficient=rows["entity_type"].map({"unit": 1, "municipality": -1}),
    )
    groups = rows.assign(
        relation_id="groups " + rows["entity_key"],
        coefficient=(rows["group_id"] == "all").map({True: -1, False: 1}),
    )
    both = pd.concat([places, groups], ignore_index=True).rename(columns={"figure_cell_id": "cell_id"})
    return both[["audience", "relation_id", "cell_id", "coefficient"]]


def files(frames: Frames, pattern: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """What the file of each audience shows under a pattern."""
    rows, _, _ = frames
    visible = pattern[pattern["state"].isin(VISIBLE)]
    shown = {}
    for audience, own in rows.groupby("audience"):
        cells = visible.loc[visible["audience"] == audience, "cell_id"]
        is_shown = own["figure_cell_id"].isin(cells)
        shown[str(audience)] = own[KEY].assign(shows_figure=is_shown, shows_persons=is_shown)
    return shown


def audited(frames: Frames, pattern: pd.DataFrame, **options: object) -> ReleaseAudit:
    return audit_release(*frames, files(frames, pattern), **options)  # type: ignore[arg-type]


def shown_all_but(pattern: pd.DataFrame, states: Iterable[str]) -> pd.DataFrame:
    """A weakened pattern: hidden are only these."""
    return pattern.assign(state=pattern["state"].where(pattern["state"].isin([*states, "known"]), "shown"))


def states(pattern: pd.DataFrame, audience: str) -> set[str]:
    return set(pattern.loc[pattern["audience"] == audience, "state"])


def test_what_the_patterns_show_passes_the_audit_of_the_files():
    frames = municipality(FOUR_UNITS)
    pattern = patterns(frames[1], frames[2])
    found = audited(frames, pattern)
    assert found.is_passed, found.reasons
    public = found.summary[0]
    assert public["primaries"] == public["protected"] == 1
    assert public["hidden"] >= 4
    assert public["narrowest"] >= 4
    assert "secondary" in states(pattern, "public")


def test_a_configuration_without_secondary_suppression_is_failed_by_the_audit():
    frames = municipality(FOUR_UNITS)
    weakened = shown_all_but(patterns(frames[1], frames[2]), ["primary"])
    found = audited(frames, weakened)
    assert not found.is_passed
    assert "exactly_disclosed" in found.reasons[0]
    assert "unit" in found.reasons[0]
    # Not the figure that is hidden, nor whose it is.
    assert "|" not in found.reasons[0]


def test_hiding_the_other_sex_alone_is_failed_too():
    frames = municipality(FOUR_UNITS)
    pattern = patterns(frames[1], frames[2])
    of_unit = pattern["cell_id"].str.contains("|B|", regex=False) & ~pattern["cell_id"].str.contains("all")
    naive = pattern.assign(state=pattern["state"].mask(pattern["state"] == "secondary", "shown"))
    naive.loc[of_unit & (naive["state"] == "shown"), "state"] = "secondary"
    assert not audited(frames, naive).is_passed


def test_the_same_cells_in_another_order_give_the_same_pattern():
    _, cells, relations = municipality(EIGHT_UNITS)
    first = patterns(cells, relations)
    again = patterns(cells.sample(frac=1, random_state=1), relations.sample(frac=1, random_state=2))
    pd.testing.assert_frame_equal(first, again)


def test_what_the_current_release_hid_stays_hidden_from_both_though_it_need_not_be():
    _, cells, relations = municipality(EIGHT_UNITS)
    first = patterns(cells, relations)
    shown = first[(first["audience"] == "public") & (first["state"] == "shown")]["cell_id"].iloc[0]
    hid_more = first.assign(state=first["state"].mask(first["cell_id"] == shown, "secondary"))
    second = patterns(cells, relations, earlier=hid_more)
    assert set(second.loc[second["cell_id"] == shown, "state"]) == {"secondary"}
    everywhere = patterns(cells, relations, earlier=first)
    pd.testing.assert_frame_equal(everywhere, first)


def test_public_and_internal_together_disclose_nothing_that_both_hide():
    frames = municipality({"A": (20, 2, 9, 3), "B": (20, 6, 20, 1), "C": (20, 9, 20, 10), "D": (20, 8, 7, 7)})
    pattern = patterns(frames[1], frames[2])
    assert audited(frames, pattern).is_passed
    visible = pattern[pattern["state"].isin(VISIBLE)]
    hidden_from_both = set(pattern["cell_id"]) - set(visible["cell_id"])
    assert hidden_from_both
    together = of_audience(frames[1], frames[2], "internal", seen=visible["cell_id"])
    proof = audit(together, together.frame["cell_id"].isin(hidden_from_both).to_numpy())
    assert proof.is_passed
    assert len(proof.proof) > 0


def test_what_the_public_sees_binds_the_internal_pattern():
    frames = municipality(FOUR_UNITS)
    pattern = patterns(frames[1], frames[2])
    public = pattern[(pattern["audience"] == "public") & (pattern["state"] == "shown")]
    internal = pattern[pattern["audience"] == "internal"].set_index("cell_id")["state"]
    assert set(internal.loc[public["cell_id"]]) == {"known"}


def test_two_files_that_are_safe_one_by_one_are_failed_together():
    frames = municipality(FOUR_UNITS)
    pattern = patterns(frames[1], frames[2])
    shown = files(frames, pattern)
    everything = frames[0][frames[0]["audience"] == "public"][KEY]
    shown["public"] = everything.assign(shows_figure=True, shows_persons=True)
    assert not audit_release(*frames, shown).is_passed


@pytest.mark.parametrize(
    ("units", "why"),
    [
        ({"A": (1, 1, 20, 6), "B": (20, 6, 20, 8), "C": (20, 7, 20, 7)}, "a group with one member"),
        ({"A": (20, 3, 20, 8)}, "an area with one unit"),
        ({"A": (20, 6, 0, 0), "B": (20, 3, 0, 0), "C": (20, 8, 0, 0)}, "all pupils in one group"),
        ({"A": (20, 3, 20, 8), "B": (20, 6, 20, 9)}, "a municipality with two units"),
        ({"A": (2, 1, 1, 1), "B": (1, 0, 2, 2)}, "nothing but small groups"),
        ({"A": (20, 20, 20, 20), "B": (20, 20, 20, 20)}, "everybody in the outcome"),
        ({"A": (20, 0, 20, 0), "B": (20, 0, 20, 0)}, "nobody in the outcome"),
    ],
)
def test_every_small_municipality_is_published_safely_or_not_at_all(units: Mapping[str, Unit], why: str):
    frames = municipality(units)
    pattern = patterns(frames[1], frames[2])
    found = audited(frames, pattern)
    assert found.is_passed, (why, found.reasons)
    hidden = pattern[~pattern["state"].isin([*VISIBLE, "unseen"])]
    primary = frames[1].loc[frames[1]["is_primary"], ["audience", "cell_id"]]
    assert set(map(tuple, primary.to_numpy())) <= {
        *map(tuple, hidden[["audience", "cell_id"]].to_numpy()),
    }, why


def test_nobody_in_the_outcome_is_shown():
    _, cells, relations = municipality({"A": (20, 0, 20, 0), "B": (20, 0, 20, 0)})
    pattern = patterns(cells, relations)
    assert set(pattern["state"]) <= {"shown", "known"}


def test_where_nothing_can_be_protected_the_breakdown_is_refused_with_a_reason():
    rows, cells, relations = municipality({"A": (20, 3, 20, 8)})
    # The municipality is its only unit, and its figures are known from elsewhere.
    cells["is_published_before"] |= cells["entity_type"] == "municipality"
    pattern = patterns(cells, relations)
    refused = pattern[pattern["state"] == "refused"]
    assert set(refused["reason"]) == {"cannot_be_protected"}
    assert audited((rows, cells, relations), pattern).summary[0]["exposed"] > 0


def test_out_of_time_nothing_that_needs_protection_is_shown():
    frames = municipality(FOUR_UNITS)
    pattern = patterns(frames[1], frames[2], limits=Limits(total_seconds=0.0))
    figures = pattern[~pattern["cell_id"].str.endswith("persons") & (pattern["audience"] == "public")]
    assert set(figures["state"]) == {"refused"}
    assert set(figures["reason"]) <= {"out_of_time", "not_proven"}


def test_an_audit_that_is_out_of_time_fails():
    frames = municipality(EIGHT_UNITS)
    found = audited(frames, patterns(frames[1], frames[2]), seconds=0.0)
    assert not found.is_passed
    assert "not_proven" in " ".join(found.reasons)


def register_of(pattern: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """What a release with this pattern has told."""
    shown = pattern[pattern["state"] == "shown"].merge(cells, on=["audience", "cell_id"])
    return shown[["audience", "cell_id"]].assign(
        release_id="R000001", low=shown["value"], high=shown["value"]
    )


def test_what_an_earlier_release_showed_is_shown_again_and_others_are_hidden_instead():
    rows, cells, relations = municipality(FOUR_UNITS)
    first = patterns(cells, relations)
    register = register_of(first, cells)
    again = patterns(cells, relations, register=register)
    told = register[["audience", "cell_id"]].merge(again, on=["audience", "cell_id"])
    assert set(told["state"]) == {"known"}
    assert audited((rows, cells, relations), again, register=register).is_passed


def test_a_candidate_is_failed_for_what_an_earlier_release_told():
    rows, cells, relations = municipality(FOUR_UNITS)
    pattern = patterns(cells, relations)
    secondary = pattern[(pattern["audience"] == "public") & (pattern["state"] == "secondary")]
    told = register_of(secondary.assign(state="shown"), cells)
    assert audited((rows, cells, relations), pattern).is_passed
    found = audited((rows, cells, relations), pattern, register=told)
    # All ways out are known: no pattern could have helped, or this one must be refused.
    assert not found.is_passed or found.summary[0]["exposed"] > 0


def test_a_revised_figure_is_not_taken_for_the_one_told_before():
    _, cells, relations = municipality(FOUR_UNITS)
    first = patterns(cells, relations)
    register = register_of(first, cells)
    register["low"] = register["high"] = register["low"] + 1
    assert states(patterns(cells, relations, register=register), "public") == states(first, "public")


def test_a_damaged_register_and_a_missing_release_stop_publication():
    _, cells, relations = municipality(FOUR_UNITS)
    told = register_of(patterns(cells, relations), cells).query("audience == 'public'")
    stated = pd.DataFrame([("R000001", len(told), digest(told))], columns=["release_id", "cells", "sha256"])
    assert len(checked(told, stated, ["R000001"])) == len(told)
    with pytest.raises(RegisterError, match="Restore it"):
        checked(told.assign(low=told["low"] - 1), stated, ["R000001"])
    with pytest.raises(RegisterError, match="R000002 is not in the ledger"):
        checked(told, stated, ["R000001", "R000002"])


def test_a_row_that_no_relation_protects_stops_publication():
    frames = municipality(FOUR_UNITS)
    shown = files(frames, patterns(frames[1], frames[2]))
    stranger = shown["public"].iloc[[0]].assign(group_id="parents_higher", shows_figure=True)
    shown["public"] = pd.concat([shown["public"], stranger], ignore_index=True)
    with pytest.raises(UnsoundCellsError, match=r"that no relation protects.*parents_higher"):
        audit_release(*frames, shown)


def test_the_internal_file_is_never_audited_without_the_public_one():
    frames = municipality(FOUR_UNITS)
    shown = files(frames, patterns(frames[1], frames[2]))
    with pytest.raises(UnsoundCellsError, match="audit both files together"):
        audit_release(*frames, {"internal": shown["internal"]})
    with pytest.raises(UnsoundCellsError, match="Audiences are"):
        audit_release(*frames, {})


def test_figures_that_do_not_add_up_stop_publication():
    _, cells, relations = municipality(FOUR_UNITS)
    cells.loc[cells["cell_id"].str.endswith("A|2025/26|own_absent_15_share__level|all"), "value"] += 1
    with pytest.raises(UnsoundRelationsError, match="does not hold"):
        patterns(cells, relations)
