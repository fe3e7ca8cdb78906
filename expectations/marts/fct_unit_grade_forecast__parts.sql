-- Forecasts apart from the sum of their outcomes, by unit, year group, day and subject.
select
    unit_key,
    year_group,
    forecast_on,
    subject_code,
    cast(abs(numerator + n_too_high + n_too_low - denominator) as double) as outcomes_apart,
    cast(n_forecasts - denominator as double) as not_compared,
    n_forecasts - n_forecast_passed as not_passed
from fct_unit_grade_forecast
