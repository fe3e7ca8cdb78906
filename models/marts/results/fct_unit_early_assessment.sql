with figures as (

    select * from {{ ref('int_outcomes__early_assessments_counted') }}

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
    figures.school_year,
    figures.assessment,
    figures.area,
    figures.n_pupils,
    figures.n_at_risk,
    figures.n_support,
    cast(figures.n_reached as decimal(18, 6)) as numerator,
    cast(figures.n_assessed as decimal(18, 6)) as denominator,
    100.0 * figures.n_reached / nullif(figures.n_assessed, 0) as value,
    least(cast(figures.n_assessed as double) / nullif(figures.n_pupils, 0), 1) as coverage,
    case when figures.n_assessed = 0 then 'undefined' else 'ok' end as status,
    coalesce(units.is_made_up, false) as is_made_up
from figures
left join units
    on figures.unit_key = units.unit_key
