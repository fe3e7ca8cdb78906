"""The statistical macros, as dbt renders them, on small vectors with answers worked out elsewhere."""

import json
import math
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from dagster_project.defs.warehouse.dbt_project import DBT_PROJECT_DIR, dbt_executable
from dagster_project.lib.statistics.estimates import Reason

VECTORS = Path(__file__).parents[1] / "fixtures" / "vectors"
MACROS = DBT_PROJECT_DIR / "macros" / "statistics"
CLOSED_FORM = 1e-12

# Each model is one use of one macro; the tables it reads are the frames a test gives.
MODELS = {
    "two_groups": "{{ two_group_segregation('units', by=['place'], focal='x', total='t') }}",
    "random_d": "{{ random_dissimilarity('units', by=['place'], focal='x', total='t') }}",
    "carrington_troske": "select {{ carrington_troske('d', 'e') }} as corrected from cases",
    "groups": "{{ multi_group_segregation('cells', by=['place'], unit='unit', group='g', pupils='n') }}",
    **{
        f"{macro}_{name}": (
            f"{{{{ segregation_{macro}('cells', by=['place'], super_unit={columns},"
            " unit='unit', group='g', pupils='n') }}"
        )
        for macro in ("decomposed", "within")
        for name, columns in {
            "huvudman": ["huvudman"],
            "omrade": ["omrade"],
            "both": ["omrade", "huvudman"],
            "district": ["district"],
        }.items()
    },
    "exposures": "{{ group_exposure('cells', by=['place'], unit='unit', group='g', pupils='n') }}",
    "moments": "{{ unit_moments('pupils', by=['place'], unit='unit', value='y') }}",
    "anova": "{{ anova('pupils', by=['place'], unit='unit', value='y') }}",
    "spread": "{{ spread('pupils', by=['place'], value='y', below=160) }}",
    "spread_of_unit": "{{ spread('pupils', by=['unit'], value='y') }}",
    "weighted_sd": "{{ weighted_sd('units', by=['place'], value='y', weight='n') }}",
    "intervals": (
        "select k, n, {{ wilson_lower('k', 'n') }} as wilson_lo, {{ wilson_upper('k', 'n') }} as wilson_hi,"
        " {{ agresti_coull_lower('k', 'n') }} as agresti_coull_lo,"
        " {{ agresti_coull_upper('k', 'n') }} as agresti_coull_hi from cases"
    ),
    "funnel": "select *,"
    " {{ funnel_z('y', 'n', 'target') }} as z, {{ funnel_z('y', 'n', 'target', 'tau2') }} as z_add,"
    " {{ funnel_lower('n', 'target', z_95()) }} as normal_lo95,"
    " {{ funnel_upper('n', 'target', z_95()) }} as normal_hi95,"
    " {{ funnel_lower('n', 'target', z_998()) }} as normal_lo998,"
    " {{ funnel_upper('n', 'target', z_998()) }} as normal_hi998,"
    " {{ funnel_lower('n', 'target', z_95(), 'tau2') }} as additive_lo95,"
    " {{ funnel_upper('n', 'target', z_95(), 'tau2') }} as additive_hi95,"
    " {{ funnel_lower('n', 'target', z_998(), 'tau2') }} as additive_lo998,"
    " {{ funnel_upper('n', 'target', z_998(), 'tau2') }} as additive_hi998 from cases",
    "positions": "select z, {{ funnel_position('z') }} as position from cases",
    "ridits": "{{ ridits('units', by=['place'], need='need', weight='pupils') }}",
    "share_concentration": (
        "{{ concentration('units', by=['place'], need='need', outcome='y', weight='pupils', share=true) }}"
    ),
    "concentration": "{{ concentration('units', by=['place'], need='need', outcome='y', weight='pupils') }}",
    "quarter_values": "{{ need_quarter_values('units', by=['place'], numerator='a', denominator='b') }}",
    "quarter_gap": "{{ need_quarter_gap('units', by=['place'], numerator='a', denominator='b') }}",
}


@pytest.fixture(scope="module")
def compiled(tmp_path_factory) -> dict[str, str]:
    """Every model's SQL, from a dbt project that has nothing but the statistical macros."""
    project = tmp_path_factory.mktemp("statistics")
    shutil.copytree(MACROS, project / "macros")
    (project / "models").mkdir()
    for name, sql in MODELS.items():
        (project / "models" / f"{name}.sql").write_text(sql, encoding="utf-8")
    (project / "dbt_project.yml").write_text(
        "name: statistics\nversion: '1.0'\nprofile: statistics\nflags: {send_anonymous_usage_stats: false}\n",
        encoding="utf-8",
    )
    (project / "profiles.yml").write_text(
        "statistics: {target: memory, outputs: {memory: {type: duckdb, path: ':memory:'}}}\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [dbt_executable(), "compile", "--quiet", "--profiles-dir", str(project)],
        cwd=project,
        env={**os.environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    folder = project / "target" / "compiled" / "statistics" / "models"
    return {name: (folder / f"{name}.sql").read_text(encoding="utf-8") for name in MODELS}


@pytest.fixture
def run(compiled):
    """Runs a model on one frame per table; a frame without `place` is one set of units, called 'here'."""

    def run(model: str, **tables: pd.DataFrame) -> pd.DataFrame:
        with duckdb.connect() as connection:
            for name, frame in tables.items():
                placed = frame if "place" in frame else frame.assign(place="here")
                connection.register("frame", placed)
                connection.execute(f"create table {name} as select * from frame")
                connection.unregister("frame")
            return connection.execute(compiled[model]).df()

    return run


@pytest.fixture
def one(run):
    """Runs a model that gives one row."""

    def one(model: str, **tables: pd.DataFrame) -> dict[str, Any]:
        (row,) = run(model, **tables).to_dict("records")
        return row

    return one


def expected(name: str) -> Any:
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))


