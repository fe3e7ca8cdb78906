-- Pupils of the unit in all forms less those of its largest form, and of all forms summed, by unit and year.
with forms as (

    select
        unit_key,
        school_year,
        sum(numerator) filter (where school_form = 'all') as n_all,
        max(numerator) filter (where school_form <> 'all') as n_largest,
        sum(numerator) filter (where school_form <> 'all') as n_summed
    from fct_unit_pupil_groups
    where dimension = 'all'
    group by unit_key, school_year

)

select
    unit_key,
    school_year,
    cast(least(coalesce(n_all, 0) - n_largest, n_summed - coalesce(n_all, 0)) as double) as smallest_remainder
from forms
