"""Differences between two groups of pupils with intervals (Newcombe, Welch): one row per pair of groups."""

from dagster_project.lib.statistics.sets import group_gaps

KEY = ["entity_type", "entity_key", "school_year", "measure_id", "dimension"]


def model(dbt, session):
    pairs = dbt.ref("ind_gap_groups").df()
    rules = dbt.ref("thr_statistics").df().set_index("rule")["threshold"]
    return group_gaps(pairs, by=KEY, minimum=int(rules["gap_minimum_pupils"]))
