-- Positions of units in their funnels, and shares after shrinkage: one row per unit, school year and
-- indicator.

with units as (

    select * from {{ ref('ind_funnel_units') }}

),

positions as (

    select * from {{ ref('ind_funnel_positions') }}

),

indicators as (

    select
        indicator_id,
        measure_id,
        method
    from {{ ref('ref_indicators') }}
    where method in ('funnel_position', 'funnel_shrunk')

)

select
    'unit' as entity_type,
    units.unit_key as entity_key,
    units.municipality_code,
    units.school_year,
    indicators.indicator_id,
    'all' as group_id,
    cast(null as decimal(18, 4)) as numerator,
    cast(units.trials as decimal(18, 4)) as denominator,
    100 * case indicators.method
        when 'funnel_position' then positions.unit_share
        else positions.shrunk
    end as value,
    cast(null as double) as coverage,
    case when positions.unit_key is not null then 'ok' else 'undefined' end as status,
    cast(null as bigint) as n_units,
    cast(null as bigint) as n_hidden_units,
    units.suppression,
    100 * case
        when positions.unit_key is null then null
        when indicators.method = 'funnel_position' then positions.limit_low
        else greatest(positions.target + positions.shrunk_residual_low, 0)
    end as interval_low,
    100 * case
        when positions.unit_key is null then null
        when indicators.method = 'funnel_position' then positions.limit_high
        else least(positions.target + positions.shrunk_residual_high, 1)
    end as interval_high,
    case when indicators.method = 'funnel_position' then positions.funnel_position end as verdict,
    units.break_in_series,
    units.is_made_up
from units
inner join indicators
    on units.measure_id = indicators.measure_id
left join positions
    on
        units.municipality_code = positions.municipality_code
        and units.unit_key = positions.unit_key
        and units.school_year = positions.school_year
        and units.measure_id = positions.measure_id
