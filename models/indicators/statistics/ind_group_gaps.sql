-- Gaps between groups of pupils with their intervals: one row per entity, school year and indicator. The gaps
-- of units have indicators of their own, for the audience internal.

with pairs as (

    select * from {{ ref('ind_gap_groups') }}

),

estimates as (

    select * from {{ ref('ind_gap_estimates') }}

),

indicators as (

    select
        indicator_id,
        measure_id,
        method
    from {{ ref('ref_indicators') }}
    where method like 'group_gap_%' or method like 'unit_group_gap_%'

),

thresholds as (

    {{ disclosure_thresholds('public') | indent(4) }}

),

valued as (

    select
        pairs.*,
        indicators.indicator_id,
        case when pairs.kind = 'share' then 100 else 1 end as scale,
        estimates.value,
        estimates.lower,
        estimates.upper,
        least(pairs.first_pupils, pairs.second_pupils) as smaller_base
    from pairs
    inner join estimates
        on
            pairs.entity_type = estimates.entity_type
            and pairs.entity_key = estimates.entity_key
            and pairs.school_year = estimates.school_year
            and pairs.measure_id = estimates.measure_id
            and pairs.dimension = estimates.dimension
    inner join indicators
        on
            pairs.measure_id = indicators.measure_id
            and indicators.method
            = case when pairs.entity_type = 'unit' then 'unit_group_gap_' else 'group_gap_' end
            || pairs.dimension

)

select
    valued.entity_type,
    valued.entity_key,
    valued.municipality_code,
    valued.school_year,
    valued.indicator_id,
    'all' as group_id,
    cast(null as decimal(18, 4)) as numerator,
    cast(valued.smaller_base as decimal(18, 4)) as denominator,
    valued.scale * valued.value as value,
    valued.coverage,
    case when valued.value is not null then 'ok' else 'undefined' end as status,
    case when valued.entity_type = 'municipality' then valued.n_units end as n_units,
    cast(null as bigint) as n_hidden_units,
    case when valued.smaller_base < thresholds.minimum_pupils then 'too_few' end as suppression,
    valued.scale * valued.lower as interval_low,
    valued.scale * valued.upper as interval_high,
    cast(null as varchar) as verdict,
    cast(null as varchar) as break_in_series,
    valued.is_made_up
from valued
inner join thresholds
    on valued.entity_type = thresholds.entity_type
