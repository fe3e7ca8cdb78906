"""How great the need of each unit is, by the municipality's own model: one row per unit and school year."""

import pandas as pd

from dagster_project.lib.statistics.need import unit_need

BACKGROUND = [
    "is_boy",
    "parents_compulsory",
    "parents_upper_secondary",
    "has_foreign_background",
    "is_newly_arrived",
]


def model(dbt, session):
    units = dbt.ref("dim_unit").df()
    current = units[units["is_current"] & units["municipality_code"].notna()]
    placed = current[["unit_key", "municipality_code", "is_made_up"]]
    groups = dbt.ref("int_resources__need_groups").df()
    # In one order, whatever order the rows come in: the last bits of a fit depend on it.
    groups = groups.sort_values(["unit_key", "school_year", *BACKGROUND]).merge(placed, on="unit_key")
    rules = dbt.ref("thr_statistics").df().set_index("rule")["threshold"]
    minimum = int(rules["need_index_minimum_per_coefficient"])
    # Always one, so that the table has its columns also where nobody has delivered anything.
    municipalities = [of_one for _, of_one in groups.groupby("municipality_code")] or [groups]
    found = pd.concat(
        [unit_need(of_one, BACKGROUND, minimum_per_coefficient=minimum) for of_one in municipalities],
        ignore_index=True,
    )
    return found.merge(placed[["unit_key", "is_made_up"]], on="unit_key").astype(
        {"unit_key": "string", "school_year": "string", "is_made_up": bool}
    )
