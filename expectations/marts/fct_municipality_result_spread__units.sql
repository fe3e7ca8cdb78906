-- Pupils of the units beside those of the municipality's spread, by measure and school year.
with units as (

    select
        measure_id,
        school_year,
        sum(n_pupils) as n_pupils
    from fct_unit_result_moments
    where dimension = 'all'
    group by measure_id, school_year

),

whole as (

    select
        measure_id,
        school_year,
        sum(n_pupils) as n_pupils
    from fct_municipality_result_spread
    where measure_id is not null
    group by measure_id, school_year

)

select
    whole.measure_id,
    whole.school_year,
    coalesce(units.n_pupils, 0) / cast(whole.n_pupils as double) as ratio
from whole
left join units on whole.measure_id = units.measure_id and whole.school_year = units.school_year
