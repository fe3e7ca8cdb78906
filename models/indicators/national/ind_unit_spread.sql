with unit_values as (

    select * from {{ ref('ind_unit_group_figures') }}
    where value is not null

),

thresholds as (

    {{ disclosure_thresholds('public') | indent(4) }}

),

indicators as (

    select
        indicator_id,
        measure_id,
        method,
        minimum_units
    from {{ ref('ref_indicators') }}
    where method like 'spread_%' or method = 'units_below_nation'

),

spread_measures as (

    select measure_id from indicators
    where method = 'spread_sd'
    group by measure_id

),

nation as (

    select
        indicators.measure_id,
        levels.school_year,
        levels.value
    from {{ ref('ind_levels') }} as levels
    inner join {{ ref('ref_indicators') }} as indicators
        on levels.indicator_id = indicators.indicator_id
    where levels.entity_type = 'nation' and levels.group_id = 'all'

),

compared as (

    select
        unit_values.municipality_code,
        unit_values.school_year,
        unit_values.measure_id,
        unit_values.group_id,
        unit_values.base_count,
        unit_values.value,
        unit_values.suppression,
        unit_values.break_in_series,
        -- A deviation is compared with zero, everything else with the nation.
        case
            when unit_values.measure_id like 'value_added_%_deviation' then 0
            else nation.value
        end as reference_value
    from unit_values
    inner join spread_measures
        on unit_values.measure_id = spread_measures.measure_id
    left join nation
        on
            unit_values.measure_id = nation.measure_id
            and unit_values.school_year = nation.school_year

),

-- Weighted sums first: the variance is sum(w v²)/sum(w) - mean², over units whose base is known.
summed as (

    select
        case when grouping(municipality_code) = 1 then 'nation' else 'municipality' end as entity_type,
        case when grouping(municipality_code) = 1 then 'SE' else municipality_code end as entity_key,
        school_year,
        measure_id,
        group_id,
        count(*) as n_units,
        count(*) filter (where base_count > 0) as n_weighed,
        cast(sum(base_count) filter (where base_count > 0) as double) as weight,
        cast(sum(cast(base_count as decimal(38, 4)) * value) filter (where base_count > 0) as double)
            as weighted_sum,
        -- Decimals, for their sum is the same in any order of rows.
        cast(
            sum(cast(base_count as decimal(38, 4)) * value * value) filter (where base_count > 0) as double
        ) as weighted_squares,
        quantile_cont(cast(value as double), 0.10) as p10,
        quantile_cont(cast(value as double), 0.25) as p25,
        quantile_cont(cast(value as double), 0.50) as p50,
        quantile_cont(cast(value as double), 0.75) as p75,
        quantile_cont(cast(value as double), 0.90) as p90,
        count(*) filter (where value < reference_value) as n_below,
        count(reference_value) as n_compared,
        count(suppression) as n_hidden_units,
        max(break_in_series) as break_in_series
    from compared
    group by
        grouping sets (
            (municipality_code, school_year, measure_id, group_id),
            (school_year, measure_id, group_id)
        )

),

measured as (

    select
        summed.entity_type,
        summed.entity_key,
        summed.school_year,
        summed.measure_id,
        indicators.indicator_id,
        summed.group_id,
        indicators.method,
        indicators.minimum_units,
        case when indicators.method = 'spread_sd' then summed.n_weighed else summed.n_units end as n_units,
        summed.n_below,
        summed.n_compared,
        summed.n_hidden_units,
        summed.break_in_series,
        case indicators.method
            when 'spread_sd'
                then
                    sqrt(
                        greatest(
                            summed.weighted_squares / nullif(summed.weight, 0)
                            - pow(summed.weighted_sum / nullif(summed.weight, 0), 2),
                            0
                        )
                    )
            when 'spread_p10' then summed.p10
            when 'spread_p25' then summed.p25
            when 'spread_p50' then summed.p50
            when 'spread_p75' then summed.p75
            when 'spread_p90' then summed.p90
            when 'spread_p90_p10' then summed.p90 - summed.p10
            when 'units_below_nation' then 100.0 * summed.n_below / nullif(summed.n_compared, 0)
        end as value
    from summed
    inner join indicators
        on summed.measure_id = indicators.measure_id

)

select
    measured.entity_type,
    measured.entity_key,
    measured.school_year,
    measured.indicator_id,
    measured.group_id,
    case
        when measured.method = 'units_below_nation' and measured.n_compared >= measured.minimum_units
            then cast(measured.n_below as decimal(18, 4))
    end as numerator,
    case
        when measured.method = 'units_below_nation' and measured.n_compared >= measured.minimum_units
            then cast(measured.n_compared as decimal(18, 4))
    end as denominator,
    case when measured.n_units >= measured.minimum_units then measured.value end as value,
    cast(null as double) as coverage,
    case
        when measured.n_units < measured.minimum_units then 'undefined'
        when measured.value is null then 'missing'
        else 'ok'
    end as status,
    measured.n_units,
    {{ hidden_units_suppression('measured.n_hidden_units', 'measured.n_units', 'measured.minimum_units') }}
        as suppression,
    measured.break_in_series
from measured
inner join thresholds
    on measured.entity_type = thresholds.entity_type
