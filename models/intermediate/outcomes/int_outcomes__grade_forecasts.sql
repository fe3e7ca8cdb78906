-- Grade forecasts: one row per pupil, day of forecast and subject.
-- A pupil the register does not know is kept and flagged.

with delivered as (

    select * from {{ ref('stg_deliveries__grade_forecasts') }}

),

persons as (

    select
        person_key,
        bool_or(is_protected) as is_protected
    from {{ ref('int_persons__identified') }}
    group by person_key

)

select
    delivered.person_key,
    delivered.unit_code as unit_key,
    delivered.school_year,
    delivered.year_group,
    delivered.forecast_on,
    delivered.subject_code,
    delivered.forecast_grade,
    coalesce(persons.is_protected, false) as is_protected,
    persons.person_key is not null as is_known_person
from delivered
left join persons
    on delivered.person_key = persons.person_key
