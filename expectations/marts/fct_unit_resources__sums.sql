-- Kronor in no component, and number of rows for all, per unit, calendar year and kind.
select
    unit_key,
    calendar_year,
    kind,
    coalesce(sum(amount_kronor) filter (where component = 'all'), 0)
    - coalesce(sum(amount_kronor) filter (where component <> 'all'), 0) as kronor_outside,
    count(*) filter (where component = 'all') as n_all
from fct_unit_resources
group by unit_key, calendar_year, kind
