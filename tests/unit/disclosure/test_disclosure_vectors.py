"""Published and hand-made examples: every case of the vectors of disclosure control."""

from typing import Any

import differencing_kit
import numpy as np
import pandas as pd
import pytest
from disclosure_kit import (
    VECTORS,
    chosen,
    intervals,
    plain_hierarchy,
    rules,
    tables,
    two_way,
    vectors,
    with_primary,
)

from dagster_project.lib.disclosure import display, magnitude, primary, rounding
from dagster_project.lib.disclosure.audit import Audit, audit
from dagster_project.lib.disclosure.block import Limits
from dagster_project.lib.disclosure.cells import LinkedCells, link
from dagster_project.lib.disclosure.protect import Protection, protect
from dagster_project.lib.disclosure.weights import weights

V = vectors()
EUROPE = [
    ("row", "Total", "young"),
    ("row", "Total", "old"),
    ("column", "Total", "EU"),
    ("column", "Total", "nonEU"),
    ("column", "EU", "Spain"),
    ("column", "EU", "Portugal"),
    ("column", "nonEU", "Iceland"),
]
GAUSS = [name for name in V if name.startswith("GaussSuppression")]
ONE_EACH_WAY = {"lower_protection": 1, "upper_protection": 1, "sliding_protection": 0}


def test_no_vector_is_left_out():
    tested = {
        "geurts1992",
        "fischetti_salazar2001",
        "sdcTable_testproblem",
        *(f"GaussSuppression_t{number}" for number in ("1", "2", "4", "5", "7", "7b")),
        "school_unit_area_gender_outcome",
        "complementary_rate",
        "mean_differencing",
        "rolling_sum_differencing",
        "revision_differencing",
        "subpopulation_differencing_handbook",
        "geographic_differencing_handbook",
        "group_attribute_disclosure_handbook",
        "ckm_mean_attack_handbook",
        "skolverket_display_rule",
        "lp_vs_integer_attacker_3d",
    }
    assert set(V) == tested
    assert set(rules()) == {"versions", "magnitude_rules", "top_bottom_coding"}


def attacked(linked: LinkedCells, suppressed: list[str], primaries: list[str] | None = None) -> Audit:
    """The audit of a pattern, of all its cells unless some are named."""
    linked = with_primary(linked, primaries or suppressed, **ONE_EACH_WAY)
    return audit(linked, chosen(linked, suppressed))


def hidden(protection: Protection) -> set[str]:
    assert protection.is_publishable and protection.refusals.empty
    pattern = protection.pattern
    return set(pattern.loc[pattern["state"].isin(["primary", "secondary"]), "cell_id"])


def weighted(linked: LinkedCells, weight: Any) -> LinkedCells:
    return LinkedCells(linked.frame.assign(weight=weight), linked.matrix)


def test_geurts_bounds_of_a_suppressed_cell():
    vector = V["geurts1992"]
    filling = {"1|1": 6, "1|2": 1, "2|1": 0, "2|2": 3}
    linked = two_way(vector["published"] | filling, plain_hierarchy(vector["published"] | filling))
    found = intervals(attacked(linked, vector["suppressed"]).proof)
    assert found == vector["audit_integer"] == {k: [int(x) for x in v] for k, v in vector["audit_lp"].items()}
    assert found["1|1"] == vector["expected_bounds_published"]["1|1"]


def fischetti_salazar() -> LinkedCells:
    table = V["fischetti_salazar2001"]["table"]
    return two_way(table, plain_hierarchy(table))


def test_fischetti_salazar_bounds_of_the_published_pattern():
    vector = V["fischetti_salazar2001"]
    assert intervals(attacked(fischetti_salazar(), vector["pattern"]).proof) == vector["audit_lp"]


def test_fischetti_salazar_a_lone_suppressed_cell_is_recovered():
    vector = V["fischetti_salazar2001"]
    found = attacked(fischetti_salazar(), vector["primary"])
    assert intervals(found.proof) == vector["audit_only_primary"]
    assert found.proof["rule"].tolist() == ["exactly_disclosed"]
    assert not found.is_passed


