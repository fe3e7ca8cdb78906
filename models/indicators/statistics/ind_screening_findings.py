"""Which units a development dialogue should begin with, by the parameters of thr_screening; people decide."""

from dagster_project.lib.statistics.screening import ScreeningRule
from dagster_project.lib.statistics.sets import screened


def model(dbt, session):
    series = dbt.ref("ind_screening_series").df()
    rules = dbt.ref("thr_screening").df().set_index("rule")["threshold"]
    rule = ScreeningRule(
        alarm_z=rules["alarm_z"],
        low_z=rules["low_z"],
        years=int(rules["years"]),
        low_years=int(rules["low_years"]),
        minimum_pupils=int(rules["minimum_pupils"]),
    )
    return screened(series, by=["municipality_code", "unit_key", "measure_id"], rule=rule)
