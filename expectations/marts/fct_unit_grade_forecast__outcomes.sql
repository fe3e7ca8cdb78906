-- Compared forecasts of which nobody knows how they came out.
select
    unit_key,
    school_year,
    subject_code,
    abs(denominator - numerator - n_too_high - n_too_low) as left_over
from fct_unit_grade_forecast
where status = 'ok'