def exactly(value: Any) -> Any:
    return pytest.approx(value, rel=CLOSED_FORM, abs=1e-15)


def undefined(row: dict[str, Any], *columns: str) -> bool:
    return all(pd.isna(row[column]) for column in columns)


def test_every_reason_in_the_macros_is_one_of_the_library_s():
    texts = "\n".join(path.read_text(encoding="utf-8") for path in MACROS.glob("*.sql"))
    said = set(re.findall(r"then '([a-z_]+)'", texts))
    assert len(said) >= 10
    assert said <= set(Reason)


GROUPS = ["forgymnasial", "gymnasial", "eftergymnasial"]
RACES = ["asian", "black", "hisp", "white", "native"]


@pytest.fixture(scope="module")
def handmade() -> pd.DataFrame:
    return pd.read_csv(VECTORS / "seg_handmade.csv")


@pytest.fixture(scope="module")
def schools() -> pd.DataFrame:
    return pd.read_csv(VECTORS / "seg_schools00_subset.csv").rename(columns={"school": "unit"})


def two_groups(frame: pd.DataFrame, focal: str, groups: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"x": frame[focal], "t": frame[groups].sum(axis=1)})


def cells(frame: pd.DataFrame, groups: list[str]) -> pd.DataFrame:
    keys = [column for column in frame if column not in groups]
    return frame.melt(keys, groups, var_name="g", value_name="n")


def units(*rows: tuple[int | None, int | None]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["x", "t"]).astype("Int64")


CLOSED_FORMS = {
    "dissimilarity": "D",
    "gorard": "GS",
    "isolation": "isolation_xPx",
    "exposure": "interaction_xPy",
    "eta_squared": "eta2",
    "focal_share": "P",
    "eta_squared_random": "E_eta2_random_fixed_margins",
    "eta_squared_excess": "eta2_excess",
}


@pytest.fixture(params=["handmade", "schools00_subset"])
def two_group_case(request, handmade, schools):
    if request.param == "handmade":
        table = two_groups(handmade, "forgymnasial", GROUPS)
        return table, expected("seg_expected")["two_group_forgymnasial_vs_other"]
    return two_groups(schools, "hisp", RACES), expected("seg_expected")["schools00_subset"]["hisp_vs_other"]


class TestTwoGroupSegregation:
    @pytest.mark.parametrize(("column", "vector"), CLOSED_FORMS.items())
    def test_closed_forms(self, one, two_group_case, column, vector):
        table, answers = two_group_case
        assert one("two_groups", units=table)[column] == exactly(answers["closed_form"][vector])

    @pytest.mark.parametrize(
        ("column", "name"),
        {
            "theil_h": "H_twogroup",
            "dissimilarity": "D",
            "isolation": "isolation",
            "exposure": "interaction",
            "eta_squared": "eta2",
        }.items(),
    )
    def test_indices_are_those_of_pysal(self, one, two_group_case, column, name):
        table, answers = two_group_case
        assert one("two_groups", units=table)[column] == exactly(answers["pysal"][name])

    @pytest.mark.parametrize("source", ["handmade", "schools"])
    def test_d_m_and_h_are_those_of_r(self, one, handmade, schools, source):
        vector = expected("seg_expected")
        if source == "handmade":
            table, answers = two_groups(handmade, "forgymnasial", GROUPS), vector["R_segregation"]
        else:
            table = two_groups(schools, "hisp", RACES)
            answers = vector["schools00_subset"]["R_segregation"]
        row = one("two_groups", units=table)
        split = table.assign(unit=range(len(table)), rest=table["t"] - table["x"]).drop(columns="t")
        found = {
            "D": row["dissimilarity"],
            "M": one("groups", cells=cells(split, ["x", "rest"]))["theil_m"],
            "H": row["theil_h"],
        }
        of_r = [answer for name, part in answers.items() if "vs_other" in name for answer in part]
        assert {answer["stat"]: answer["est"] for answer in of_r} == exactly(found)

    def test_indices_are_those_of_another_query(self, one, handmade):
        answers = expected("seg_expected")["duckdb_sql"]
        table = two_groups(handmade, "forgymnasial", GROUPS)
        row, by_chance = one("two_groups", units=table), one("random_d", units=table)
        assert (row["dissimilarity"], row["gorard"], row["isolation"]) == exactly(
            (answers["D"], answers["GS"], answers["xPx"])
        )
        assert by_chance["dissimilarity_random"] == exactly(answers["E_D_random_fixed_margins_hypergeom"])
        assert by_chance["dissimilarity_random_binomial"] == exactly(answers["E_D_random_binomial_deMoivre"])
        assert one("groups", cells=cells(handmade, GROUPS))["theil_h"] == exactly(answers["H"])

    def test_gorard_is_d_times_one_minus_p_and_the_exposures_sum_to_one(self, one, two_group_case):
        table, answers = two_group_case
        row = one("two_groups", units=table)
        product = row["dissimilarity"] * (1 - row["focal_share"])
        assert row["gorard"] == exactly(product)
        assert product == exactly(answers["closed_form"]["GS_equals_D_times_1_minus_P"])
        assert row["isolation"] + row["exposure"] == exactly(1)

    def test_each_set_of_units_has_its_own_index(self, run, handmade):
        table = two_groups(handmade, "forgymnasial", GROUPS).assign(place=handmade["huvudman"])
        found = run("two_groups", units=table).set_index("place")["dissimilarity"]
        assert found.to_dict() == exactly(expected("seg_expected")["D_by_huvudman"])

    @pytest.mark.parametrize("case", expected("seg_expected")["edge_cases"])
    def test_edge_cases(self, one, case):
        vector = expected("seg_expected")["edge_cases"][case]
        row = one("two_groups", units=units(*vector["input"]))
        indices = {"dissimilarity": "D", "gorard": "GS", "isolation": "xPx", "theil_h": "H"}
        if vector["defined"]:
            for column, name in indices.items():
                assert row[column] == exactly(vector[name])
                assert column == "gorard" or row[column] == exactly(vector[f"pysal_{name}"])
            assert row["reason"] is None
        else:
            assert [vector[name] for name in indices.values()] == [None] * 4
            assert undefined(row, *indices, "exposure", "eta_squared", "eta_squared_excess")
            assert row["reason"] == {"no_minority": "group_empty", "all_minority": "group_is_all"}[case]

    def test_one_unit_is_flagged(self, one):
        assert one("two_groups", units=units((10, 100)))["flag"] == "one_unit"
        assert one("two_groups", units=units((10, 100), (1, 10)))["flag"] is None

    @pytest.mark.parametrize("rows", [[(0, 0)], [(None, None)], [(None, 20)]])
    def test_without_pupils_nothing_is_defined(self, one, rows):
        row = one("two_groups", units=units(*rows))
        assert row["reason"] == "no_pupils"
        assert undefined(row, "focal_share", "dissimilarity", "isolation", "theil_h")

    def test_a_unit_with_unknown_groups_lowers_the_coverage_and_is_not_zero(self, one):
        known, missing = units((10, 100), (30, 60)), units((10, 100), (30, 60), (None, 40))
        row = one("two_groups", units=missing)
        assert row["dissimilarity"] == one("two_groups", units=known)["dissimilarity"]
        assert row["coverage"] == exactly(160 / 200)
        assert row["n_units"] == 2

    def test_an_even_distribution_has_exactly_nothing(self, one):
        row = one("two_groups", units=units((1, 3), (7, 21), (11, 33)))
        assert (row["dissimilarity"], row["eta_squared"], row["theil_h"]) == (0, 0, 0)

    def test_counts_of_a_nation_do_not_overflow(self, one):
        row = one("two_groups", units=units((600_000, 1_200_000), (0, 1_200_000)))
        assert row["dissimilarity"] == exactly(2 / 3)


