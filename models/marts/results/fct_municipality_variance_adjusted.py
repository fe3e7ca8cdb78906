"""What of the differences between units is left when pupils' background is allowed for: one row per set."""

from dagster_project.lib.statistics.sets import adjusted_components

BACKGROUND = {
    "sex": {"girls": 1.0, "boys": 0.0},
    "parents_education": {"higher": 1.0, "upper_secondary": 0.0, "compulsory": 0.0},
    "foreign_background": {"yes": 1.0, "no": 0.0},
    "newly_arrived": {"yes": 1.0, "no": 0.0},
}


def model(dbt, session):
    pupils = dbt.ref("int_own__pupil_results").df()
    units = dbt.ref("dim_unit").df()
    current = units[units["is_current"] & units["municipality_code"].notna()]
    placed = current[["unit_key", "municipality_code"]]
    # A municipality is made up with all its units.
    made_up = current.groupby("municipality_code", as_index=False)["is_made_up"].max()
    known = pupils.assign(
        result=pupils["result"].astype(float),
        # What is not in the words above is not known.
        **{name: pupils[name].map(codes) for name, codes in BACKGROUND.items()},
    )
    adjusted = adjusted_components(
        known.merge(placed, on="unit_key"),
        by=["municipality_code", "school_year", "measure_id"],
        background=list(BACKGROUND),
    )
    return adjusted.merge(made_up, on="municipality_code", how="left")
