-- Pupils of the groups of a dimension apart from all pupils, by unit, school year, measure and dimension.
with counted as (

    select
        unit_key,
        school_year,
        measure_id,
        dimension,
        sum(n_pupils) as n_pupils,
        sum(numerator) as numerator
    from fct_unit_final_grades
    group by unit_key, school_year, measure_id, dimension

),

everyone as (

    select
        unit_key,
        school_year,
        measure_id,
        n_pupils,
        numerator
    from counted
    where dimension = 'all'

)

select
    counted.unit_key,
    counted.school_year,
    counted.measure_id,
    counted.dimension,
    cast(abs(counted.n_pupils - coalesce(everyone.n_pupils, 0)) as double)
    + cast(abs(counted.numerator - coalesce(everyone.numerator, 0)) as double) as pupils_apart
from counted
left join everyone
    on
        counted.unit_key = everyone.unit_key
        and counted.school_year = everyone.school_year
        and counted.measure_id = everyone.measure_id
