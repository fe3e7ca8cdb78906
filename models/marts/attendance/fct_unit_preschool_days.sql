with present as (

    select * from {{ ref('int_own__preschool_days') }}

),

placed as (

    select * from {{ ref('int_persons__enrolled') }}
    where school_form = 'fs'

),

units as (

    select
        unit_key,
        is_made_up
    from {{ ref('dim_unit') }}
    where is_current

),

by_month as (

    select
        unit_key,
        cast(date_trunc('month', present_on) as date) as month,
        min(present_on) as first_date,
        max(present_on) as last_date,
        count(distinct present_on) as n_days_open,
        count(distinct person_key) as n_children_present,
        count(*) as present_days
    from present
    group by unit_key, date_trunc('month', present_on)

),

-- Children with a place some time between the first and the last day on which anyone was checked in.
placed_by_month as (

    select
        by_month.unit_key,
        by_month.month,
        count(distinct placed.person_key) as n_children_placed
    from by_month
    inner join placed
        on
            by_month.unit_key = placed.unit_key
            and by_month.last_date >= placed.start_date
            and by_month.first_date <= coalesce(placed.end_date, date '9999-12-31')
    group by by_month.unit_key, by_month.month

)

select
    by_month.unit_key,
    by_month.month,
    {{ school_year_of('by_month.month') }} as school_year,
    by_month.first_date,
    by_month.last_date,
    by_month.n_days_open,
    coalesce(placed_by_month.n_children_placed, 0) as n_children_placed,
    by_month.n_children_present,
    cast(by_month.present_days as decimal(18, 6)) as numerator,
    cast(placed_by_month.n_children_placed as decimal(18, 6)) as denominator,
    cast(by_month.present_days as double) / nullif(placed_by_month.n_children_placed, 0) as value,
    case when placed_by_month.n_children_placed > 0 then 'ok' else 'undefined' end as status,
    coalesce(units.is_made_up, false) as is_made_up
from by_month
left join placed_by_month
    on
        by_month.unit_key = placed_by_month.unit_key
        and by_month.month = placed_by_month.month
left join units
    on by_month.unit_key = units.unit_key
