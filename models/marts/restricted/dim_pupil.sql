with pupils as (

    select * from {{ ref('int_persons__pupils') }}

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
    pupils.birth_month,
    pupils.sex,
    pupils.is_protected,
    pupils.person_status,
    pupils.unit_key,
    pupils.school_form,
    pupils.year_group,
    pupils.first_date,
    pupils.last_date,
    pupils.background_school_year,
    pupils.parents_education,
    pupils.foreign_background,
    pupils.newly_arrived,
    pupils.newly_immigrated,
    coalesce(units.is_made_up, false) as is_made_up
from pupils
left join units
    on pupils.unit_key = units.unit_key
