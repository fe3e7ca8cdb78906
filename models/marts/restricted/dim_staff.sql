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

-- Of a protected person nothing but that there is one: the facts count the pseudonym in totals.
select
    staff.person_key,
    case when not staff.is_protected then staff.birth_month end as birth_month,
    case when staff.is_protected then 'unknown' else staff.sex end as sex,
    staff.is_protected,
    case when not staff.is_protected then staff.person_status end as person_status,
    case when not staff.is_protected then staff.unit_key end as unit_key,
    case when not staff.is_protected then staff.duty_role end as duty_role,
    case when not staff.is_protected then staff.first_date end as first_date,
    case when not staff.is_protected then staff.last_date end as last_date,
    staff.n_duties,
    coalesce(units.is_made_up, false) as is_made_up
from staff
left join units
    on staff.unit_key = units.unit_key
