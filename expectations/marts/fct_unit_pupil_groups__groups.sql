-- Pupils of the groups of a kind beside those that the shares are of, by school year and kind of group.
with kinds as (

    select
        unit_key,
        school_year,
        school_form,
        dimension,
        sum(numerator) filter (where group_value <> 'unknown') as in_groups,
        max(denominator) filter (where group_value <> 'unknown') as in_all
    from fct_unit_pupil_groups
    where dimension <> 'all'
    group by unit_key, school_year, school_form, dimension

)

select
    school_year,
    dimension,
    sum(in_groups) / cast(sum(in_all) as double) as ratio
from kinds
group by school_year, dimension