class TestRandomDissimilarity:
    def test_the_exact_expectation(self, one, two_group_case):
        table, answers = two_group_case
        row = one("random_d", units=table)
        closed = answers["closed_form"]
        assert row["dissimilarity_random"] == exactly(closed["E_D_random_fixed_margins_hypergeom"])
        assert row["dissimilarity_random_binomial"] == exactly(closed["E_D_random_binomial_deMoivre"])

    @pytest.mark.parametrize("source", ["handmade", "schools"])
    def test_it_is_what_a_simulation_in_r_finds(self, one, handmade, schools, source):
        vector = expected("seg_expected")
        if source == "handmade":
            table = two_groups(handmade, "forgymnasial", GROUPS)
            (simulated,) = vector["R_segregation"]["D_expected_fixed"]
        else:
            table = two_groups(schools, "hisp", RACES)
            (simulated,) = vector["schools00_subset"]["R_segregation"]["D_expected_fixed_hisp"]
        found = one("random_d", units=table)["dissimilarity_random"]
        # The simulation had 20,000 draws; three of its standard errors.
        assert found == pytest.approx(simulated["est"], abs=3 * simulated["se"] / math.sqrt(20_000))

    def test_it_is_scipy_s_mean_deviation_for_a_whole_country(self, one):
        sizes, focal, total = [300, 450, 1200, 2000], 420_000, 1_200_000
        # Enough units of the last size to fill up the country.
        fill = total - sum(sizes)
        table = units(*[(0, size) for size in sizes], (focal, fill - fill % 2000), *[(0, 1)] * (fill % 2000))
        found = one("random_d", units=table)["dissimilarity_random"]
        exact = 0.0
        for size, n in table["t"].value_counts().items():
            law = stats.hypergeom(total, focal, size)
            k = np.arange(max(0, size - (total - focal)), min(size, focal) + 1)
            exact += n * np.sum(np.abs(k * total - size * focal) * law.pmf(k))
        exact /= 2 * focal * (total - focal)
        assert found == pytest.approx(exact, rel=1e-7)

    def test_carrington_and_troske(self, one, two_group_case):
        closed = two_group_case[1]["closed_form"]
        for kind, random in (("hypergeom", "fixed_margins_hypergeom"), ("binomial", "binomial_deMoivre")):
            case = pd.DataFrame({"d": [closed["D"]], "e": [closed[f"E_D_random_{random}"]]})
            found = one("carrington_troske", cases=case)["corrected"]
            assert found == exactly(closed[f"D_carrington_troske_{kind}"])

    def test_less_segregation_than_by_chance_is_negative_down_to_minus_one(self, run):
        cases = pd.DataFrame({"d": [0.0, 0.05, 0.1, 1.0, 1.0, None], "e": [0.1, 0.1, 0.1, 0.1, 1.0, 0.1]})
        found = run("carrington_troske", cases=cases)["corrected"].to_list()
        assert found[:4] == exactly([-1, -0.5, 0, 1])
        assert np.isnan(found[4:]).all()

    @pytest.mark.parametrize("rows", [[(0, 10), (0, 20)], [(10, 10), (20, 20)], [(0, 0)]])
    def test_a_group_of_none_or_all_has_no_expectation(self, run, rows):
        assert run("random_d", units=units(*rows)).empty

    def test_one_unit_has_no_segregation_by_chance(self, one):
        assert one("random_d", units=units((10, 100)))["dissimilarity_random"] == 0


