-- Forecasts of all subjects apart from the row of all, by unit, school year, year group and day.
select
    unit_key,
    school_year,
    year_group,
    forecast_on,
    cast(abs(
        coalesce(sum(n_forecasts) filter (where subject_code <> 'all'), 0)
        - coalesce(sum(n_forecasts) filter (where subject_code = 'all'), 0)
    ) as double) as forecasts_apart
from fct_unit_grade_forecast
group by unit_key, school_year, year_group, forecast_on
