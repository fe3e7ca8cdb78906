-- Pupils of the groups of a dimension apart from all pupils, by unit, school year, school form and dimension.
with counted as (

    select
        unit_key,
        school_year,
        school_form,
        dimension,
        sum(numerator) as n_pupils,
        sum(value) filter (where group_value <> 'unknown') as percent_known
    from fct_unit_pupil_groups
    group by unit_key, school_year, school_form, dimension

),

everyone as (

    select
        unit_key,
        school_year,
        school_form,
        n_pupils
    from counted
    where dimension = 'all'

)

select
    counted.unit_key,
    counted.school_year,
    counted.school_form,
    counted.dimension,
    cast(abs(counted.n_pupils - coalesce(everyone.n_pupils, 0)) as double) as pupils_apart,
    counted.percent_known
from counted
left join everyone
    on
        counted.unit_key = everyone.unit_key
        and counted.school_year = everyone.school_year
        and counted.school_form = everyone.school_form
