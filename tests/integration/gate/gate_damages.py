"""The registry of damages: ``damages_<stage>.yml`` beside this file."""

from pathlib import Path

import yaml
from gate_workbench import Damage


def damages(stage: str) -> dict[str, Damage]:
    """Every damage to the tables of ``stage``, by its name in words."""
    text = Path(__file__).with_name(f"damages_{stage}.yml").read_text(encoding="utf-8")
    entries = yaml.safe_load(text)
    return {name: Damage(_statement(entry), frozenset(entry["fails"])) for name, entry in entries.items()}


def _statement(entry: dict[str, str]) -> str:
    if "sql" in entry:
        return entry["sql"]
    table, where = entry["change"], entry.get("where", "true")
    return f"update {table} set {entry['set']} where rowid = (select min(rowid) from {table} where {where})"
