"""The worked examples of docs/methods.md, run: SQL with the project's own macros, and Python as doctests."""

import doctest
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb
import jinja2
import pytest

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "methods.md"
MACROS = ROOT / "dbt_project" / "macros"
SHOWN = [*sorted((MACROS / "statistics").glob("*.sql")), MACROS / "school_years.sql"]
_EXAMPLE = re.compile(r"^```sql\n(?P<sql>.*?)^```\n\n?(?P<table>(?:^\|[^\n]*\n)*)", re.MULTILINE | re.DOTALL)


class Example(NamedTuple):
    line: int
    sql: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def examples(text: str) -> list[Example]:
    found = []
    for match in _EXAMPLE.finditer(text):
        lines = match["table"].splitlines()
        header, rows = (cells(lines[0]), [cells(line) for line in lines[2:]]) if lines else ([], [])
        found.append(Example(text[: match.start()].count("\n") + 1, match["sql"], header, rows))
    return found


def run(sql: str) -> tuple[list[str], list[list[str]]]:
    """Columns and rows of a block, in the words a reader sees: numbers as they are, null as an empty cell."""
    macros = "\n".join(path.read_text(encoding="utf-8") for path in SHOWN)
    rendered = jinja2.Environment(undefined=jinja2.StrictUndefined).from_string(macros + sql).render()
    with duckdb.connect() as connection:
        result = connection.execute(rendered)
        columns = [name for name, *_ in result.description]
        return columns, [["" if cell is None else str(cell) for cell in row] for row in result.fetchall()]


TEXT = DOCUMENT.read_text(encoding="utf-8")


@pytest.mark.parametrize("example", examples(TEXT), ids=lambda example: f"line {example.line}")
def test_every_block_of_sql_gives_the_table_below_it(example: Example):
    assert run(example.sql) == (list(example.header), [list(row) for row in example.rows])


def test_every_block_of_python_gives_the_lines_below_it():
    blocks = re.findall(r"^```pycon\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    said: list[str] = []
    test = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, DOCUMENT.name, None, None)
    results = doctest.DocTestRunner().run(test, out=said.append)
    assert results.failed == 0, "".join(said)
    assert results.attempted >= 25


def test_every_family_has_sql_and_the_table_it_gives():
    families = TEXT.split("\n## ")[1:]
    assert len(families) == 13
    assert [
        family.splitlines()[0] for family in families if not any(found.rows for found in examples(family))
    ] == []


@pytest.mark.parametrize(
    ("old", "new"), [("62.7", "62.8"), ("| pooled |", "| mean |"), ("('A', 9, 10)", "('A', 8, 10)")]
)
def test_a_wrong_figure_in_the_document_is_found(old: str, new: str):
    assert old in TEXT
    damaged = examples(TEXT.replace(old, new))[0]
    assert run(damaged.sql) != (list(damaged.header), [list(row) for row in damaged.rows])


def test_every_macro_and_model_the_document_names_is_there():
    models = {path.stem for path in (ROOT / "models").rglob("*.*")}
    named = set(re.findall(r"`((?:ind|fct|dim|ref|thr)_\w+)`", TEXT))
    seeds = {path.stem for path in (ROOT / "seeds").rglob("*.csv")}
    # ind_own_levels is the model of own levels beside ind_levels.
    assert named - models - seeds == set()
    assert len(named) > 20
    assert [path for path in re.findall(r"`(dbt_project/\S+?)`", TEXT) if not (ROOT / path).is_file()] == []
