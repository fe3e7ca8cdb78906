with figures as (

    select * from {{ ref('int_composition__unit_groups_counted') }}

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
    figures.school_form,
    figures.dimension,
    figures.group_value,
    cast(figures.n_pupils as decimal(18, 6)) as numerator,
    cast(
        case when figures.group_value = 'unknown' then figures.n_all else figures.n_known end
        as decimal(18, 6)
    ) as denominator,
    100.0 * figures.n_pupils
    / nullif(
        case when figures.group_value = 'unknown' then figures.n_all else figures.n_known end, 0
    ) as value,
    cast(figures.n_known as double) / nullif(figures.n_all, 0) as coverage,
    'ok' as status,
    coalesce(units.is_made_up, false) as is_made_up
from figures
left join units
    on figures.unit_key = units.unit_key
