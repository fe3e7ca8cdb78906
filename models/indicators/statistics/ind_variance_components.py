"""Differences between units in pupils' results by REML, and the ANOVA's interval: one row per set."""

from dagster_project.lib.statistics.sets import variance_components


def model(dbt, session):
    moments = dbt.ref("ind_result_moments").df()
    return variance_components(moments, by=["municipality_code", "school_year", "measure_id"])