class TestGroupSegregation:
    def test_m_h_and_entropy(self, one, handmade):
        row = one("groups", cells=cells(handmade, GROUPS))
        vector = expected("seg_expected")
        assert row["theil_h"] == exactly(vector["multigroup"]["pysal"]["H_MultiInfoTheory"])
        assert row["theil_m"] == exactly(vector["duckdb_sql"]["M"])
        assert row["theil_m"] == exactly(vector["multigroup"]["pysal"]["MultiDivergence"])
        assert row["entropy"] == exactly(vector["multigroup"]["pysal"]["MultiDiversity_E"])
        assert (row["n_units"], row["n_groups"], row["n_pupils"]) == (8, 3, 685)
        total = {answer["stat"]: answer["est"] for answer in vector["R_segregation"]["total"]}
        assert total == exactly({"M": row["theil_m"], "H": row["theil_h"]})

    def test_m_and_h_of_113_schools_and_5_groups(self, one, schools):
        row = one("groups", cells=cells(schools, RACES))
        assert row["theil_h"] == exactly(
            expected("seg_expected")["schools00_subset"]["pysal"]["H_MultiInfoTheory"]
        )
        vector = expected("seg_expected")["schools00_subset"]
        total = {answer["stat"]: answer["est"] for answer in vector["R_segregation"]["total"]}
        assert total == exactly({"M": row["theil_m"], "H": row["theil_h"]})
        assert row["n_units"] == vector["n_schools"] == vector["R_segregation"]["n_schools"]

    def test_chance_gives_about_what_r_simulates(self, one, handmade):
        simulated = {
            answer["stat"]: answer["est"]
            for answer in expected("seg_expected")["R_segregation"]["M_H_expected_fixed"]
        }
        row = one("groups", cells=cells(handmade, GROUPS))
        by_chance = {
            "M under 0": row["theil_h_random"] * row["entropy"],
            "H under 0": row["theil_h_random"],
        }
        assert by_chance == pytest.approx(simulated, rel=0.06)

    def test_one_group_is_undefined_and_no_pupils_too(self, run):
        table = pd.DataFrame({"place": list("aabb"), "unit": [1, 2, 1, 2], "g": ["x"] * 4, "n": [5, 7, 0, 0]})
        found = run("groups", cells=table).set_index("place")
        assert found["reason"].to_dict() == {"a": "one_group", "b": "no_pupils"}
        assert found[["theil_m", "theil_h", "entropy", "theil_h_random"]].isna().all(axis=None)

    def test_every_unit_with_its_own_group_is_complete_segregation(self, one):
        table = pd.DataFrame({"unit": [1, 2, 3], "g": list("xyz"), "n": [5, 7, 11]})
        assert one("groups", cells=table)["theil_h"] == exactly(1)

    @pytest.mark.parametrize("by", ["huvudman", "omrade"])
    def test_h_is_between_plus_within(self, one, run, handmade, by):
        vector = expected("seg_expected")["multigroup"][f"decomposition_{by}"]
        row = one(f"decomposed_{by}", cells=cells(handmade, GROUPS))
        assert row["theil_h"] == exactly(vector["H"])
        assert row["theil_h_between"] == exactly(vector["H_between"])
        assert row["theil_h_within"] == exactly(vector["H_within"])
        parts = run(f"within_{by}", cells=cells(handmade, GROUPS)).set_index(by)
        assert set(parts.index) == set(vector["within"])
        for part, answers in vector["within"].items():
            for column, name in {
                "share": "share",
                "entropy_ratio": "E_ratio",
                "theil_h": "H",
                "contribution": "contribution",
            }.items():
                assert parts.loc[part, column] == exactly(answers[name])

    @pytest.mark.parametrize("by", ["huvudman", "omrade"])
    def test_the_parts_are_those_of_r(self, run, handmade, by):
        parts = run(f"within_{by}", cells=cells(handmade, GROUPS)).set_index(by)
        names = {"M": "theil_m", "p": "share", "H": "theil_h", "ent_ratio": "entropy_ratio"}
        for answer in expected("seg_expected")["R_segregation"][f"within_by_{by}"]:
            # R's figures have 15 digits.
            assert parts.loc[answer[by], names[answer["stat"]]] == pytest.approx(answer["est"], rel=1e-12)

    def test_organisers_then_units(self, one, handmade):
        vector = expected("seg_expected")["R_segregation"]
        row = one("decomposed_huvudman", cells=cells(handmade, GROUPS))
        between, within = (
            {"M": row[f"theil_m_{part}"], "H": row[f"theil_h_{part}"]} for part in ("between", "within")
        )
        nested = {(level["between"], level["within"]): {} for level in vector["nested_huvudman_unit"]}
        for level in vector["nested_huvudman_unit"]:
            nested[level["between"], level["within"]][level["stat"]] = level["est"]
        assert nested == {("huvudman", ""): exactly(between), ("unit", "huvudman"): exactly(within)}
        for name, found in (("between_huvudman", between), ("conditional_within_huvudman", within)):
            assert {level["stat"]: level["est"] for level in vector[name]} == exactly(found)

    def test_areas_then_organisers_then_units(self, one, handmade):
        table = cells(handmade, GROUPS)
        areas, both = one("decomposed_omrade", cells=table), one("decomposed_both", cells=table)
        answers = {
            (level["between"], level["stat"].lower()): level["est"]
            for level in expected("seg_expected")["R_segregation"]["nested_omrade_huvudman_unit"]
        }
        for index in ("m", "h"):
            between = f"theil_{index}_between"
            assert areas[between] == exactly(answers["omrade", index])
            assert both[between] - areas[between] == exactly(answers["huvudman", index])
            assert both[f"theil_{index}_within"] == exactly(answers["unit", index])

    def test_districts_of_113_schools(self, one, run, schools):
        vector = expected("seg_expected")["schools00_subset"]["R_segregation"]
        row = one("decomposed_district", cells=cells(schools, RACES))
        levels = {"district": "between", "school": "within"}
        for level in vector["nested"]:
            assert level["est"] == exactly(row[f"theil_{level['stat'].lower()}_{levels[level['between']]}"])
        parts = run("within_district", cells=cells(schools, RACES)).set_index("district")
        names = {"M": "theil_m", "p": "share", "H": "theil_h", "ent_ratio": "entropy_ratio"}
        for answer in vector["within"]:
            assert parts.loc[answer["district"], names[answer["stat"]]] == exactly(answer["est"])

    def test_an_area_with_one_group_has_no_h_and_adds_nothing(self, one, run):
        table = pd.DataFrame(
            {
                "omrade": ["n", "n", "n", "s", "s"],
                "unit": [1, 1, 2, 3, 4],
                "g": ["x", "y", "y", "y", "y"],
                "n": [5, 5, 9, 4, 6],
            }
        )
        parts = run("within_omrade", cells=table).set_index("omrade")
        assert np.isnan(parts.loc["s", "theil_h"])
        assert parts.loc["s", "contribution"] == 0
        row = one("decomposed_omrade", cells=table)
        assert row["theil_h"] == exactly(one("groups", cells=table)["theil_h"])

    def test_a_set_with_one_group_has_no_decomposition(self, one):
        table = pd.DataFrame({"omrade": ["n", "s"], "unit": [1, 2], "g": ["x", "x"], "n": [5, 9]})
        row = one("decomposed_omrade", cells=table)
        assert undefined(row, "theil_h", "theil_h_between", "theil_h_within")
        assert row["reason"] == "one_group"

    @pytest.mark.parametrize("source", ["handmade", "schools"])
    def test_exposure_of_every_group_to_every_group(self, run, handmade, schools, source):
        if source == "handmade":
            table, answers = cells(handmade, GROUPS), expected("seg_expected")["R_segregation"]
        else:
            table = cells(schools, RACES)
            answers = expected("seg_expected")["schools00_subset"]["R_segregation"]
        found = run("exposures", cells=table).set_index(["from_group", "to_group"])["exposure"]
        for pair in answers["exposure"]:
            assert found[pair["of"], pair["to"]] == exactly(pair["exposure"])
        for own in answers["isolation"]:
            group = own.get("g", own.get("race"))
            assert found[group, group] == exactly(own["isolation"])
        assert found.groupby("from_group").sum().to_list() == exactly([1] * len(table["g"].unique()))

    def test_a_group_without_pupils_meets_nobody(self, run, handmade):
        table = cells(handmade.assign(okand=0), [*GROUPS, "okand"])
        found = run("exposures", cells=table)
        assert len(found) == 9
        assert set(found["from_group"]) == set(found["to_group"]) == set(GROUPS)


