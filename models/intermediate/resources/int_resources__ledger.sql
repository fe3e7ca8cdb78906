-- Budget and outcome in whole kronor: one row per unit, calendar year, kind and component, and one with the
-- component `all`, with the pupils of the two Octobers the calendar year lies between.

with ledger as (

    select * from {{ ref('stg_deliveries__ledger') }}

),

pupils as (

    select
        unit_key,
        {{ autumn_of('school_year') }} as autumn_year,
        count(distinct person_key) as n_pupils
    from {{ ref('int_persons__october') }}
    where school_form <> 'fth'
    group by unit_key, {{ autumn_of('school_year') }}

),

amounts as (

    select
        unit_code as unit_key,
        calendar_year,
        kind,
        coalesce(component, 'all') as component,
        -- Öre are rounded away once, where the amount is shown.
        cast(round(sum(amount_kronor)) as bigint) as amount_kronor
    from ledger
    group by grouping sets ((unit_code, calendar_year, kind, component), (unit_code, calendar_year, kind))

)

select
    amounts.unit_key,
    amounts.calendar_year,
    amounts.kind,
    amounts.component,
    amounts.amount_kronor,
    spring.n_pupils as n_pupils_before,
    autumn.n_pupils as n_pupils_during
from amounts
left join pupils as spring
    on
        amounts.unit_key = spring.unit_key
        and amounts.calendar_year - 1 = spring.autumn_year
left join pupils as autumn
    on
        amounts.unit_key = autumn.unit_key
        and amounts.calendar_year = autumn.autumn_year
