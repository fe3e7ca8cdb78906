"""Mean results of units against units with the same need (Fay & Herriot 1979): one row per unit."""

from dagster_project.lib.statistics.sets import shrunk_residuals


def model(dbt, session):
    moments = dbt.ref("ind_result_moments").df()
    rules = dbt.ref("thr_screening").df().set_index("rule")["threshold"]
    return shrunk_residuals(
        moments,
        by=["municipality_code", "school_year", "measure_id"],
        regressors=["need_index"],
        minimum_pupils=int(rules["minimum_pupils"]),
    )
