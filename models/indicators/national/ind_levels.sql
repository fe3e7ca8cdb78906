with municipality_figures as (

    select * from {{ ref('ind_municipality_figures') }}

),

unit_values as (

    select * from {{ ref('ind_unit_group_figures') }}

),

thresholds as (

    {{ disclosure_thresholds('public') | indent(4) }}

),

indicators as (

    select * from {{ ref('ref_indicators') }}
    where method = 'level'

),

measures as (

    select
        measure_id,
        unit_of_measure
    from {{ ref('dim_measure') }}

),

-- As the agency reports it for the municipality. A share is published rounded: the numerator is the
-- rounded share times its base, unrounded.
reported as (

    select
        figures.municipality_code,
        figures.school_year,
        indicators.indicator_id,
        figures.group_id,
        case when measures.unit_of_measure = 'percent' then 100 else 1 end as scale,
        figures.base_count,
        figures.value,
        figures.value_status,
        figures.suppression,
        figures.break_in_series
    from municipality_figures as figures
    inner join indicators
        on figures.measure_id = indicators.measure_id
    inner join measures
        on figures.measure_id = measures.measure_id
    where indicators.base_from = 'municipality'

),

municipality_reported as (

    select
        'municipality' as entity_type,
        municipality_code as entity_key,
        school_year,
        indicator_id,
        group_id,
        cast(cast(value as decimal(38, 4)) * base_count / scale as decimal(18, 4)) as numerator,
        base_count as denominator,
        cast(value as double) as value,
        cast(case when value is not null then 1 end as double) as coverage,
        case
            when value is not null then 'ok'
            when value_status in ('suppressed', 'suppressed_majority', 'rounded_100')
                then 'suppressed_at_source'
            else 'missing'
        end as status,
        cast(null as bigint) as n_units,
        suppression,
        break_in_series
    from reported

),

nation_reported as (

    select
        'nation' as entity_type,
        'SE' as entity_key,
        school_year,
        indicator_id,
        group_id,
        cast(sum(cast(value as decimal(38, 4)) * base_count / scale) as decimal(18, 4)) as numerator,
        cast(sum(base_count) filter (where value is not null) as decimal(18, 4)) as denominator,
        cast(sum(cast(value as decimal(38, 4)) * base_count) as double)
        / nullif(cast(sum(base_count) filter (where value is not null) as double), 0) as value,
        cast(sum(base_count) filter (where value is not null) as double)
        / nullif(cast(sum(base_count) as double), 0) as coverage,
        case
            when sum(base_count) filter (where value is not null) > 0 then 'ok'
            else 'missing'
        end as status,
        cast(null as bigint) as n_units,
        cast(null as varchar) as suppression,
        max(break_in_series) as break_in_series
    from reported
    group by school_year, indicator_id, group_id

),

-- Pooled from the units where no agency reports the municipality: each unit weighs by what its value
-- rests on, and units whose base is unknown cannot be weighed.
weighable as (

    select
        unit_values.unit_key,
        unit_values.municipality_code,
        unit_values.school_year,
        unit_values.group_id,
        indicators.indicator_id,
        case when measures.unit_of_measure = 'percent' then 100 else 1 end as scale,
        unit_values.base_count,
        unit_values.value,
        unit_values.suppression,
        unit_values.break_in_series
    from unit_values
    inner join indicators
        on unit_values.measure_id = indicators.measure_id
    inner join measures
        on unit_values.measure_id = measures.measure_id
    where
        indicators.base_from = 'units'
        and unit_values.base_count > 0

),

pooled as (

    select
        case when grouping(municipality_code) = 1 then 'nation' else 'municipality' end as entity_type,
        case when grouping(municipality_code) = 1 then 'SE' else municipality_code end as entity_key,
        school_year,
        indicator_id,
        group_id,
        cast(sum(cast(value as decimal(38, 4)) * base_count / scale) as decimal(18, 4)) as numerator,
        cast(sum(base_count) filter (where value is not null) as decimal(18, 4)) as denominator,
        cast(sum(cast(value as decimal(38, 4)) * base_count) as double)
        / nullif(cast(sum(base_count) filter (where value is not null) as double), 0) as value,
        cast(coalesce(sum(base_count) filter (where value is not null), 0) as double)
        / nullif(cast(sum(base_count) as double), 0) as coverage,
        case when count(value) > 0 then 'ok' else 'suppressed_at_source' end as status,
        count(value) as n_units,
        count(suppression) filter (where value is not null) as n_hidden_units,
        max(break_in_series) as break_in_series
    from weighable
    group by
        grouping sets (
            (municipality_code, school_year, indicator_id, group_id),
            (school_year, indicator_id, group_id)
        )

),

pooled_ruled as (

    select
        pooled.entity_type,
        pooled.entity_key,
        pooled.school_year,
        pooled.indicator_id,
        pooled.group_id,
        pooled.numerator,
        pooled.denominator,
        pooled.value,
        pooled.coverage,
        pooled.status,
        pooled.n_units,
        {{ hidden_units_suppression('pooled.n_hidden_units', 'pooled.denominator', 'minimum_pupils') }}
            as suppression,
        pooled.break_in_series
    from pooled
    inner join thresholds
        on pooled.entity_type = thresholds.entity_type

),

-- A part that is hidden is the whole less the parts that are shown: so none is shown where one is hidden and
-- the whole is not. What is left of the whole then is units enough that are hidden.
pooled_apart as (

    select
        * replace (
            coalesce(
                suppression,
                case
                    when
                        group_id <> 'all'
                        and bool_or(group_id = 'all' and suppression is null) over one_whole
                        and bool_or(group_id <> 'all' and suppression is not null) over one_whole
                        then 'hidden_units'
                end
            ) as suppression
        )
    from pooled_ruled
    window one_whole as (partition by entity_key, school_year, indicator_id)

)

select * from municipality_reported
union all
select * from nation_reported
union all
select * from pooled_apart
