"""A page per indicator, in Swedish Markdown, and an index of them: what `docs/indicators/` holds."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

from dagster_project.lib.indicators.catalogue import CatalogueError, Indicator
from dagster_project.lib.indicators.words import (
    AREAS_SV,
    AUDIENCES_SV,
    BETTER_SV,
    COUNTED_SV,
    LEVELS_SV,
    OPEN_LEVELS,
    OWN_LEVELS,
    POPULATIONS_SV,
    UNITS_SV,
)

COMMITTED: Final = Path(__file__).parents[3] / "docs" / "indicators"
INDEX: Final = "README.md"
METHODS_WITH_A_VERDICT: Final = frozenset({"allocation_slope", "funnel_position"})
_TABLES: Final = {"public": "pub_indicators", "internal": "pub_internal_indicators"}
_HEAD: Final = "<!-- Från seeds/reference/ref_indicators.csv; ändras inte för hand. -->\n"


def pages(indicators: Sequence[Indicator]) -> dict[str, str]:
    """Text of every page by file name: one per indicator, and the index.

    Raises:
        CatalogueError: a code of the catalogue has no Swedish name.
    """
    return {
        INDEX: _index(indicators),
        **{f"{indicator.indicator_id}.md": _page(indicator) for indicator in indicators},
    }


def write(indicators: Sequence[Indicator], folder: Path) -> int:
    """Write the pages into ``folder``, and take away those of indicators that are no more; returns how many.

    Only files that say they are made from the catalogue are taken away.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = pages(indicators)
    for path in folder.glob("*.md"):
        if path.name not in made and path.read_text(encoding="utf-8").startswith(_HEAD):
            path.unlink()
    for name, text in made.items():
        (folder / name).write_text(text, encoding="utf-8")
    return len(made)


def query(indicator: Indicator) -> str:
    """SQL that finds the indicator's figures for all groups together, in the release of its audience."""
    answer = ", verdict_sv" if indicator.row["method"] in METHODS_WITH_A_VERDICT else ""
    return (
        f"select entity_type, entity_key, school_year, value{answer}, numerator, denominator, status\n"
        f"from {_TABLES[indicator.row['audience']]}\n"
        f"where indicator_id = '{indicator.indicator_id}' and group_id = 'all'\n"
        "order by entity_type, entity_key, school_year"
    )


def _page(indicator: Indicator) -> str:
    row, method = indicator.row, indicator.method
    facts = [
        ("Id", f"`{indicator.indicator_id}`"),
        ("Område i strategin", _word(AREAS_SV, row, "strategy_area")),
        ("Metod", method["name_sv"]),
        ("Enhet", _word(UNITS_SV, row, "unit_of_measure")),
        ("Bättre är", _word(BETTER_SV, row, "better_is")),
        ("Population", _word(POPULATIONS_SV, row, "population")),
        ("Källor", row["sources_sv"]),
        ("Får läsas av", _word(AUDIENCES_SV, row, "audience")),
        ("Minsta antal bakom ett värde", _minima(indicator)),
        ("Metodversion", row["method_version"]),
    ]
    formula = method["formula_sv"]
    if indicator.has_interval:
        formula += " Intervallet är Wilsons, 95 procent: slumpen i en årskull, inte ett urvalsfel."
    return "\n".join(
        [
            _HEAD,
            f"# {row['name_sv']}\n",
            f"{row['definition_sv']}\n",
            f"*{row['name_en']}.* {row['definition_en']}\n",
            "## Så räknas den\n",
            f"{formula}\n",
            *_derivation(method),
            _table(("Uppgift", ""), facts),
            "",
            "## Brott i serien\n",
            _breaks(indicator),
            "",
            "## I releasen\n",
            "```sql",
            query(indicator),
            "```",
            "",
            "Vad `status`, `suppression` och `verdict` betyder står i kolumnernas kommentarer; grupperna i "
            "`pub_groups`.\n",
        ]
    )


def _derivation(method: Mapping[str, str]) -> list[str]:
    section = method["methods_section"]
    return [f"Härledning och räkneexempel: [docs/methods.md](../methods.md#{section}).\n"] if section else []


def _minima(indicator: Indicator) -> str:
    levels = OWN_LEVELS if indicator.is_own else OPEN_LEVELS
    parts = [
        f"{indicator.minima[level]} för {LEVELS_SV[level]}" for level in levels if level in indicator.minima
    ]
    words = []
    if parts:
        words.append(f"{_word(COUNTED_SV, indicator.row, 'count_basis')}: {', '.join(parts)}")
    if int(indicator.row["minimum_units"]):
        words.append(f"enheter: {indicator.row['minimum_units']}")
    return "; ".join(words) or "inget"


def _breaks(indicator: Indicator) -> str:
    if not indicator.breaks:
        return "Inga kända."
    return _table(
        ("Läsår", "Vad som ändrades", "Källa"),
        ((found.school_year, found.text_sv, found.source) for found in indicator.breaks),
    )


def _index(indicators: Sequence[Indicator]) -> str:
    parts = [
        _HEAD,
        "# Indikatorer\n",
        f"{len(indicators)} indikatorer, var och en med sin sida. Förteckningen är"
        " `seeds/reference/ref_indicators.csv`; sidorna skrivs av `equity docs indicators MAPP`.\n",
    ]

    def area(indicator: Indicator) -> str:
        return _word(AREAS_SV, indicator.row, "strategy_area")

    order = list(AREAS_SV.values())
    for name, members in groupby(sorted(indicators, key=lambda i: order.index(area(i))), key=area):
        lines = [
            (
                f"[{indicator.row['name_sv']}]({indicator.indicator_id}.md)",
                "Egna uppgifter" if indicator.is_own else "Öppna data",
            )
            for indicator in members
        ]
        parts += [f"## {name}\n", _table(("Indikator", "Räknas ur"), lines), ""]
    return "\n".join(parts)


def _word(words: Mapping[str, str], row: Mapping[str, str], column: str) -> str:
    if row[column] not in words:
        raise CatalogueError(
            f"ref_indicators: {row['indicator_id']} has {column} {row[column]!r}, which has no Swedish name. "
            "Correct the row, or add the word to dagster_project/lib/indicators/words.py."
        )
    return words[row[column]]


def _table(headers: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [headers, ("---",) * len(headers), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
