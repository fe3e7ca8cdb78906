-- Pupils of 15 October who are not here, and the other way round, by school year.
with here as (

    select
        school_year,
        count(*) as n_pupils
    from dim_pupil_year
    group by school_year

),

october as (

    select
        school_year,
        count(distinct person_key) as n_pupils
    from fct_pupil_october
    group by school_year

)

select
    coalesce(here.school_year, october.school_year) as school_year,
    coalesce(here.n_pupils, 0) - coalesce(october.n_pupils, 0) as n_more_here
from here
full join october
    on here.school_year = october.school_year
