with levels as (

    select
        ind_levels.*,
        indicators.measure_id
    from {{ ref('ind_levels') }} as ind_levels
    inner join {{ ref('ref_indicators') }} as indicators
        on ind_levels.indicator_id = indicators.indicator_id

),

indicators as (

    select
        indicator_id,
        measure_id,
        case method when 'change_1y' then 1 when 'change_3y' then 3 end as years_back
    from {{ ref('ref_indicators') }}
    where method in ('change_1y', 'change_3y')

),

paired as (

    select
        now.entity_type,
        now.entity_key,
        now.school_year,
        indicators.indicator_id,
        now.group_id,
        now.value as value_now,
        earlier.value as value_earlier,
        least(now.coverage, earlier.coverage) as coverage,
        case
            when now.status = 'suppressed_at_source' or earlier.status = 'suppressed_at_source'
                then 'suppressed_at_source'
            when now.value is null or earlier.value is null then 'missing'
            else 'ok'
        end as status,
        now.n_units,
        coalesce(now.suppression, earlier.suppression) as suppression,
        -- A break this year or in any year since the earlier one breaks the comparison.
        (
            select max(between_years.kind)
            from {{ ref('ref_breaks_in_series') }} as between_years
            where
                between_years.measure_id = now.measure_id
                and between_years.school_year > earlier.school_year
                and between_years.school_year <= now.school_year
        ) as break_in_series,
        now.denominator
    from levels as now
    inner join indicators
        on now.measure_id = indicators.measure_id
    inner join levels as earlier
        on
            now.measure_id = earlier.measure_id
            and now.entity_type = earlier.entity_type
            and now.entity_key = earlier.entity_key
            and now.group_id = earlier.group_id
            and {{ autumn_of('now.school_year') }} - indicators.years_back
            = {{ autumn_of('earlier.school_year') }}

)

select
    entity_type,
    entity_key,
    school_year,
    indicator_id,
    group_id,
    cast(null as decimal(18, 4)) as numerator,
    denominator,
    value_now - value_earlier as value,
    coverage,
    status,
    n_units,
    suppression,
    break_in_series
from paired
