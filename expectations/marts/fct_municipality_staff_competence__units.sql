-- Full-time teachers of all municipalities apart from those of all units, by school year.
with units as (

    select
        school_year,
        sum(value) as teachers_fte
    from fct_unit_staff_competence
    where measure_id = 'teachers_fte'
    group by school_year

),

municipalities as (

    select
        school_year,
        sum(value) as teachers_fte
    from fct_municipality_staff_competence
    where measure_id = 'teachers_fte'
    group by school_year

)

select
    coalesce(units.school_year, municipalities.school_year) as school_year,
    abs(coalesce(units.teachers_fte, 0) - coalesce(municipalities.teachers_fte, 0)) as teachers_apart
from units
full join municipalities
    on units.school_year = municipalities.school_year
