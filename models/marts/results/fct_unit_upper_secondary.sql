with figures as (

    select * from {{ ref('int_outcomes__throughput') }}

),

units as (

    select
        unit_key,
        is_made_up
    from {{ ref('dim_unit') }}
    where is_current

)

select
    figures.unit_key,
    figures.start_year,
    figures.programme_kind,
    figures.programme_code,
    figures.within_years,
    figures.n_completed,
    figures.n_left,
    cast(figures.n_diploma as decimal(18, 6)) as numerator,
    cast(figures.n_started as decimal(18, 6)) as denominator,
    100.0 * figures.n_diploma / nullif(figures.n_started, 0) as value,
    case when figures.is_judged then 'ok' else 'missing' end as status,
    coalesce(units.is_made_up, false) as is_made_up
from figures
left join units
    on figures.unit_key = units.unit_key