@pytest.fixture(scope="module")
def merits() -> pd.DataFrame:
    return pd.read_csv(VECTORS / "icc_handmade.csv")


class TestVariance:
    ANOVA: dict[str, str] = {  # noqa: RUF012 - read only
        "n_pupils": "N",
        "n_units": "J",
        "typical_size": "n0",
        "grand_mean": "grand_mean",
        "squares_between": "SSB",
        "squares_within": "SSW",
        "mean_square_between": "MSB",
        "mean_square_within": "MSW",
        "variance_between": "sigma2_between",
        "icc_raw": "icc_anova",
        "icc": "icc_anova_truncated",
        "eta_squared": "eta2",
        "omega_squared": "omega2",
        "epsilon_squared": "epsilon2",
    }

    def test_anova(self, one, merits):
        row, answers = one("anova", pupils=merits), expected("icc_expected")["handmade"]["anova"]
        assert {column: row[column] for column in self.ANOVA} == exactly(
            {column: answers[name] for column, name in self.ANOVA.items()}
        )
        assert row["reason"] is None
        assert answers["sigma2_within"] == answers["MSW"]

    def test_anova_is_that_of_another_query(self, one, merits):
        row, answers = one("anova", pupils=merits), expected("icc_expected")["handmade"]["duckdb_sql"]
        names = {name: column for column, name in self.ANOVA.items() if name in answers}
        assert answers == exactly({name: row[column] for name, column in names.items()})

    @pytest.mark.parametrize(
        ("case", "reason"),
        [
            ("one_school", "one_unit"),
            ("all_singletons", "one_pupil_per_unit"),
            ("zero_variance", "no_variation"),
        ],
    )
    def test_undefined_has_a_reason(self, one, case, reason):
        vector = expected("icc_expected")["edge_cases"][case]
        row = one("anova", pupils=pd.DataFrame(vector["input"], columns=["unit", "y"]))
        assert vector["expected"] is None
        assert row["reason"] == reason
        assert undefined(row, "icc_raw", "icc", "eta_squared", "omega_squared", "epsilon_squared")

    def test_no_variance_is_seen_through_rounding(self, one):
        pupils = pd.DataFrame({"unit": ["A"] * 3 + ["B"] * 7, "y": 0.1})
        assert one("anova", pupils=pupils)["reason"] == "no_variation"

    def test_a_negative_correlation_is_kept_and_shown_as_zero(self, one):
        case = expected("icc_expected")["edge_cases"]["negative_anova"]
        row = one("anova", pupils=pd.DataFrame(case["input"], columns=["unit", "y"]))
        assert (row["icc_raw"], row["icc"]) == exactly((case["icc_anova"], case["icc_anova_truncated"]))
        assert (row["typical_size"], row["mean_square_within"]) == exactly((case["n0"], case["MSW"]))
        assert row["mean_square_between"] == case["MSB"]

    def test_a_pupil_without_a_value_is_not_zero(self, one, merits):
        with_missing = pd.concat([merits, pd.DataFrame({"unit": ["A", "Z"], "y": [np.nan, np.nan]})])
        assert one("anova", pupils=with_missing)["icc_raw"] == exactly(one("anova", pupils=merits)["icc_raw"])

    def test_spread_of_pupils(self, one, merits):
        row, answers = one("spread", pupils=merits), expected("variation_expected")["municipality"]
        for column, name in {
            "n_values": "n",
            "mean_value": "mean",
            "standard_deviation": "sd",
            "n_below": "below160",
            "interquartile_range": "iqr",
            "p90_minus_p10": "p90_minus_p10",
            "coefficient_of_variation": "cv",
            **{p: p for p in ("p10", "p25", "p50", "p75", "p90")},
        }.items():
            assert row[column] == exactly(answers[name])
        assert row["share_below"] == exactly(20 / 117)
        assert {p: row[p] for p in ("p10", "p25", "p50", "p75", "p90")} == exactly(
            expected("variation_expected")["numpy_linear_quantiles"]
        )

    def test_spread_of_every_unit_and_none_for_a_single_pupil(self, run, merits):
        found = run("spread_of_unit", pupils=merits).set_index("unit")
        for unit in expected("variation_expected")["units"]:
            row = found.loc[unit["unit"]]
            assert (row["n_values"], row["mean_value"]) == exactly((unit["n"], unit["mean"]))
            if unit["sd"] is None:
                assert pd.isna(row["standard_deviation"])
            else:
                assert row["standard_deviation"] == exactly(unit["sd"])
        assert found["n_below"].isna().all()

    def test_spread_between_units(self, one, run, merits):
        answers = expected("variation_expected")["between_unit"]
        means = merits.groupby("unit")["y"].agg(y="mean", n="size").reset_index()
        assert one("weighted_sd", units=means)["weighted_sd"] == exactly(
            answers["sd_pupil_weighted_of_means"]
        )
        found = one("spread", pupils=means)
        assert found["standard_deviation"] == exactly(answers["sd_unweighted_of_means"])

    def test_one_unit_has_no_weighted_spread_and_equal_units_exactly_none(self, one):
        equal = pd.DataFrame({"y": [0.1, 0.1, 0.1], "n": [3, 7, 11]})
        assert one("weighted_sd", units=equal)["weighted_sd"] == 0
        assert undefined(one("weighted_sd", units=equal.head(1)), "weighted_sd")

    def test_a_unit_without_a_value_has_no_weight_in_the_spread(self, one):
        known = pd.DataFrame({"y": [10.0, 20.0], "n": [3, 7]})
        missing = pd.DataFrame({"y": [10.0, 20.0, np.nan], "n": [3, 7, 90]})
        assert one("weighted_sd", units=missing) == one("weighted_sd", units=known)

    def test_moments_of_units_hold_what_anova_needs(self, run, merits):
        found = run("moments", pupils=merits).set_index("unit")
        grouped = merits.groupby("unit")["y"]
        assert found["n_pupils"].to_dict() == grouped.size().to_dict()
        assert found["squares_within"].sum() == exactly(expected("icc_expected")["handmade"]["anova"]["SSW"])