@pytest.mark.parametrize("case", V["fischetti_salazar2001"]["milp"], ids=lambda c: f"{c['cost']}-{c['UPL']}")
def test_fischetti_salazar_optimum(case: dict[str, Any]):
    linked = with_primary(
        fischetti_salazar(),
        ["II|C"],
        lower_protection=case["LPL"],
        upper_protection=case["UPL"],
        sliding_protection=0,
    )
    value = linked.frame["value"]
    linked = weighted(linked, value if case["cost"] == "sum_of_values" else 1 + value * 1e-6)
    found = protect(linked)
    assert hidden(found) == set(case["optimal_pattern"])
    assert found.blocks["method"].tolist() == ["optimum"]
    assert found.blocks["loss"].sum() == pytest.approx(case["objective"], abs=1e-6)
    assert intervals(found.audit.proof) == case["audit"]


def test_fischetti_salazar_with_the_smallest_cell_as_primary():
    vector = V["fischetti_salazar2001"]["small_max9_primary_IIA"]
    linked = with_primary(fischetti_salazar(), ["II|A"], **ONE_EACH_WAY)
    found = hidden(protect(weighted(linked, linked.frame["value"])))
    assert found == set(vector["expected_pattern_R_test"]) == set(vector["milp_sum_cost"])


def sdc_table() -> LinkedCells:
    vector = V["sdcTable_testproblem"]
    return with_primary(
        two_way(vector["table"], plain_hierarchy(vector["table"])), vector["primary"], **ONE_EACH_WAY
    )


def test_sdc_table_problem_without_secondary_suppression():
    assert intervals(attacked(sdc_table(), ["A|female"]).proof) == V["sdcTable_testproblem"]["attack_before"]


@pytest.mark.parametrize("case", V["sdcTable_testproblem"]["milp"], ids=lambda case: case["cost"])
def test_sdc_table_optimum(case: dict[str, Any]):
    linked = sdc_table()
    value = linked.frame["value"]
    found = protect(weighted(linked, value if case["cost"] == "sum_of_values" else 1 + value * 1e-4))
    assert hidden(found) == set(case["optimal_pattern"]) == set(V["sdcTable_testproblem"]["methods"]["OPT"])
    assert found.blocks["loss"].sum() == pytest.approx(case["objective"], abs=1e-6)
    assert intervals(attacked(sdc_table(), case["optimal_pattern"]).proof) == case["audit"]


@pytest.mark.parametrize("method", V["sdcTable_testproblem"]["methods"])
def test_sdc_table_patterns_of_other_methods(method: str):
    vector = V["sdcTable_testproblem"]
    found = attacked(sdc_table(), vector["methods"][method])
    assert intervals(found.proof) == vector["audit_of_methods"][method]
    assert found.is_passed


def europe(name: str) -> LinkedCells:
    values = V[name]["table"]
    levels = EUROPE if "Total|EU" in values else plain_hierarchy(values)
    return two_way(values, levels)


@pytest.mark.parametrize("name", GAUSS)
def test_gauss_suppression_intervals(name: str):
    found = attacked(europe(name), V[name]["suppressed"])
    assert intervals(found.proof) == V[name]["audit_integer"] == V[name]["audit_lp"]
    assert found.proof["is_exact"].all()


@pytest.mark.parametrize("name", GAUSS)
def test_gauss_suppression_discloses_what_the_vector_says(name: str):
    found = attacked(europe(name), V[name]["suppressed"], V[name]["primary"])
    exact = found.proof.loc[found.proof["rule"] == "exactly_disclosed", "cell_id"]
    assert sorted(exact) == sorted(V[name]["primary_exactly_disclosed"])


def test_the_negative_case_fails_the_audit():
    vector = V["GaussSuppression_t7b"]
    found = attacked(europe("GaussSuppression_t7b"), vector["suppressed"], vector["primary"])
    assert not found.is_passed
    assert found.narrowest == 0
    assert set(found.failures["cell_id"]) == set(vector["primary"])


@pytest.mark.parametrize("name", GAUSS)
def test_gauss_suppression_fewest_cells(name: str):
    linked = with_primary(europe(name), V[name]["primary"], **ONE_EACH_WAY)
    found = protect(linked)
    assert len(hidden(found)) == V[name]["milp_min_cells"]["n"]
    assert attacked(linked, V[name]["milp_min_cells"]["pattern"], V[name]["primary"]).is_passed


