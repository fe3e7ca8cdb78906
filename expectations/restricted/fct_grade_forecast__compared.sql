-- Percent of forecasts with a final grade, and percent of these that came true, by school year.
with counted as (

    select
        school_year,
        count(*) as n_forecasts,
        count(outcome_of_forecast) as n_compared,
        count(*) filter (where outcome_of_forecast = 'right') as n_right
    from fct_grade_forecast
    group by school_year

)

select
    school_year,
    n_compared,
    100 * n_compared / cast(n_forecasts as double) as percent_compared,
    100 * n_right / cast(nullif(n_compared, 0) as double) as percent_right
from counted
