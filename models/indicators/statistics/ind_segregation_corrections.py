"""D less what the bootstrap says that small units add to it (Allen et al. 2015): one row per set."""

from dagster_project.lib.statistics.sets import corrected_dissimilarity


def model(dbt, session):
    units = dbt.ref("ind_segregation_units").df()
    return corrected_dissimilarity(units, by=["municipality_code", "school_year", "measure_id"])
