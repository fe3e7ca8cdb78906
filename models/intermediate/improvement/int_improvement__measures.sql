-- Measures (insatser) decided on: one row per unit and number, with the school years in which figures before
-- and after are looked for. A figure may come the year after the measure ended.

with decided as (

    select * from {{ ref('stg_deliveries__measures') }}

),

lineage as (

    select * from {{ ref('int_units__succeeded') }}

)

select
    decided.unit_code as unit_key,
    coalesce(lineage.current_unit_key, decided.unit_code) as current_unit_key,
    decided.measure_number,
    decided.title,
    decided.indicator_id,
    decided.decided_on,
    decided.starts_on,
    decided.ends_on,
    decided.status as measure_status,
    decided.responsible_role,
    {{ school_year_of('coalesce(decided.starts_on, decided.decided_on)') }} as first_school_year,
    case
        when decided.ends_on is null then '9998/99'
        else {{ school_years_later(school_year_of('decided.ends_on'), 1) }}
    end as last_school_year
from decided
left join lineage
    on decided.unit_code = lineage.unit_key
