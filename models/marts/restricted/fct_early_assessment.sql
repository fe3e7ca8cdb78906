with assessments as (

    select * from {{ ref('int_outcomes__early_assessments') }}

),

units as (

    select
        unit_key,
        is_made_up
    from {{ ref('dim_unit') }}
    where is_current

)

select
    assessments.person_key,
    assessments.unit_key,
    assessments.school_year,
    assessments.assessment,
    assessments.area,
    assessments.outcome,
    assessments.assessed_on,
    assessments.is_protected,
    assessments.is_known_person,
    coalesce(units.is_made_up, false) as is_made_up
from assessments
left join units
    on assessments.unit_key = units.unit_key
