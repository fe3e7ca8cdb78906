-- Own levels beside those of the school year before. A change beside one of its levels is the other: it is
-- shown where both are, and tells nothing new.

with levels as (

    select
        level_rows.*,
        catalogue.measure_id,
        {{ autumn_of('level_rows.school_year') }} as autumn
    from {{ ref('ind_own_level_rows') }} as level_rows
    inner join {{ ref('ref_indicators') }} as catalogue
        on level_rows.indicator_id = catalogue.indicator_id

),

indicators as (

    select
        indicator_id,
        measure_id
    from {{ ref('ref_indicators') }}
    where method = 'change_1y'

),

paired as (

    select
        now.audience,
        now.entity_type,
        now.entity_key,
        now.municipality_code,
        now.school_year,
        indicators.indicator_id,
        now.group_id,
        now.value as value_now,
        now.interval_low as low_now,
        now.interval_high as high_now,
        earlier.value as value_earlier,
        earlier.interval_low as low_earlier,
        earlier.interval_high as high_earlier,
        least(now.coverage, earlier.coverage) as coverage,
        now.n_units,
        coalesce(now.suppression, earlier.suppression) as suppression,
        now.break_in_series,
        now.is_made_up
    from levels as now
    inner join indicators
        on now.measure_id = indicators.measure_id
    inner join levels as earlier
        on
            now.audience = earlier.audience
            and now.entity_type = earlier.entity_type
            and now.entity_key = earlier.entity_key
            and now.indicator_id = earlier.indicator_id
            and now.group_id = earlier.group_id
            and now.autumn - 1 = earlier.autumn

)

select
    audience,
    entity_type,
    entity_key,
    municipality_code,
    school_year,
    indicator_id,
    group_id,
    value_now - value_earlier as value,
    -- Newcombe's, of the intervals of both levels, as if the pupils were others.
    value_now - value_earlier - sqrt(pow(value_now - low_now, 2) + pow(high_earlier - value_earlier, 2))
        as interval_low,
    value_now - value_earlier + sqrt(pow(high_now - value_now, 2) + pow(value_earlier - low_earlier, 2))
        as interval_high,
    coverage,
    case when value_now is null or value_earlier is null then 'missing' else 'ok' end as status,
    n_units,
    suppression,
    break_in_series,
    is_made_up
from paired
