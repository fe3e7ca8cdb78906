-- Do the best qualified teachers work where need is greatest? Each quarter's value is its pooled numerator
-- over its pooled denominator, never a mean of unit shares.

with units as (

    select * from {{ ref('ind_need_quarter_units') }}

),

indicators as (

    select
        indicator_id,
        measure_id,
        method,
        minimum_units
    from {{ ref('ref_indicators') }}
    where method in ('need_quarter', 'need_gap')

),

thresholds as (

    {{ disclosure_thresholds('public') | indent(4) }}

),

quarters as (

    select
        entity_type,
        entity_key,
        school_year,
        group_id,
        measure_id,
        need_quarter,
        quarter_group_id,
        sum(numerator) filter (where is_known) as numerator,
        sum(denominator) filter (where is_known) as denominator,
        sum(pupils) filter (where is_known) as pupils_known,
        sum(pupils) as pupils_all,
        count(*) filter (where is_known) as n_units,
        count(*) filter (where is_known and is_hidden) as n_hidden_units,
        max(break_in_series) as break_in_series,
        sum(count(*) filter (where is_known)) over (
            partition by entity_key, school_year, group_id, measure_id
        ) as n_units_all
    from units
    group by entity_type, entity_key, school_year, group_id, measure_id, need_quarter, quarter_group_id

),

valued as (

    select
        *,
        case measure_id when 'certified_teachers_share' then 100.0 else 1.0 end
        * cast(numerator as double) / nullif(cast(denominator as double), 0) as value
    from quarters

),

quarter_rows as (

    select
        valued.entity_type,
        valued.entity_key,
        valued.school_year,
        valued.measure_id,
        indicators.indicator_id,
        valued.quarter_group_id as group_id,
        cast(valued.numerator as decimal(18, 4)) as numerator,
        cast(valued.denominator as decimal(18, 4)) as denominator,
        case when valued.n_units_all >= indicators.minimum_units then valued.value end as value,
        cast(coalesce(valued.pupils_known, 0) as double) / nullif(cast(valued.pupils_all as double), 0)
            as coverage,
        case
            when valued.n_units_all < indicators.minimum_units then 'undefined'
            when valued.value is null then 'suppressed_at_source'
            else 'ok'
        end as status,
        valued.n_units,
        valued.n_hidden_units,
        valued.break_in_series
    from valued
    inner join indicators
        on
            valued.measure_id = indicators.measure_id
            and indicators.method = 'need_quarter'

),

gap_rows as (

    select
        most.entity_type,
        most.entity_key,
        most.school_year,
        most.measure_id,
        indicators.indicator_id,
        most.group_id,
        cast(null as decimal(18, 4)) as numerator,
        cast(least(most.denominator, least_need.denominator) as decimal(18, 4)) as denominator,
        case
            when most.n_units_all >= indicators.minimum_units then most.value - least_need.value
        end as value,
        cast(coalesce(most.pupils_known, 0) + coalesce(least_need.pupils_known, 0) as double)
        / nullif(cast(most.pupils_all + least_need.pupils_all as double), 0) as coverage,
        case
            when most.n_units_all < indicators.minimum_units then 'undefined'
            when most.value is null or least_need.value is null then 'suppressed_at_source'
            else 'ok'
        end as status,
        most.n_units + least_need.n_units as n_units,
        least(nullif(most.n_hidden_units, 0), nullif(least_need.n_hidden_units, 0)) as n_hidden_units,
        most.break_in_series
    from valued as most
    inner join valued as least_need
        on
            most.entity_key = least_need.entity_key
            and most.school_year = least_need.school_year
            and most.group_id = least_need.group_id
            and most.measure_id = least_need.measure_id
    inner join indicators
        on
            most.measure_id = indicators.measure_id
            and indicators.method = 'need_gap'
    where most.need_quarter = 4 and least_need.need_quarter = 1

),

all_rows as (

    select * from quarter_rows
    union all
    select * from gap_rows

)

select
    all_rows.entity_type,
    all_rows.entity_key,
    all_rows.school_year,
    all_rows.indicator_id,
    all_rows.group_id,
    all_rows.numerator,
    all_rows.denominator,
    all_rows.value,
    all_rows.coverage,
    all_rows.status,
    all_rows.n_units,
    {{ hidden_units_suppression('all_rows.n_hidden_units', 'all_rows.denominator', 'minimum_teachers') }}
        as suppression,
    all_rows.break_in_series
from all_rows
inner join thresholds
    on all_rows.entity_type = thresholds.entity_type
