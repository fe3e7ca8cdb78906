-- Pupils who neither completed nor left, by unit, start and programme.
select
    unit_key,
    start_year,
    programme_code,
    within_years,
    denominator - n_completed - n_left as left_over
from fct_unit_upper_secondary
