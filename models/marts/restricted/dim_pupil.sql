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

-- Of a protected person nothing but that there is one: the facts count the pseudonym in totals.
select
    pupils.person_key,
    case when not pupils.is_protected then pupils.birth_month end as birth_month,
    case when pupils.is_protected then 'unknown' else pupils.sex end as sex,
    pupils.is_protected,
    case when not pupils.is_protected then pupils.person_status end as person_status,
    case when not pupils.is_protected then pupils.unit_key end as unit_key,
    case when not pupils.is_protected then pupils.school_form end as school_form,
    case when not pupils.is_protected then pupils.year_group end as year_group,
    case when not pupils.is_protected then pupils.first_date end as first_date,
    case when not pupils.is_protected then pupils.last_date end as last_date,
    case when not pupils.is_protected then pupils.background_school_year end as background_school_year,
    case when not pupils.is_protected then pupils.parents_education end as parents_education,
    case when not pupils.is_protected then pupils.foreign_background end as foreign_background,
    case when not pupils.is_protected then pupils.newly_arrived end as newly_arrived,
    case when not pupils.is_protected then pupils.newly_immigrated end as newly_immigrated,
    coalesce(units.is_made_up, false) as is_made_up
from pupils
left join units
    on pupils.unit_key = units.unit_key
