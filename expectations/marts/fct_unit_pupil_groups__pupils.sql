-- Pupils of units apart from those of 15 October, by school year and school form.
with pupils as (

    select
        school_year,
        school_form,
        count(*) as n_pupils
    from restricted.fct_pupil_october
    group by school_year, school_form

),

units as (

    select
        school_year,
        school_form,
        sum(numerator) as n_pupils
    from fct_unit_pupil_groups
    where dimension = 'all'
    group by school_year, school_form

)

select
    pupils.school_year,
    pupils.school_form,
    cast(abs(pupils.n_pupils - coalesce(units.n_pupils, 0)) as double) as pupils_apart
from pupils
left join units
    on
        pupils.school_year = units.school_year
        and pupils.school_form = units.school_form
