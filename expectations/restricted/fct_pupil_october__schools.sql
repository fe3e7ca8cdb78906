-- Percent of pupils who are in more than one school that day, preschool and educare aside, by school year.
with pupils as (

    select
        school_year,
        person_key,
        count(distinct unit_key) as n_units
    from fct_pupil_october
    where school_form not in ('fs', 'fth')
    group by school_year, person_key

)

select
    school_year,
    count(*) as n_pupils,
    100 * count(*) filter (where n_units > 1) / cast(count(*) as double) as percent_in_two
from pupils
group by school_year
