-- How a unit's mean result lies against what its pupils' need leads one to expect, after shrinkage: one row
-- per unit, school year and indicator. Internal: a start of a dialogue, never a ranking.

with residuals as (

    select * from {{ ref('ind_shrunk_residuals') }}

),

moments as (

    select * from {{ ref('ind_result_moments') }}

),

indicators as (

    select
        indicator_id,
        measure_id
    from {{ ref('ref_indicators') }}
    where method = 'value_added_shrunk'

),

thresholds as (

    {{ disclosure_thresholds('public') | indent(4) }}

)

select
    'unit' as entity_type,
    moments.unit_key as entity_key,
    moments.municipality_code,
    moments.school_year,
    indicators.indicator_id,
    'all' as group_id,
    cast(null as decimal(18, 4)) as numerator,
    cast(moments.n_pupils as decimal(18, 4)) as denominator,
    residuals.shrunk as value,
    cast(null as double) as coverage,
    case when residuals.shrunk is not null then 'ok' else 'undefined' end as status,
    cast(null as bigint) as n_units,
    cast(null as bigint) as n_hidden_units,
    case when moments.n_pupils < thresholds.minimum_pupils then 'too_few' end as suppression,
    residuals.shrunk_low as interval_low,
    residuals.shrunk_high as interval_high,
    cast(null as varchar) as verdict,
    cast(null as varchar) as break_in_series,
    moments.is_made_up
from moments
inner join indicators
    on moments.measure_id = indicators.measure_id
inner join thresholds
    on thresholds.entity_type = 'unit'
left join residuals
    on
        moments.municipality_code = residuals.municipality_code
        and moments.unit_key = residuals.unit_key
        and moments.school_year = residuals.school_year
        and moments.measure_id = residuals.measure_id
