"""Disclosure control on made-up tables: seconds of heuristic, optimum and audit, and what hiding costs.

.venv/bin/python benchmarks/disclosure.py            # everything, about ten minutes
.venv/bin/python benchmarks/disclosure.py 12 24 40   # municipalities with so many units
"""

import json
import os
import platform
import sys
import time
from collections.abc import Sequence

import numpy as np
import pandas as pd

from dagster_project.lib.disclosure.audit import audit
from dagster_project.lib.disclosure.block import Limits
from dagster_project.lib.disclosure.cells import LinkedCells, link
from dagster_project.lib.disclosure.primary import few, protection_levels
from dagster_project.lib.disclosure.protect import Protection, protect
from dagster_project.lib.disclosure.tables import link_tables
from dagster_project.lib.disclosure.weights import weights

SEX = {"sex": ("girls", "boys")}
EIGHT = {
    **SEX,
    "background": ("born abroad", "parents born abroad", "other"),
    "education": ("low", "middle", "high"),
    "language": ("swedish", "swedish as a second language"),
    "arrived": ("lately", "earlier"),
    "mother tongue": ("has lessons", "has none"),
    "support": ("yes", "no"),
    "start": ("as a six-year-old", "later"),
}
_COMPARED_WITH_OPTIMUM = 40
_HEURISTIC_ONLY = Limits(optimum_classes=0)


