-- Starters of whom neither completion nor leaving is told, by unit, year of start, programme and years.
select
    unit_key,
    start_year,
    programme_kind,
    programme_code,
    within_years,
    value,
    cast(denominator as double) as n_started,
    cast(denominator - n_completed - n_left as double) as n_others
from fct_unit_upper_secondary
where value is not null
