-- Starters of all programmes, and of all kinds, apart from the row of all, by unit, year of start and years.
select
    unit_key,
    start_year,
    within_years,
    cast(abs(
        coalesce(sum(denominator) filter (where programme_code <> 'all'), 0)
        - coalesce(sum(denominator) filter (where programme_kind = 'all'), 0)
    ) as double) as programmes_apart,
    cast(abs(
        coalesce(sum(denominator) filter (where programme_kind <> 'all' and programme_code = 'all'), 0)
        - coalesce(sum(denominator) filter (where programme_kind = 'all'), 0)
    ) as double) as kinds_apart
from fct_unit_upper_secondary
group by unit_key, start_year, within_years
