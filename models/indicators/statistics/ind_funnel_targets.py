"""What each funnel is drawn around, and the variance that chance leaves over: one row per set."""

from dagster_project.lib.statistics.sets import funnel_targets


def model(dbt, session):
    units = dbt.ref("ind_funnel_units").df()
    rules = dbt.ref("thr_statistics").df().set_index("rule")["threshold"]
    return funnel_targets(
        units,
        by=["set_type", "set_key", "school_year", "measure_id"],
        tail=rules["funnel_tail_percent"] / 100,
        significance=rules["funnel_significance_percent"] / 100,
    )
