-- Pupils of all groups of a kind beside the unit's pupils, by school year, measure and kind of group.
with wholes as (

    select
        unit_key,
        school_year,
        measure_id,
        n_pupils
    from fct_unit_final_grades
    where dimension = 'all'

)

select
    parts.school_year,
    parts.measure_id,
    parts.dimension,
    coalesce(sum(wholes.n_pupils), 0) / cast(sum(parts.n_pupils) as double) as ratio
from (
    select
        unit_key,
        school_year,
        measure_id,
        dimension,
        sum(n_pupils) as n_pupils
    from fct_unit_final_grades
    where dimension <> 'all'
    group by unit_key, school_year, measure_id, dimension
) as parts
left join wholes
    on
        parts.unit_key = wholes.unit_key
        and parts.school_year = wholes.school_year
        and parts.measure_id = wholes.measure_id
group by parts.school_year, parts.measure_id, parts.dimension
