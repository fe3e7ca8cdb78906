"""The slope over units in order of need with its HC1 interval, and the answer: one row per set."""

import pandas as pd

from dagster_project.lib.statistics.sets import need_slopes

BY = ["entity_type", "entity_key", "school_year", "measure_id"]


def model(dbt, session):
    units = dbt.ref("ind_need_units").df()
    catalogue = dbt.ref("ref_indicators").df()
    (minimum_units,) = catalogue.loc[catalogue["method"] == "allocation_slope", "minimum_units"].unique()
    of_municipality = units.assign(entity_type="municipality", entity_key=units["municipality_code"])
    of_nation = units[~units["measure_id"].str.startswith("own_")].assign(
        entity_type="nation", entity_key="SE"
    )
    return need_slopes(
        pd.concat([of_municipality, of_nation], ignore_index=True), by=BY, minimum_units=int(minimum_units)
    )