class TestIntervals:
    @pytest.fixture
    def found(self, run) -> pd.DataFrame:
        cases = pd.read_csv(VECTORS / "prop_intervals.csv")
        found = run("intervals", cases=cases[["k", "n"]])
        return cases.merge(found, on=["k", "n"], suffixes=("", "_found"))

    @pytest.mark.parametrize("column", ["wilson_lo", "wilson_hi", "agresti_coull_lo", "agresti_coull_hi"])
    def test_the_vector(self, found, column):
        # The vector is written with twelve digits.
        assert found[f"{column}_found"].to_list() == pytest.approx(
            found[column].to_list(), abs=5e-13, rel=5e-12, nan_ok=True
        )

    def test_none_and_all_reach_the_ends_exactly(self, run):
        sizes = np.arange(1, 200)
        none = run("intervals", cases=pd.DataFrame({"k": 0 * sizes, "n": sizes}))
        everyone = run("intervals", cases=pd.DataFrame({"k": sizes, "n": sizes}))
        assert (none["wilson_lo"] == 0).all()
        assert (everyone["wilson_hi"] == 1).all()

    def test_no_trials_no_interval(self, run):
        found = run("intervals", cases=pd.DataFrame({"k": [0, None], "n": [0, 9]}, dtype="Int64"))
        assert found.drop(columns=["k", "n"]).isna().all(axis=None)


class TestFunnel:
    @pytest.fixture
    def found(self, run) -> pd.DataFrame:
        summary = expected("funnel_summary")
        cases = pd.read_csv(VECTORS / "funnel_input.csv").assign(
            target=summary["target_theta"], tau2=summary["tau2"]
        )
        answers = pd.read_csv(VECTORS / "funnel_expected.csv")
        return run("funnel", cases=cases).merge(answers, on="unit", suffixes=("", "_expected"))

    @pytest.mark.parametrize("column", ["z", "z_add"])
    def test_distances_from_the_target(self, found, column):
        assert found[column].to_list() == pytest.approx(found[f"{column}_expected"].to_list(), rel=5e-12)

    @pytest.mark.parametrize(("kind", "vector"), [("normal", "normal"), ("additive", "od_add")])
    @pytest.mark.parametrize("side", ["lo95", "hi95", "lo998", "hi998"])
    def test_limits_within_zero_and_one(self, found, kind, vector, side):
        name = f"{vector}_{side}"
        answers = found[f"{name}_expected" if f"{name}_expected" in found else name]
        assert found[f"{kind}_{side}"].to_list() == pytest.approx(answers.clip(0, 1).to_list(), rel=5e-12)

    def test_a_unit_without_pupils_has_no_place_in_the_funnel(self, one):
        row = one("funnel", cases=pd.DataFrame({"y": [0], "n": [0], "target": [0.8], "tau2": [0.01]}))
        assert undefined(row, "z", "z_add", "normal_lo95", "normal_hi95", "additive_lo998", "additive_hi998")

    @pytest.mark.parametrize("target", [0.0, 1.0])
    def test_a_target_of_none_or_all_leaves_no_room_for_chance(self, one, target):
        row = one("funnel", cases=pd.DataFrame({"y": [3], "n": [9], "target": [target], "tau2": [0.0]}))
        assert undefined(row, "z", "z_add")
        assert row["normal_lo95"] == row["normal_hi95"] == target

    def test_limits_belong_inside_and_so_do_units_that_are_all_alike(self, run):
        z = [-4.0, -3.090232306167813, -2.0, -1.959963984540054, 0.0, 1.95, 2.5, 3.1, None]
        found = run("positions", cases=pd.DataFrame({"z": z}))["position"]
        assert found.to_list() == [
            "below_998",
            "below_95",
            "below_95",
            "inside",
            "inside",
            "inside",
            "above_95",
            "above_998",
            "inside",
        ]


