-- Do the most qualified teachers work, and does the money go, where need is greatest? One row per
-- municipality (and for open data the nation), school year, indicator and group: quarters of need, the gap
-- between the outermost, the concentration index, and the slope with its answer.

with units as (

    select * from {{ ref('ind_need_units') }}

),

slopes as (

    select * from {{ ref('ind_need_slopes') }}

),

indicators as (

    select
        indicator_id,
        measure_id,
        method,
        unit_of_measure,
        minimum_units
    from {{ ref('ref_indicators') }}
    where method like 'allocation_%'

),

thresholds as (

    {{ disclosure_thresholds('public') | indent(4) }}

),

placed as (

    select
        'municipality' as entity_type,
        municipality_code as entity_key,
        *
    from units

    union all

    select
        'nation' as entity_type,
        'SE' as entity_key,
        *
    from units
    where not starts_with(measure_id, 'own_')

),

-- A unit whose outcome is not known has no place in the order.
known as (

    select
        *,
        case when outcome is not null then need end as known_need
    from placed

),

concentrated as (

    {{ concentration(
        'placed', by=['entity_type', 'entity_key', 'school_year', 'measure_id'], need='need', outcome='outcome',
        weight='n_pupils', share=true
    ) | indent(4) }}

),

ranked as (

    {{ ridits(
        'known', by=['entity_type', 'entity_key', 'school_year', 'measure_id'], need='known_need',
        weight='n_pupils'
    ) | indent(4) }}

),

sets as (

    select
        entity_type,
        entity_key,
        school_year,
        measure_id,
        count(ridit) as n_units,
        count(*) filter (where ridit is not null and is_small) as n_hidden_units,
        sum(base) filter (where ridit is not null) as base,
        bool_or(is_of_teachers) as is_of_teachers,
        max(break_in_series) as break_in_series,
        bool_or(is_made_up) as is_made_up
    from ranked
    group by entity_type, entity_key, school_year, measure_id
    -- Where nothing is known of any unit there is nothing to say.
    having count(ridit) > 0

),

quarters as (

    select
        entity_type,
        entity_key,
        school_year,
        measure_id,
        need_quarter,
        count(*) as n_units,
        count(*) filter (where is_small) as n_hidden_units,
        sum(base) as base,
        sum(numerator) as numerator,
        sum(denominator) as denominator,
        sum(numerator) / nullif(sum(denominator), 0) as value
    from ranked
    where need_quarter is not null
    group by entity_type, entity_key, school_year, measure_id, need_quarter

),

-- One row per set and indicator: what is one figure of the whole set.
whole as (

    select
        sets.entity_type,
        sets.entity_key,
        sets.school_year,
        indicators.indicator_id,
        'all' as group_id,
        cast(null as double) as numerator,
        sets.base as denominator,
        case indicators.method
            when 'allocation_erreygers' then concentrated.erreygers_index
            when 'allocation_generalised' then concentrated.generalised_index
            when 'allocation_slope'
                then
                    case indicators.unit_of_measure when 'percentage_points' then 100 else 1 end
                    * slopes.value
            when 'allocation_relative' then slopes.relative
            when 'allocation_gap'
                then
                    case indicators.unit_of_measure when 'percentage_points' then 100 else 1 end
                    * (most.value - least_need.value)
        end as value,
        concentrated.coverage,
        case indicators.method
            when 'allocation_gap' then least_need.n_units + most.n_units
            else sets.n_units
        end as n_units,
        case indicators.method
            when 'allocation_gap'
                then least(nullif(least_need.n_hidden_units, 0), nullif(most.n_hidden_units, 0))
            else sets.n_hidden_units
        end as n_hidden_units,
        case indicators.method when 'allocation_gap' then least(least_need.base, most.base) else sets.base end
            as base,
        case when indicators.method = 'allocation_slope' then slopes.lower end
        * case indicators.unit_of_measure when 'percentage_points' then 100 else 1 end as interval_low,
        case when indicators.method = 'allocation_slope' then slopes.upper end
        * case indicators.unit_of_measure when 'percentage_points' then 100 else 1 end as interval_high,
        case when indicators.method = 'allocation_slope' then slopes.verdict end as verdict,
        sets.n_units >= indicators.minimum_units as has_units,
        sets.is_of_teachers,
        sets.break_in_series,
        sets.is_made_up
    from sets
    inner join indicators
        on sets.measure_id = indicators.measure_id
    left join concentrated
        on
            sets.entity_type = concentrated.entity_type
            and sets.entity_key = concentrated.entity_key
            and sets.school_year = concentrated.school_year
            and sets.measure_id = concentrated.measure_id
    left join slopes
        on
            sets.entity_type = slopes.entity_type
            and sets.entity_key = slopes.entity_key
            and sets.school_year = slopes.school_year
            and sets.measure_id = slopes.measure_id
    left join quarters as least_need
        on
            sets.entity_type = least_need.entity_type
            and sets.entity_key = least_need.entity_key
            and sets.school_year = least_need.school_year
            and sets.measure_id = least_need.measure_id
            and least_need.need_quarter = 1
    left join quarters as most
        on
            sets.entity_type = most.entity_type
            and sets.entity_key = most.entity_key
            and sets.school_year = most.school_year
            and sets.measure_id = most.measure_id
            and most.need_quarter = 4
    where indicators.method <> 'allocation_quarter'

),

by_quarter as (

    select
        quarters.entity_type,
        quarters.entity_key,
        quarters.school_year,
        indicators.indicator_id,
        'need_quarter_' || quarters.need_quarter as group_id,
        quarters.numerator,
        quarters.denominator,
        case indicators.unit_of_measure when 'percent' then 100 else 1 end * quarters.value as value,
        cast(null as double) as coverage,
        quarters.n_units,
        quarters.n_hidden_units,
        quarters.base,
        cast(null as double) as interval_low,
        cast(null as double) as interval_high,
        cast(null as varchar) as verdict,
        sets.n_units >= indicators.minimum_units as has_units,
        sets.is_of_teachers,
        sets.break_in_series,
        sets.is_made_up
    from quarters
    inner join sets
        on
            quarters.entity_type = sets.entity_type
            and quarters.entity_key = sets.entity_key
            and quarters.school_year = sets.school_year
            and quarters.measure_id = sets.measure_id
    inner join indicators
        on
            quarters.measure_id = indicators.measure_id
            and indicators.method = 'allocation_quarter'

),

figures as (

    select * from whole
    union all
    select * from by_quarter

)

select
    figures.entity_type,
    figures.entity_key,
    case when figures.entity_type = 'municipality' then figures.entity_key end as municipality_code,
    figures.school_year,
    figures.indicator_id,
    figures.group_id,
    cast(
        case when figures.has_units and figures.value is not null then figures.numerator end
        as decimal(18, 4)
    ) as numerator,
    cast(figures.denominator as decimal(18, 4)) as denominator,
    case when figures.has_units then figures.value end as value,
    figures.coverage,
    case when figures.has_units and figures.value is not null then 'ok' else 'undefined' end as status,
    figures.n_units,
    figures.n_hidden_units,
    {{ hidden_units_suppression(
        'figures.n_hidden_units', 'figures.base',
        'case when figures.is_of_teachers then minimum_teachers else minimum_pupils end'
    ) }} as suppression,
    case when figures.has_units and figures.value is not null then figures.interval_low end as interval_low,
    case when figures.has_units and figures.value is not null then figures.interval_high end as interval_high,
    figures.verdict,
    figures.break_in_series,
    figures.is_made_up
from figures
inner join thresholds
    on figures.entity_type = thresholds.entity_type