def school() -> LinkedCells:
    pupils = pd.read_csv(VECTORS / "sdc_school_input.csv").assign(mun="MUN")
    parts = []
    for level, places in (("unit", "unit"), ("area", "area"), ("municipality", "mun")):
        for sex in (pupils["gender"], "T"):
            for outcome in (pupils["outcome"], "T"):
                coded = pupils.assign(place=pupils[places], gender=sex, outcome=outcome)
                parts.append(
                    coded.groupby(["place", "gender", "outcome"], as_index=False)["n"]
                    .sum()
                    .assign(level=level)
                )
    cells = pd.concat(parts, ignore_index=True).rename(columns={"n": "value"})
    cells.loc[(cells["level"] == "unit") & (cells["gender"] != "T"), "level"] = "leaf"
    hierarchy = [("gender", "T", "F"), ("gender", "T", "M"), ("outcome", "T", "ok"), ("outcome", "T", "not")]
    hierarchy += [("place", "MUN", area) for area in pupils["area"].unique()]
    hierarchy += [
        ("place", area, unit) for area, unit in set(zip(pupils["area"], pupils["unit"], strict=True))
    ]
    return tables(
        cells,
        ["place", "gender", "outcome"],
        hierarchy,
        weight=weights(
            cells["value"], cells["level"], {"leaf": 1, "unit": 4, "area": 40, "municipality": 1000}
        ),
        is_primary=(cells["outcome"] == "not") & primary.few(cells["value"], 4),
        is_published_before=cells["outcome"] == "T",
    )


SCHOOL = V["school_unit_area_gender_outcome"]


def test_school_primaries():
    frame = school().frame
    units = frame["cell_id"].str.len() == len("A|F|not")
    assert sorted(frame.loc[frame["is_primary"] & units, "cell_id"]) == sorted(SCHOOL["primary"])
    assert frame["is_primary"].sum() == len(SCHOOL["primary"])


def test_school_primary_cells_alone_are_recovered():
    found = attacked(school(), SCHOOL["primary"])
    assert intervals(found.proof) == SCHOOL["primary_only_audit"]


def test_school_hiding_the_other_sex_too_is_not_enough():
    naive = SCHOOL["naive_sibling_rule"]
    assert intervals(attacked(school(), naive["pattern"]).proof) == naive["audit_integer"]
    found = audit(school(), chosen(school(), naive["pattern"]))
    assert set(found.failures["cell_id"]) == set(naive["exactly_disclosed"])


@pytest.mark.parametrize("limits", [Limits(), Limits(optimum_classes=0)], ids=["optimum", "heuristic"])
def test_school_optimum_of_sixteen_cells(limits: Limits):
    found = protect(school(), limits=limits)
    milp, gauss = SCHOOL["milp"], SCHOOL["gausssuppression"]
    assert hidden(found) == set(milp["pattern"]) == set(gauss["pattern"])
    assert len(hidden(found)) == milp["n"] == gauss["n"]
    assert found.blocks["loss"].sum() == pytest.approx(milp["objective"], abs=1e-9)
    bounds = intervals(attacked(school(), milp["pattern"]).proof)
    assert bounds == milp["audit_integer"] == milp["audit_lp"] == gauss["audit_integer"]
    assert found.audit.narrowest == 8
    exact = found.audit.proof["rule"] == "exactly_disclosed"
    assert exact.sum() == gauss["n_primary_exactly_disclosed"]


def test_a_rounded_share_is_a_count():
    vector = V["complementary_rate"]
    groups = pd.DataFrame([vector["total"], vector["girls"]], index=["total", "girls"])
    counts = rounding.counts_behind_shares(groups["n"], (groups["share"] * 10).round().astype(int), 1000)
    recovered = vector["recovered"]
    assert (
        counts["low"].tolist() == counts["high"].tolist() == [recovered["total_yes"], recovered["girls_yes"]]
    )
    cells = pd.DataFrame(
        {
            "cell_id": ["total", "girls", "boys"],
            "value": [recovered["total_yes"], recovered["girls_yes"], recovered["boys_yes"]],
            "published_low": [*counts["low"], pd.NA],
            "published_high": [*counts["high"], pd.NA],
            "is_primary": [False, False, True],
            "upper_bound": [vector["total"]["n"], vector["girls"]["n"], recovered["boys_n"]],
        }
    )
    linked = link(cells, relation("total", ["girls", "boys"]))
    assert intervals(audit(linked, chosen(linked, ["boys"])).proof) == {"boys": [recovered["boys_yes"]] * 2}
    of_boys = display.per_mille(pd.Series([recovered["boys_yes"]]), pd.Series([recovered["boys_n"]]))
    assert of_boys.tolist() == [round(10 * recovered["boys_share"])]