@pytest.fixture(scope="module")
def needs() -> pd.DataFrame:
    return pd.read_csv(VECTORS / "alloc_input.csv").rename(columns={"need_index": "need"})


OUTCOMES = ["cert_share", "experienced_share", "kr_per_pupil"]


class TestConcentration:
    @pytest.mark.parametrize("outcome", OUTCOMES)
    def test_the_vector(self, one, needs, outcome):
        answers = expected("alloc_expected")["results"][outcome]
        row = one("concentration", units=needs.assign(y=needs[outcome]))
        for column, name in {
            "mean_outcome": "mean_pupil_weighted",
            "concentration_index": "CI",
            "generalised_index": "CI_generalised",
            "slope_index": "SII",
            "predicted_least_need": "predicted_least_need",
            "predicted_most_need": "predicted_most_need",
            "relative_index": "RII_ratio",
        }.items():
            assert row[column] == pytest.approx(answers[name], rel=CLOSED_FORM)
        assert row["slope_index"] / row["mean_outcome"] == exactly(answers["RII_sii_over_mean"])
        assert (row["n_units"], row["coverage"]) == (12, 1)

    @pytest.mark.parametrize("outcome", OUTCOMES)
    def test_unweighted(self, one, needs, outcome):
        row = one("concentration", units=needs.assign(y=needs[outcome], pupils=1))
        assert row["concentration_index"] == exactly(
            expected("alloc_expected")["results"][outcome]["CI_unweighted"]
        )

    @pytest.mark.parametrize("outcome", OUTCOMES)
    def test_the_index_is_twice_the_variance_of_ridits_times_the_slope_over_the_mean(
        self, one, needs, outcome
    ):
        row = one("concentration", units=needs.assign(y=needs[outcome]))
        identity = 2 * row["ridit_variance"] * row["slope_index"] / row["mean_outcome"]
        assert identity == exactly(row["concentration_index"])
        answers = expected("alloc_expected")["results"][outcome]
        assert identity == exactly(answers["identity_CI_equals_2_var_r_SII_over_mu"])

    def test_index_and_slope_are_those_of_another_query(self, one, needs):
        row = one("concentration", units=needs.assign(y=needs["cert_share"]))
        answers = expected("alloc_expected")["duckdb_sql"]
        assert answers == exactly({"CI": row["concentration_index"], "SII": row["slope_index"]})

    @pytest.mark.parametrize("outcome", ["cert_share", "experienced_share"])
    def test_shares_have_normalised_indices(self, one, needs, outcome):
        answers = expected("alloc_expected")["results"][outcome]
        row = one("share_concentration", units=needs.assign(y=needs[outcome]))
        assert row["erreygers_index"] == exactly(answers["erreygers_E"])
        assert row["wagstaff_index"] == exactly(answers["wagstaff_W"])

    @pytest.mark.parametrize("outcome", OUTCOMES)
    def test_without_ties_it_is_what_rineq_finds(self, one, needs, outcome):
        untied = needs.assign(y=needs[outcome], need=needs["need"].where(needs["unit"] != "S07", 101))
        row = one("concentration", units=untied)
        cross_check = expected("alloc_expected")["tie_free_cross_check_S07_need_101"][outcome]
        assert row["concentration_index"] == exactly(cross_check["here"])
        assert row["concentration_index"] == pytest.approx(cross_check["rineq"], rel=1e-12)

    def test_published_examples_of_quintiles(self, one):
        example = expected("alloc_expected")["grouped_quintile_example"]
        table = pd.DataFrame(example["input"]).rename(columns={"group": "need", "pop": "pupils", "rate": "y"})
        row = one("concentration", units=table)
        assert (row["concentration_index"], row["mean_outcome"]) == exactly((example["CI"], example["mean"]))
        measles = table.assign(y=[0.17, 0.28, 0.41, 0.58, 0.75])
        second = expected("alloc_expected")["grouped_quintile_example_2"]
        row = one("concentration", units=measles)
        assert (row["concentration_index"], row["mean_outcome"]) == exactly((second["CI"], second["mean"]))

    def test_the_order_of_tied_units_changes_nothing(self, one, needs):
        table = needs.assign(y=needs["cert_share"])
        first, second = (
            one("concentration", units=table.sort_values("unit", ascending=ascending, ignore_index=True))
            for ascending in (True, False)
        )
        assert first["slope_index"] == exactly(second["slope_index"])
        assert first["concentration_index"] == exactly(second["concentration_index"])

    def test_edge_cases_of_the_vector(self, one, needs):
        of_case = {
            "all y equal": needs.assign(y=0.1),
            "mean 0": needs.assign(y=0),
            "all units same need (ties -> all ridit 0.5)": needs.assign(y=needs["cert_share"], need=100),
            "<3 units": needs.assign(y=needs["cert_share"]).head(2),
            "predicted_least_need<=0": needs.assign(y=(needs["need"] - 62) ** 3),
        }
        columns = {
            "CI": "concentration_index",
            "SII": "slope_index",
            "RII": "relative_index",
            "RII_ratio": "relative_index",
        }
        answers = {case["case"]: case for case in expected("alloc_expected")["edge_cases"]}
        assert set(answers) - set(of_case) == {"missing need index"}
        for name, table in of_case.items():
            row = one("concentration", units=table)
            for figure in columns.keys() & answers[name].keys():
                found, answer = row[columns[figure]], answers[name][figure]
                assert pd.isna(found) if answer is None else found == answer, (name, figure)

    def test_equal_outcomes_have_no_slope_and_a_ratio_of_one(self, one, needs):
        row = one("concentration", units=needs.assign(y=0.1))
        assert (row["concentration_index"], row["slope_index"], row["relative_index"]) == (0, 0, 1)

    def test_a_mean_of_zero_has_no_index(self, one, needs):
        row = one("concentration", units=needs.assign(y=0))
        assert undefined(row, "concentration_index", "relative_index")
        assert (row["slope_index"], row["index_reason"]) == (0, "zero_mean")
        assert row["relative_reason"] == "intercept_not_positive"

    def test_equal_need_has_no_slope(self, one, needs):
        row = one("concentration", units=needs.assign(y=needs["cert_share"], need=100))
        assert row["concentration_index"] == 0
        assert undefined(row, "slope_index", "relative_index")
        assert (row["slope_reason"], row["relative_reason"]) == ("equal_need", "equal_need")

    def test_under_three_units_nothing(self, one, needs):
        row = one("concentration", units=needs.assign(y=needs["cert_share"]).head(2))
        assert undefined(row, "concentration_index", "slope_index", "relative_index")
        assert {row[f"{figure}_reason"] for figure in ("index", "slope", "relative")} == {"few_units"}

    def test_a_prediction_below_zero_at_least_need_has_no_ratio(self, one, needs):
        row = one("concentration", units=needs.assign(y=(needs["need"] - 62) ** 3))
        assert row["predicted_least_need"] < 0
        assert undefined(row, "relative_index")
        assert row["relative_reason"] == "intercept_not_positive"

    @pytest.mark.parametrize("column", ["need", "y"])
    def test_a_unit_with_a_missing_figure_is_dropped_and_seen_in_the_coverage(self, one, needs, column):
        table = needs.assign(y=needs["cert_share"])
        gone = table[table["unit"] != "S07"]
        missing = table.assign(**{column: table[column].where(table["unit"] != "S07")})
        row, rest = one("concentration", units=missing), one("concentration", units=gone)
        assert row["slope_index"] == exactly(rest["slope_index"])
        assert row["n_units"] == 11
        assert row["coverage"] == exactly((3865 - 260) / 3865)

    def test_no_known_need_at_all(self, one, needs):
        row = one(
            "concentration", units=needs.assign(y=needs["cert_share"], need=None).astype({"need": float})
        )
        assert undefined(row, "concentration_index", "slope_index", "mean_outcome")
        assert (row["coverage"], row["slope_reason"]) == (0, "few_units")


