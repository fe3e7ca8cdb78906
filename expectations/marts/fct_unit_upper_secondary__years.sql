-- Percentage points by which more have a diploma within a year more, by unit, start and programme.
select
    unit_key,
    start_year,
    programme_kind,
    programme_code,
    within_years,
    value - lag(value) over (
        partition by unit_key, start_year, programme_kind, programme_code
        order by within_years
    ) as later_more
from fct_unit_upper_secondary
where unit_key is not null and value between 0 and 100
