"""The tables of `docs/leveranser.md`, made from the definitions.

``python -m dagster_project.lib.deliveries.documentation`` writes them into the page.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from dagster_project.lib.deliveries.catalogue import KINDS
from dagster_project.lib.deliveries.kinds import Column, Kind
from dagster_project.lib.deliveries.rules import FILE_RULES, ROW_RULES
from dagster_project.lib.deliveries.words import TYPES_SV, limits_sv, must_sv

PAGE: Final = Path(__file__).parents[3] / "docs" / "leveranser.md"
_START: Final = "<!-- Från definitionerna; ändras inte för hand. -->\n"


def with_tables(page: str) -> str:
    """``page`` with everything after the marker made anew.

    Raises:
        ValueError: the page has no marker.
    """
    before, found, _ = page.partition(_START)
    if not found:
        raise ValueError(f"{PAGE.name} has lost the line {_START.strip()}")
    return before + _START + tables()


def tables() -> str:
    """Kinds, the columns of each, and the rules, as Markdown."""
    overview = _table(("Leverans", "Mall", "Lämnas av", "En rad är"), map(_summary, KINDS.values()))
    parts = ["\n## Mallarna\n", overview]
    for kind in KINDS.values():
        parts += [f"\n### {kind.title_sv} (`{kind.name}`)\n", _table(_HEADERS, map(_column, kind.columns))]
        parts.append(f"\nNyckel: {', '.join(kind.by_name[name].header_sv for name in kind.key)}.\n")
    rows = [(f"`{name}`", rule.found_sv, rule.remedy_sv) for name, rule in ROW_RULES.items()]
    parts += ["\n## Regler för rader\n", _table(("Regel", "Vad som hittats", "Att göra"), rows)]
    files = [(f"`{name}`", _sentence(rule.found_sv), rule.remedy_sv) for name, rule in FILE_RULES.items()]
    parts += ["\n## Regler för hela filen\n", _table(("Regel", "Vad som hittats", "Att göra"), files)]
    return "\n".join(part.strip("\n") + "\n" for part in parts)


_HEADERS: Final = ("Kolumn", "Måste", "Skriv", "Värden", "Förklaring", "Exempel")


def _summary(kind: Kind) -> tuple[str, ...]:
    return (kind.title_sv, f"`{kind.name}`", kind.responsible_sv, kind.description_sv)


def _column(column: Column) -> tuple[str, ...]:
    return (
        column.header_sv,
        must_sv(column),
        TYPES_SV[column.type],
        limits_sv(column),
        column.description_sv,
        column.example,
    )


def _sentence(found: str) -> str:
    return f"{found[:1].upper()}{found[1:]}."


def _table(headers: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [headers, ("---",) * len(headers), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
