-- Forecasts whose outcome contradicts the two grades, or is told without a final grade: one row.
select
    count(*) filter (
        where outcome_of_forecast = 'right'
        and replace(forecast_grade, '-', 'F') <> replace(final_grade, '-', 'F')
    ) + count(*) filter (
        where outcome_of_forecast in ('too_high', 'too_low')
        and replace(forecast_grade, '-', 'F') = replace(final_grade, '-', 'F')
    ) as n_contradictions,
    count(*) filter (where outcome_of_forecast is not null and final_grade is null) as n_without_final_grade
from fct_grade_forecast
