with pupils as (

    select * from {{ ref('int_composition__pupil_groups') }}

),

units as (

    select
        unit_key,
        is_made_up
    from {{ ref('dim_unit') }}
    where is_current

)

select
    pupils.person_key,
    pupils.unit_key,
    pupils.school_year,
    pupils.school_form,
    pupils.year_group,
    pupils.sex,
    pupils.parents_education,
    pupils.foreign_background,
    pupils.newly_arrived,
    pupils.newly_immigrated,
    pupils.is_protected,
    coalesce(units.is_made_up, false) as is_made_up
from pupils
left join units
    on pupils.unit_key = units.unit_key
