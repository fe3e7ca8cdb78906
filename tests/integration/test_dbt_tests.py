"""Our own dbt tests: each passes sound rows, fails broken ones, and what is broken is said in words."""

import json

import duckdb
import pytest

from dagster_project.defs.warehouse.build_results import what_failed
from tests.small_dbt_project import dbt, project

# What the tests share takes a build: made once, by one worker.
pytestmark = pytest.mark.xdist_group("small_dbt_project")

UNITS = "select unnest(['a', 'b']) as unit_key"
DESCRIBED_FACTS = """
  - name: {name}
    data_tests:
      - keys_and_rules:
          name: keys_and_rules_{name}
          arguments:
            primary_key: [unit_key, school_year]
            foreign_keys:
              unit_key: ref('units')
              next_unit_key: ref('units')
            roles: {{ next_unit_key: unit_key }}
            rules:
              - reached <= persons
              - status in ('ok', 'missing')
              - (status = 'ok') = (reached is not null)
"""
SOUND = ["'a', '2024/25', null, 4, 5, 'ok'", "'b', '2024/25', 'a', 5, 5, 'ok'"]
#: Name of a table of facts -> a row beside the sound ones, and the promises that are said to be broken.
CASES: dict[str, tuple[str, list[str]]] = {
    "a_key_twice": (SOUND[0], ["primary key unit_key, school_year"]),
    "half_a_key": ("'a', null, null, 4, 5, 'ok'", ["primary key unit_key, school_year"]),
    "unknown_unit": ("'c', '2024/25', null, 4, 5, 'ok'", ["unit_key"]),
    "unknown_unit_in_another_role": ("'a', '2025/26', 'c', 4, 5, 'ok'", ["next_unit_key"]),
    "more_reached_than_there_are": ("'a', '2025/26', null, 6, 5, 'ok'", ["reached <= persons"]),
    "two_rules_one_of_them_null": (
        "'a', '2025/26', null, null, null, 'guessed'",
        ["reached <= persons", "status in ('ok', 'missing')"],
    ),
    "a_key_and_a_rule": (
        "'c', '2024/25', null, 6, 5, 'ok'",
        ["reached <= persons", "unit_key"],
    ),
}
# Each part may be left out.
RULE_ALONE = """
  - name: {name}
    data_tests:
      - keys_and_rules: {{ name: keys_and_rules_{name}, arguments: {{ rules: [n > 0] }} }}
"""
KEYED = "  - {{ name: {name}, columns: [{{ name: unit_key, data_tests: [primary_key] }}] }}\n"
VERSIONED = """
  - name: {name}
    data_tests: [one_current_row: {{ arguments: {{ key: unit_key, flag: is_current }} }}]
"""
VERSIONS = "select * from (values ('a', true), ('a', false)) as told (unit_key, is_current)"


def facts(*rows: str) -> str:
    return f"""
        select * from (values {", ".join(f"({row})" for row in rows)})
        as told (unit_key, school_year, next_unit_key, reached, persons, status)
    """


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    """One build of all cases: status of each test, by its name, and the sentences about what is broken."""
    described = "models:\n" + KEYED.format(name="units") + KEYED.format(name="units_one_null")
    described += VERSIONED.format(name="versions") + VERSIONED.format(name="versions_none_current")
    described += RULE_ALONE.format(name="above_nought") + RULE_ALONE.format(name="at_nought")
    described += "".join(DESCRIBED_FACTS.format(name=name) for name in ("sound", *CASES))
    models = {
        "not_a_number": "select cast('word' as integer) as n",
        "no_such_column": "select m from (select 1 as n)",
        "units": UNITS,
        "units_one_null": "select unnest(['a', 'b', null]) as unit_key",
        "versions": VERSIONS,
        "versions_none_current": f"{VERSIONS} where not is_current",
        "sound": facts(*SOUND),
        "above_nought": "select 1 as n",
        "at_nought": "select 0 as n",
        **{name: facts(*SOUND, row) for name, (row, _) in CASES.items()},
    }
    folder = project(tmp_path_factory.mktemp("small"), described)
    dbt(folder, "build", models)
    results = json.loads((folder / "target" / "run_results.json").read_text())["results"]
    status_of = {result["unique_id"].split(".")[2]: result["status"] for result in results}
    with duckdb.connect(folder / "warehouse.duckdb", read_only=True) as connection:
        return status_of, list(what_failed(folder / "target", connection))


def test_sound_rows_pass(build):
    status_of, sentences = build
    assert status_of["keys_and_rules_sound"] == "pass"
    assert not [sentence for sentence in sentences if "_sound" in sentence]


@pytest.mark.parametrize(("name", "broken"), [(name, broken) for name, (_, broken) in CASES.items()])
def test_a_broken_row_fails_the_test_and_the_promise_is_told(build, name, broken):
    status_of, sentences = build
    assert status_of[f"keys_and_rules_{name}"] == "fail"
    told = [sentence for sentence in sentences if sentence.startswith(f"keys_and_rules_{name}:")]
    assert sorted(told) == [f"keys_and_rules_{name}: {promise}: broken by 1 rows." for promise in broken]


def test_a_rule_alone_is_held(build):
    status_of, sentences = build
    assert status_of["keys_and_rules_above_nought"] == "pass"
    assert status_of["keys_and_rules_at_nought"] == "fail"
    assert "keys_and_rules_at_nought: n > 0: broken by 1 rows." in sentences


def test_a_model_that_cannot_be_built_is_told_without_a_cell(build):
    _, sentences = build
    assert "not_a_number: Conversion Error; what was said stands in the run's log." in sentences


def test_an_error_in_the_sql_is_told_as_it_is(build):
    _, sentences = build
    (sentence,) = [sentence for sentence in sentences if sentence.startswith("no_such_column: ")]
    assert sentence.startswith('no_such_column: Binder Error: Referenced column "m" not found')


def test_a_key_of_one_column_fails_on_a_null(build):
    status_of, _ = build
    assert status_of["primary_key_units_unit_key"] == "pass"
    assert status_of["primary_key_units_one_null_unit_key"] == "fail"


def test_a_dimension_without_exactly_one_current_row_fails(build):
    status_of, _ = build
    assert status_of["one_current_row_versions_is_current__unit_key"] == "pass"
    assert status_of["one_current_row_versions_none_current_is_current__unit_key"] == "fail"
