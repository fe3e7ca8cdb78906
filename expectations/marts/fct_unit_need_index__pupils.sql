-- How many more pupils the index has than were in compulsory school on 15 October, per unit and school year.
with october as (

    select
        unit_key,
        school_year,
        count(distinct person_key) as n_pupils
    from restricted.fct_pupil_october
    where school_form = 'gr'
    group by unit_key, school_year

)

select
    need.unit_key,
    need.school_year,
    need.n_pupils - october.n_pupils as n_more
from fct_unit_need_index as need
left join october
    on need.unit_key = october.unit_key and need.school_year = october.school_year
