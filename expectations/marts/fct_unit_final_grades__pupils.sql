-- Pupils in the figures of units less those with final grades in year 9's form, by school year.
with pupils as (

    select
        school_year,
        count(distinct person_key || unit_key) as n_pupils
    from restricted.fct_grade
    where school_form = 'gr' and is_final and is_counted and not is_trial
    group by school_year

),

units as (

    select
        school_year,
        sum(n_pupils) as n_pupils
    from fct_unit_final_grades
    where dimension = 'all' and measure_id = 'merit_value_y9'
    group by school_year

)

select
    pupils.school_year,
    cast(pupils.n_pupils as double) as n_graded,
    cast(coalesce(units.n_pupils, 0) as double) - pupils.n_pupils as more_than_graded
from pupils
left join units
    on pupils.school_year = units.school_year