class TestQuarters:
    @pytest.fixture
    def ranked(self, run, needs) -> pd.DataFrame:
        return run("ridits", units=needs).set_index("unit")

    @pytest.mark.parametrize("outcome", OUTCOMES)
    def test_units_fall_in_the_quarters_of_the_vector(self, ranked, outcome):
        answers = expected("alloc_expected")["results"][outcome]["quartile_of_unit"]
        assert ranked["need_quarter"].to_dict() == answers

    def test_the_ridit_is_the_middle_of_the_unit_s_pupils(self, ranked):
        assert ranked.loc["S01", "ridit"] == exactly(155 / 3865)
        # The two with need 100: 1,555 pupils below, 765 of their own.
        assert ranked.loc["S06", "ridit"] == ranked.loc["S07", "ridit"] == exactly((1555 + 765 / 2) / 3865)
        assert np.average(ranked["ridit"], weights=ranked["pupils"]) == exactly(0.5)

    def test_units_without_need_or_pupils_stay_without_a_place(self, run, needs):
        extra = pd.DataFrame({"unit": ["T1", "T2", "T3"], "pupils": [50, 0, None], "need": [None, 5, 5]})
        found = run("ridits", units=pd.concat([needs, extra])).set_index("unit")
        assert found.loc[["T1", "T2", "T3"], ["ridit", "need_quarter"]].isna().all(axis=None)
        assert found.loc["S01", "ridit"] == exactly(155 / 3865)

    def test_one_unit_stands_in_the_middle(self, run, needs):
        assert run("ridits", units=needs.head(1))["ridit"].to_list() == [0.5]

    @pytest.mark.parametrize("outcome", OUTCOMES)
    def test_weighted_means_of_the_ends(self, one, ranked, outcome):
        answers = expected("alloc_expected")["results"][outcome]
        table = ranked.assign(a=ranked[outcome] * ranked["pupils"], b=ranked["pupils"])
        row = one("quarter_gap", units=table.reset_index())
        assert row["most_need"] == exactly(answers["quartile_top_need_mean"])
        assert row["least_need"] == exactly(answers["quartile_bottom_need_mean"])
        assert row["gap"] == exactly(answers["quartile_gap_top_minus_bottom"])

    def test_pooled_full_time_teachers_and_not_the_mean_of_units(self, run, ranked):
        table = ranked.assign(a=ranked["cert_fte"], b=ranked["teacher_fte"]).reset_index()
        found = run("quarter_values", units=table).set_index("need_quarter")
        assert found.loc[4, "value"] == exactly(41.8 / 69.5)
        assert found.loc[1, "value"] == exactly(50.1 / 70.5)
        assert found["n_units"].to_dict() == {1: 3, 2: 2, 3: 4, 4: 3}

    def test_a_quarter_without_a_known_figure_has_no_gap(self, one, ranked):
        table = ranked.assign(a=ranked["cert_fte"].where(ranked["need_quarter"] < 4), b=ranked["teacher_fte"])
        row = one("quarter_gap", units=table.reset_index())
        assert undefined(row, "gap", "most_need")
        assert row["reason"] == "quarter_empty"
