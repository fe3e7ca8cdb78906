-- Pupils of 15 October, preschool and educare aside, without a row here, by school year with a next one.
with here as (

    select
        school_year,
        count(*) as n_pupils
    from fct_transition
    group by school_year

),

october as (

    select
        school_year,
        count(distinct person_key) as n_pupils
    from fct_pupil_october
    where school_form not in ('fs', 'fth')
    group by school_year
    qualify school_year < max(school_year) over ()

)

select
    october.school_year,
    october.n_pupils - coalesce(here.n_pupils, 0) as n_without_row
from october
left join here
    on october.school_year = here.school_year
