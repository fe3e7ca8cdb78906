with outcomes as (

    select * from {{ ref('int_outcomes__upper_secondary') }}

),

units as (

    select
        unit_key,
        is_made_up
    from {{ ref('dim_unit') }}
    where is_current

)

select
    outcomes.person_key,
    outcomes.unit_key,
    outcomes.programme_code,
    outcomes.programme_kind,
    outcomes.start_year,
    outcomes.outcome,
    outcomes.outcome_on,
    outcomes.years_to_outcome,
    outcomes.is_protected,
    outcomes.is_known_person,
    coalesce(units.is_made_up, false) as is_made_up
from outcomes
left join units
    on outcomes.unit_key = units.unit_key
