-- Starters of units apart from the pupils who started, by year of start.
with pupils as (

    select
        start_year,
        count(*) as n_started
    from restricted.fct_upper_secondary_outcome
    group by start_year

),

units as (

    select
        start_year,
        sum(denominator) as n_started
    from fct_unit_upper_secondary
    where programme_kind = 'all' and within_years = 3
    group by start_year

)

select
    pupils.start_year,
    cast(abs(pupils.n_started - coalesce(units.n_started, 0)) as double) as pupils_apart
from pupils
left join units
    on pupils.start_year = units.start_year