@pytest.mark.parametrize(
    ("per_whole", "largest"),
    [
        (1000, V["complementary_rate"]["max_n_with_unique_inverse_1_decimal"]),
        (100, V["complementary_rate"]["max_n_with_unique_inverse_integer_percent"]),
    ],
)
def test_a_rounded_share_is_one_count_up_to_a_size(per_whole: int, largest: int):
    def ambiguous(size: int) -> bool:
        counts = pd.Series(range(size + 1))
        size_ = pd.Series(size, index=counts.index)
        found = rounding.counts_behind_shares(
            size_, (2 * per_whole * counts + size_) // (2 * size_), per_whole
        )
        assert ((found["low"] <= counts) & (counts <= found["high"])).all()
        return bool((found["low"] < found["high"]).any())

    assert not any(ambiguous(size) for size in (1, 7, largest // 2 + 1, largest - 1, largest))
    assert ambiguous(largest + 1)


def relation(total: str, parts: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        {"relation_id": f"sum {total}", "cell_id": [total, *parts], "coefficient": [-1] + [1] * len(parts)}
    )


def test_means_tell_the_mean_of_the_rest():
    vector = V["mean_differencing"]
    told = vector["published"]
    groups = pd.DataFrame(
        {
            "size": [told["N"]],
            "mean": [round(told["mean"] * 10)],
            "part_size": [told["girls_n"]],
            "part_mean": [round(told["girls_mean"] * 10)],
        }
    )
    rest = rounding.mean_of_rest(groups, 10).iloc[0]
    assert [rest["low"], rest["high"]] == pytest.approx(vector["recovered_boys_mean_interval"], abs=1e-9)
    # The same through the audit of sums: three boys' sum is known to within four points.
    sums = rounding.sums_behind_means(
        pd.Series([told["N"], told["girls_n"]]), pd.Series([groups["mean"][0], groups["part_mean"][0]]), 10
    )
    cells = pd.DataFrame(
        {
            "cell_id": ["all", "girls", "boys"],
            "value": [5535, 4979, 556],
            "published_low": [*sums["low"], pd.NA],
            "published_high": [*sums["high"], pd.NA],
            "is_primary": [False, False, True],
            "sliding_protection": 150,
        }
    )
    found = audit(link(cells, relation("all", ["girls", "boys"])), np.array([False, False, True]))
    assert intervals(found.proof) == {"boys": [555, 558]}
    assert found.proof["rule"].tolist() == ["interval_too_narrow"]


def rolling(published_before: set[str]) -> LinkedCells:
    vector = V["rolling_sum_differencing"]
    years = pd.DataFrame(
        {"series": "s", "year": [int(y) for y in vector["series"]], "value": vector["series"].values()}
    )
    years["cell_id"] = "y" + years["year"].astype("str")
    sums = pd.DataFrame(
        {
            "series": "s",
            "year": [int(y) for y in vector["published_rolling3"]],
            "value": vector["published_rolling3"].values(),
        }
    )
    sums["cell_id"] = "r" + sums["year"].astype("str")
    cells = pd.concat([years, sums], ignore_index=True)
    cells["is_published_before"] = cells["cell_id"].isin(published_before)
    cells["is_primary"] = cells["cell_id"].isin({"y2021", "y2023", "y2024"} - published_before)
    return link(cells, differencing_kit.rolling_sums(years, sums, 3))


def test_rolling_sums_tell_the_difference_of_years():
    vector = V["rolling_sum_differencing"]
    linked = rolling({f"y{year}" for year in vector["published_single"]})
    hidden_years = [f"y{year}" for year in vector["hidden_single_years"]]
    found = intervals(audit(linked, chosen(linked, hidden_years)).proof)
    assert found == {"y20" + name[1:]: bounds for name, bounds in vector["audit"].items()}
    later = rolling({"y2022", "y2024"})
    found = intervals(audit(later, chosen(later, ["y2021", "y2023"])).proof)
    assert found == {
        "y20" + name[1:]: bounds for name, bounds in vector["audit_if_y2024_later_published"].items()
    }


def test_a_revision_tells_of_the_pupil_who_was_added():
    vector = V["revision_differencing"]
    first, second = vector["first"], vector["second"]
    figures = pd.DataFrame(
        {
            "first_id": list(first),
            "first_value": list(first.values()),
            "second_id": [f"{name} again" for name in first],
            "second_value": list(second.values()),
        }
    )
    cells, relations = differencing_kit.revisions(figures, 10)
    assert cells["value"].tolist() == list(vector["difference"].values())
    assert cells["is_primary"].tolist() == [vector["primary"]] * 2
    versions = pd.DataFrame(
        {
            "cell_id": [*figures["first_id"], *figures["second_id"]],
            "value": [*figures["first_value"], *figures["second_value"]],
        }
    )
    linked = link(pd.concat([versions, cells]).fillna({"is_hidden": False, "is_primary": False}), relations)
    found = audit(linked, np.zeros(len(linked.frame), dtype=bool))
    assert found.proof["rule"].tolist() == ["exactly_disclosed"] * 2
    assert differencing_kit.must_freeze(figures["first_value"], figures["second_value"], 10).all()


def test_two_sets_of_age_bands_tell_of_the_overlap():
    vector = V["subpopulation_differencing_handbook"]
    values = vector["table1"] | vector["table2"] | vector["recovered"]
    cells = pd.DataFrame({"cell_id": list(values), "value": list(values.values())})
    cells["is_primary"] = cells["is_hidden"] = cells["cell_id"] == "20-24"
    linked = link(
        cells, pd.concat([relation("<25", ["<20", "20-24"]), relation("20-39", ["20-24", "25-39"])])
    )
    found = audit(linked, np.zeros(len(cells), dtype=bool))
    assert intervals(found.proof) == {"20-24": [1, 1]}


def test_two_sets_of_areas_tell_of_the_strip_between_them():
    vector = V["geographic_differencing_handbook"]
    cells = pd.DataFrame(
        [
            (f"{name} {group}", value, name == "strip")
            for name, table in (("one", "area_def1"), ("two", "area_def2"), ("strip", "recovered"))
            for group, value in vector[table].items()
        ],
        columns=["cell_id", "value", "is_hidden"],
    ).assign(is_primary=lambda frame: frame["is_hidden"])
    relations = pd.concat(
        [relation(f"two {group}", [f"one {group}", f"strip {group}"]) for group in vector["recovered"]]
    )
    found = audit(link(cells, relations), np.zeros(len(cells), dtype=bool))
    assert intervals(found.proof) == {f"strip {g}": [n, n] for g, n in vector["recovered"].items()}


def handbook_groups(coalition: int) -> tuple[pd.DataFrame, LinkedCells]:
    vector = V["group_attribute_disclosure_handbook"]
    inner = pd.DataFrame(vector["table"]).rename(columns={"freq": "value"})
    by_state = inner.groupby("marital", as_index=False)["value"].sum().assign(hours="Total")
    by_hours = inner.groupby("hours", as_index=False)["value"].sum().assign(marital="Total")
    total = pd.DataFrame({"marital": ["Total"], "hours": ["Total"], "value": [inner["value"].sum()]})
    cells = pd.concat([inner, by_state, by_hours, total], ignore_index=True)
    size = cells["marital"].map(by_state.set_index("marital")["value"]).fillna(total["value"][0]).astype(int)
    cells["is_primary"] = primary.tells_of_group(cells["value"], size, coalition) & (
        cells["hours"] != "Total"
    )
    cells = cells.assign(
        **primary.levels_against_coalition(cells["value"], size, coalition).to_dict("series")
    )
    linked = tables(
        cells,
        ["marital", "hours"],
        [("marital", "Total", state) for state in by_state["marital"]]
        + [("hours", "Total", hours) for hours in by_hours["hours"]],
        is_published_before=(cells["hours"] == "Total") | (cells["marital"] == "Total"),
    )
    return cells, linked


@pytest.mark.parametrize("coalition", [0, 1])
def test_groups_of_which_an_outcome_tells(coalition: int):
    vector = V["group_attribute_disclosure_handbook"]
    cells, linked = handbook_groups(coalition)
    found = cells[cells["is_primary"]]
    assert (found["marital"] + "|" + found["hours"]).tolist() == vector["directly_disclosive"][
        f"k={coalition}"
    ]
    pattern = vector[f"suppressed_k{coalition}"]
    assert audit(linked, chosen(linked, pattern)).is_passed
    assert len(hidden(protect(linked))) == len(pattern)


def test_a_coalition_of_one_sees_through_the_pattern_for_none():
    vector = V["group_attribute_disclosure_handbook"]
    _, linked = handbook_groups(1)
    assert not audit(linked, chosen(linked, vector["suppressed_k0"])).is_passed


def test_original_means_undo_perturbed_counts():
    vector = V["ckm_mean_attack_handbook"]
    counts, true = vector["perturbed"], vector["unique_consistent"]
    scale = 10_000
    coefficients = {name: round(mean * scale) for name, mean in vector["means"].items()}
    slack = (
        coefficients["cell1"] * true["cell1"]
        + coefficients["cell2"] * true["cell2"]
        - coefficients["marginal"] * true["marginal"]
    )
    # Means with four decimals: each count may be off by half a unit of the fourth.
    most = sum(count + vector["max_dev"] for count in counts.values()) // 2
    cells = pd.DataFrame(
        [
            (
                name,
                true[name],
                0,
                10**6,
                counts[name] - vector["max_dev"],
                counts[name] + vector["max_dev"],
                True,
            )
            for name in counts
        ]
        + [("rounding", slack, -most, most, slack, slack, False)],
        columns=[
            "cell_id",
            "value",
            "lower_bound",
            "upper_bound",
            "published_low",
            "published_high",
            "is_primary",
        ],
    ).assign(is_hidden=lambda frame: frame["cell_id"] == "rounding")
    relations = pd.DataFrame(
        [("sum", "cell1", 1), ("sum", "cell2", 1), ("sum", "marginal", -1)]
        + [("mean", name, c if name != "marginal" else -c) for name, c in coefficients.items()]
        + [("mean", "rounding", -1)],
        columns=["relation_id", "cell_id", "coefficient"],
    )
    found = audit(link(cells, relations), np.zeros(len(cells), dtype=bool))
    assert intervals(found.proof) == {name: [n, n] for name, n in true.items()}
    assert set(found.proof["rule"]) == {"exactly_disclosed"}


@pytest.mark.parametrize("case", V["skolverket_display_rule"]["cases"])
def test_skolverket_display(case: dict[str, Any]):
    reached = pd.Series([case["girls_ok"], case["boys_ok"], case["girls_ok"] + case["boys_ok"]])
    size = pd.Series([case["girls_n"], case["boys_n"], case["girls_n"] + case["boys_n"]])
    raw = display.marks(reached, size, minimum=10, few_missed=4)
    girls, boys = display.marks_of_pairs(raw[:1], raw[1:2].set_axis([0]))
    share = display.per_mille(reached, size) / 10

    def text(marks: list[str]) -> list[str]:
        return [mark or f"{value:.1f}" for mark, value in zip(marks, share, strict=False)]

    assert text(raw.tolist()) == [case["girls_raw"], case["boys_raw"], case["total_display"]]
    shown = [girls[0], boys[0], raw[2]]
    assert text(shown) == [case["girls_display"], case["boys_display"], case["total_display"]]


def test_an_open_interval_of_fractions_is_no_proof():
    """``2 a + b = 1``: fractions leave ``a`` between 0 and 1/2, whole numbers leave 0."""
    assert V["lp_vs_integer_attacker_3d"]["result"]["found"] is False
    cells = pd.DataFrame(
        {
            "cell_id": ["a", "b", "sum"],
            "value": [0, 1, 1],
            "is_primary": [True, False, False],
            "upper_bound": [5, 1, 1],
        }
    )
    relations = pd.DataFrame(
        [("r", "a", 2), ("r", "b", 1), ("r", "sum", -1)], columns=["relation_id", "cell_id", "coefficient"]
    )
    found = audit(link(cells, relations), np.array([True, True, False]))
    assert found.proof["rule"].tolist() == ["exactly_disclosed"]


@pytest.mark.parametrize("case", rules()["magnitude_rules"], ids=lambda case: str(case["x"]))
def test_amounts_that_few_make_up(case: dict[str, Any]):
    contributions = pd.DataFrame({"cell_id": "c", "contribution": case["x"]})
    found = magnitude.p_percent(contributions, 10).iloc[0]
    assert bool(found["is_primary"]) is case["p10"]["unsafe"]
    assert found["upper_protection"] == int(np.ceil(case["p10"]["UPL"]))
    if "dominance_1_85" in case:
        found = magnitude.dominance(contributions, largest=1, percent=85).iloc[0]
        assert bool(found["is_primary"]) is case["dominance_1_85"]["unsafe"]
        assert found["upper_protection"] == int(np.ceil(case["dominance_1_85"]["UPL"] - 1e-9))
    assert found["contributors"] == len(case["x"])


def test_top_and_bottom_coding():
    coding = rules()["top_bottom_coding"]
    bands = [
        {"minimum": minimum, "margin": margin}
        for minimum, margin in ((300, 1), (100, 2), (40, 5), (20, 10), (10, 20))
    ]
    cases = pd.DataFrame(coding["cases"])
    found = display.coded(cases["n"], (cases["pct"] * 10).round().astype(int), bands)
    text = found["mark"] + found["percent"].astype("str").where(found["mark"] != "..", "")
    assert text.tolist() == cases["display"].tolist()
