-- Pupils and mean of the groups of a dimension apart from all pupils, by unit, year and measure.
with counted as (

    select
        unit_key,
        school_year,
        measure_id,
        dimension,
        sum(n_pupils) as n_pupils,
        sum(n_pupils * mean_value) / sum(n_pupils) as mean_value
    from fct_unit_result_moments
    group by unit_key, school_year, measure_id, dimension

),

everyone as (

    select
        unit_key,
        school_year,
        measure_id,
        n_pupils,
        mean_value
    from counted
    where dimension = 'all'

)

select
    counted.unit_key,
    counted.school_year,
    counted.measure_id,
    counted.dimension,
    cast(abs(counted.n_pupils - coalesce(everyone.n_pupils, 0)) as double) as pupils_apart,
    abs(counted.mean_value - everyone.mean_value) as means_apart
from counted
left join everyone
    on
        counted.unit_key = everyone.unit_key
        and counted.school_year = everyone.school_year
        and counted.measure_id = everyone.measure_id
