"""The indicator catalogue as the seeds hold it, with what other seeds say about each indicator."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dagster_project.lib.errors import EquityError

SEEDS: Final = Path(__file__).parents[3] / "seeds"
# Which threshold is the smallest number, by what is counted.
_MINIMUM_RULES: Final = {
    "pupils": "minimum_pupils",
    "answers": "minimum_pupils",
    "teachers_fte": "minimum_teachers",
    "teachers_heads": "minimum_teachers",
}

Row = Mapping[str, str]


class CatalogueError(EquityError):
    """The seeds of the indicator catalogue contradict each other."""


@dataclass(frozen=True)
class Break:
    """A break in an indicator's series, in one school year, with the source of that."""

    school_year: str
    text_sv: str
    source: str


@dataclass(frozen=True)
class Indicator:
    """A row of ``ref_indicators`` with its method, thresholds and breaks.

    Attributes:
        row: the row, by column; of open data ``count_basis`` (what a figure rests on: ``pupils``,
            ``answers`` …) is that of the measure, and empty where it rests on units.
        method: the row of ``ref_methods``.
        minima: smallest number behind a shown figure, by level (``unit``, ``municipality`` …).
        breaks: oldest first.
    """

    row: Row
    method: Row
    minima: Mapping[str, int]
    breaks: Sequence[Break]

    @property
    def indicator_id(self) -> str:
        return self.row["indicator_id"]

    @property
    def has_interval(self) -> bool:
        """Whether figures come with an interval: shares of persons do."""
        return self.row["cell_kind"] == "persons_share"

    @property
    def is_own(self) -> bool:
        """Whether only the municipality's own data answers it."""
        return self.indicator_id.startswith("own_")


def read(seeds: Path = SEEDS) -> list[Indicator]:
    """Every indicator, in the order of the seed.

    Raises:
        CatalogueError: an indicator has a method that ``ref_methods`` does not describe.
    """
    methods = {row["method"]: row for row in _rows(seeds, "ref_methods")}
    counted = {row["measure_id"]: row["count_basis"] for row in _rows(seeds, "ref_measures")}
    breaks = _rows(seeds, "ref_breaks_in_series")
    thresholds = _rows(seeds, "thr_disclosure")
    return [
        _indicator(
            {**row, "count_basis": row["count_basis"] or counted.get(row["measure_id"], "")},
            methods,
            thresholds,
            breaks,
        )
        for row in _rows(seeds, "ref_indicators")
    ]


def _indicator(
    row: Row, methods: Mapping[str, Row], thresholds: Iterable[Row], breaks: Iterable[Row]
) -> Indicator:
    if row["method"] not in methods:
        raise CatalogueError(
            f"ref_indicators: {row['indicator_id']} has the method {row['method']!r}, which ref_methods does "
            "not describe. Add the method with its formula to seeds/reference/ref_methods.csv."
        )
    rule = _MINIMUM_RULES.get(row["count_basis"])
    return Indicator(
        row=row,
        method=methods[row["method"]],
        minima={
            threshold["entity_type"]: int(threshold["threshold"])
            for threshold in thresholds
            if threshold["audience"] == row["audience"] and threshold["rule"] == rule
        },
        breaks=sorted(
            (
                Break(found["school_year"], found["text_sv"], found["source"])
                for found in breaks
                if found["measure_id"] == row["measure_id"]
            ),
            key=lambda found: found.school_year,
        ),
    )


def _rows(seeds: Path, name: str) -> list[Row]:
    (path,) = seeds.rglob(f"{name}.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))
