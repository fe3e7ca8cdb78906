-- Positions of units in their funnels, and shares after shrinkage: one row per unit, school year and
-- indicator.

with positions as (

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
    positions.unit_key as entity_key,
    positions.municipality_code,
    positions.school_year,
    indicators.indicator_id,
    'all' as group_id,
    cast(null as decimal(18, 4)) as numerator,
    cast(positions.trials as decimal(18, 4)) as denominator,
    100 * case indicators.method
        when 'funnel_position' then positions.unit_share
        else positions.shrunk
    end as value,
    cast(null as double) as coverage,
    'ok' as status,
    cast(null as bigint) as n_units,
    cast(null as bigint) as n_hidden_units,
    positions.suppression,
    100 * case indicators.method
        when 'funnel_position' then positions.limit_low
        else greatest(positions.target + positions.shrunk_residual_low, 0)
    end as interval_low,
    100 * case indicators.method
        when 'funnel_position' then positions.limit_high
        else least(positions.target + positions.shrunk_residual_high, 1)
    end as interval_high,
    case when indicators.method = 'funnel_position' then positions.funnel_position end as verdict,
    positions.break_in_series,
    positions.is_made_up
from positions
inner join indicators
    on positions.measure_id = indicators.measure_id
