"""The registry of damages: ``damages_<stage>.yml`` beside this file."""

from pathlib import Path

import yaml
from gate_workbench import BUILD_STAGES, Damage

from dagster_project.defs.quality import suites
from dagster_project.lib.expectations.suite import COLUMNS


def damages(stage: str) -> dict[str, Damage]:
    """Every damage to the tables of ``stage``, by its name in words."""
    text = Path(__file__).with_name(f"damages_{stage}.yml").read_text(encoding="utf-8")
    entries = yaml.safe_load(text)
    written = {name: Damage(_statement(entry), frozenset(entry["fails"])) for name, entry in entries.items()}
    return written | (_columns_nobody_agreed_on(stage) if stage in BUILD_STAGES else {})


def _columns_nobody_agreed_on(stage: str) -> dict[str, Damage]:
    """The same for every table: no other rule looks at a column that is too many."""
    return {
        f"{suite.table}: a column nobody agreed on": Damage(
            f"alter table {suite.table} add column nobody_agreed_on integer",
            frozenset({f"{suite.table}.{COLUMNS}"}),
        )
        for suite in suites.of_stage(stage)
        if suite.columns
    }


def _statement(entry: dict[str, str]) -> str:
    if "sql" in entry:
        return entry["sql"]
    table, where = entry["change"], entry.get("where", "true")
    return f"update {table} set {entry['set']} where rowid = (select min(rowid) from {table} where {where})"
