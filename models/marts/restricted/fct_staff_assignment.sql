with assignments as (

    select * from {{ ref('int_staffing__assignments') }}

),

units as (

    select
        unit_key,
        is_made_up
    from {{ ref('dim_unit') }}
    where is_current

)

select
    assignments.person_key,
    assignments.unit_key,
    assignments.school_year,
    assignments.role,
    assignments.category,
    assignments.is_teacher,
    assignments.fte_percent,
    assignments.is_employed_on_october_15,
    assignments.is_certified,
    assignments.certified_from,
    assignments.is_qualified_any,
    assignments.n_taught,
    assignments.n_qualified,
    assignments.experience_years,
    assignments.is_experienced,
    assignments.is_first_teacher,
    assignments.sick_leave_days,
    assignments.working_days,
    assignments.employed_from,
    assignments.employed_to,
    assignments.is_protected,
    assignments.is_known_person,
    coalesce(units.is_made_up, false) as is_made_up
from assignments
left join units
    on assignments.unit_key = units.unit_key