def municipality(
    units: int, breakdowns: dict[str, Sequence[str]], *, years: int = 1, seed: int = 0
) -> LinkedCells:
    """Pupils who reached a level and who did not, per unit, area, municipality and group; sizes are known."""
    random = np.random.default_rng(seed)
    unit = np.repeat(np.arange(units * years) % units, random.integers(15, 110, units * years))
    year = np.repeat(np.arange(units * years) // units, np.bincount(_runs(unit)))
    reached = random.random(len(unit)) < random.beta(8, 2, units)[unit]
    area = unit % max(1, units // 4)
    pupils = pd.DataFrame({"unit": unit, "area": area, "year": year})
    pupils["outcome"] = np.where(reached, "reached", "not")
    parts = []
    for breakdown, groups in {"": ("all",), **breakdowns}.items():
        names = np.array([f"{breakdown}: {group}" if breakdown else group for group in groups])
        by_group = pupils.assign(group=names[random.integers(0, len(groups), len(pupils))])
        for level, place in (
            ("unit", "u" + pupils["unit"].astype("str")),
            ("area", "a" + pupils["area"].astype("str")),
        ):
            parts.append(
                by_group.assign(place=place, level="leaf" if level == "unit" and breakdown else level)
            )
        parts.append(by_group.assign(place="municipality", level="municipality"))
    cells = _with_sizes(pd.concat(parts), ["year", "place", "group", "level"])
    places = pupils[["unit", "area"]].drop_duplicates()
    hierarchy = [("place", f"a{area}", "", f"u{unit}") for unit, area in places.itertuples(index=False)]
    hierarchy += [("place", "municipality", "", f"a{area}") for area in sorted(places["area"].unique())]
    return _linked(cells, ["year", "place", "group", "outcome"], breakdowns, hierarchy)


def nation(municipalities: int, tables: int, *, seed: int = 0) -> LinkedCells:
    """Tables of every municipality by sex and by kind of organiser, each a small world of its own."""
    random = np.random.default_rng(seed)
    breakdowns = {**SEX, "organiser": ("municipal", "private")}
    n = municipalities * tables
    size = np.repeat(np.exp(random.normal(5.2, 1.1, municipalities)), tables)
    frames = []
    rate = random.beta(9, 2, n)
    kinds = [(sex, kind) for sex in breakdowns["sex"] for kind in breakdowns["organiser"]]
    for sex, kind in kinds:
        pupils = random.poisson(size * (0.42 if kind == "municipal" else 0.08)) + 1
        missed = random.binomial(pupils, 1 - rate)
        for group, level in (
            ("all", "municipality"),
            (f"sex: {sex}", "area"),
            (f"organiser: {kind}", "area"),
        ):
            for outcome, value in (("reached", pupils - missed), ("not", missed)):
                frames.append(
                    pd.DataFrame(
                        {
                            "table": np.arange(n),
                            "group": group,
                            "level": level,
                            "outcome": outcome,
                            "value": value,
                        }
                    )
                )
    cells = pd.concat(frames).groupby(["table", "group", "level", "outcome"], as_index=False)["value"].sum()
    total = cells.groupby(["table", "group", "level"], as_index=False)["value"].sum().assign(outcome="all")
    return _linked(
        pd.concat([cells, total], ignore_index=True), ["table", "group", "outcome"], breakdowns, []
    )


def _runs(unit: np.ndarray) -> np.ndarray:
    """Number of the run of equal values that each place belongs to."""
    return np.cumsum(np.r_[0, np.diff(unit) != 0])


def _with_sizes(pupils: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    counts = pupils.groupby([*by, "outcome"]).size().unstack("outcome", fill_value=0)
    counts["all"] = counts.sum(axis=1)
    return counts.stack().rename("value").reset_index()


def _linked(
    cells: pd.DataFrame,
    dimensions: list[str],
    breakdowns: dict[str, Sequence[str]],
    hierarchy: list[tuple[str, str, str, str]],
) -> LinkedCells:
    by_level = {"leaf": 1.0, "unit": 4.0, "area": 40.0, "municipality": 1000.0}
    sizes = cells.loc[cells["outcome"] == "all", [*dimensions, "value"]].drop(columns="outcome")
    size = cells.merge(sizes, on=[name for name in dimensions if name != "outcome"], how="left")["value_y"]
    levels = protection_levels(cells["value"], size.set_axis(cells.index), below=1, above=1, width=4)
    cells = cells.assign(
        **levels.to_dict("series"),
        weight=weights(cells["value"], cells["level"], by_level),
        is_primary=(cells["outcome"] == "not") & few(cells["value"], 4),
        is_published_before=cells["outcome"] == "all",
        breakdown=cells["group"].str.split(":").str[0],
    )
    rows = [
        *hierarchy,
        *(("outcome", "all", "", outcome) for outcome in ("reached", "not")),
        *(
            ("group", "all", name, f"{name}: {group}")
            for name, groups in breakdowns.items()
            for group in groups
        ),
    ]
    hierarchies = pd.DataFrame(rows, columns=["dimension", "parent", "partition", "child"])
    return link(*link_tables(cells, dimensions, hierarchies, absent="zero"))


def measured(linked: LinkedCells, limits: Limits) -> tuple[dict[str, object], Protection]:
    """One run: what there was, what was hidden, seconds."""
    started, worked = time.perf_counter(), time.process_time()
    found = protect(linked, limits=limits, exact_intervals=False)
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - worked
    hidden = found.pattern["state"].isin(["primary", "secondary", "refused"])
    started = time.perf_counter()
    proof = audit(linked, hidden.to_numpy(), exact=False)
    audited = time.perf_counter() - started
    return {
        "cells": len(linked.frame),
        "relations": linked.matrix.shape[0],
        "blocks": len(found.blocks),
        "primaries": int(linked.frame["is_primary"].sum()),
        "hidden": int(hidden.sum()),
        "refused": len(found.refusals),
        "loss": round(float(found.blocks["loss"].sum()), 2),
        "methods": found.blocks["method"].value_counts().to_dict(),
        "passed": proof.is_passed,
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu_seconds, 2),
        "audit_seconds": round(audited, 2),
    }, found


def main(sizes: Sequence[int]) -> None:
    print(
        json.dumps(
            {"cpus": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version()}
        )
    )
    for units in sizes:
        breakdowns, years = (EIGHT, 3) if units > _COMPARED_WITH_OPTIMUM else (SEX, 1)
        linked = municipality(units, breakdowns, years=years)
        result, _ = measured(linked, _HEURISTIC_ONLY)
        print(f"{units} units, {len(breakdowns)} breakdowns, {years} years, heuristic:", json.dumps(result))
        if units <= _COMPARED_WITH_OPTIMUM:
            result, _ = measured(linked, Limits(optimum_seconds=120.0))
            print(f"{units} units, optimum:", json.dumps(result))
    if not sys.argv[1:]:
        started = time.perf_counter()
        linked = nation(290, 50)
        print("nation: cells and relations in", round(time.perf_counter() - started, 2), "s")
        print("nation:", json.dumps(measured(linked, Limits())[0]))


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [12, 24, 40, 120])
