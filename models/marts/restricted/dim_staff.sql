with staff as (

    select * from {{ ref('int_persons__staff') }}

),

units as (

    select
        unit_key,
        is_made_up
    from {{ ref('dim_unit') }}
    where is_current

)

select
    staff.person_key,
    staff.birth_month,
    staff.sex,
    staff.is_protected,
    staff.person_status,
    staff.unit_key,
    staff.duty_role,
    staff.first_date,
    staff.last_date,
    staff.n_duties,
    coalesce(units.is_made_up, false) as is_made_up
from staff
left join units
    on staff.unit_key = units.unit_key
