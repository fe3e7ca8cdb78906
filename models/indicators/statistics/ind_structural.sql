-- How much structural compensation moves between the units of a municipality: one row per municipality,
-- school year and indicator. Half the sum of the distances from an equal amount per pupil: what one unit
-- gains another gives.

with amounts as (

    select * from {{ ref('fct_structural_compensation') }}
    where school_form in ('fs', 'gr', 'gy') and calculated_kronor is not null

),

units as (

    select
        unit_key,
        municipality_code
    from {{ ref('dim_unit') }}
    where is_current and municipality_code is not null

),

indicators as (

    select
        indicator_id,
        measure_id,
        method,
        minimum_units
    from {{ ref('ref_indicators') }}
    where method in ('structural_redistributed', 'structural_redistributed_share')

),

thresholds as (

    {{ disclosure_thresholds('public') | indent(4) }}

),

unit_thresholds as (

    select minimum_pupils from thresholds
    where entity_type = 'unit'

),

summed as (

    select
        units.municipality_code,
        amounts.school_year,
        'own_structural_' || amounts.school_form as measure_id,
        count(*) filter (where amounts.n_pupils > 0) as n_units,
        count(*) filter (where amounts.n_pupils between 1 and unit_thresholds.minimum_pupils - 1)
            as n_hidden_units,
        cast(sum(amounts.n_pupils) as bigint) as n_pupils,
        cast(sum(amounts.n_pupils) filter (where not amounts.is_index_missing) as double)
        / nullif(sum(amounts.n_pupils), 0) as coverage,
        cast(sum(amounts.calculated_kronor) as bigint) as pool_kronor,
        cast(sum(abs(amounts.redistribution_kronor)) as bigint) as moved_twice,
        bool_or(amounts.is_made_up) as is_made_up
    from amounts
    inner join units
        on amounts.unit_key = units.unit_key
    cross join unit_thresholds
    group by units.municipality_code, amounts.school_year, amounts.school_form

),

valued as (

    select
        summed.*,
        indicators.indicator_id,
        indicators.method,
        case indicators.method
            when 'structural_redistributed' then cast(summed.moved_twice as double) / 2
            else 100.0 * summed.moved_twice / 2 / nullif(summed.pool_kronor, 0)
        end as value,
        summed.n_units >= indicators.minimum_units as has_units
    from summed
    inner join indicators
        on summed.measure_id = indicators.measure_id

)

select
    'municipality' as entity_type,
    valued.municipality_code as entity_key,
    valued.municipality_code,
    valued.school_year,
    valued.indicator_id,
    'all' as group_id,
    cast(null as decimal(18, 4)) as numerator,
    cast(
        case
            when valued.has_units and valued.method = 'structural_redistributed_share'
                then valued.pool_kronor
        end
        as decimal(18, 4)
    ) as denominator,
    case when valued.has_units then valued.value end as value,
    valued.coverage,
    case when valued.has_units and valued.value is not null then 'ok' else 'undefined' end as status,
    valued.n_units,
    valued.n_hidden_units,
    {{ hidden_units_suppression('valued.n_hidden_units', 'valued.n_pupils', 'minimum_pupils') }}
        as suppression,
    cast(null as double) as interval_low,
    cast(null as double) as interval_high,
    cast(null as varchar) as verdict,
    cast(null as varchar) as break_in_series,
    valued.is_made_up
from valued
inner join thresholds
    on thresholds.entity_type = 'municipality'
