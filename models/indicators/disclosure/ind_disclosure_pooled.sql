-- Which units that may not be shown are in which figure that is pooled from units.

with levels as (

    select * from {{ ref('ind_levels') }}

),

quarter_units as (

    select * from {{ ref('ind_need_quarter_units') }}
    where is_hidden and is_known

),

units as (

    select * from {{ ref('ind_unit_group_figures') }}
    where suppression is not null and value is not null and base_count > 0

),

indicators as (

    select
        indicator_id,
        measure_id,
        method,
        base_from
    from {{ ref('ref_indicators') }}
    where method in ('level', 'need_quarter')

),

in_levels as (

    select
        levels.entity_type,
        levels.entity_key,
        levels.school_year,
        levels.indicator_id,
        levels.group_id,
        units.unit_key
    from levels
    inner join indicators
        on
            levels.indicator_id = indicators.indicator_id
            and indicators.base_from = 'units'
    inner join units
        on
            indicators.measure_id = units.measure_id
            and levels.school_year = units.school_year
            and levels.group_id = units.group_id
            and levels.entity_key in (units.municipality_code, 'SE')

),

in_quarters as (

    select
        quarter_units.entity_type,
        quarter_units.entity_key,
        quarter_units.school_year,
        indicators.indicator_id,
        quarter_units.quarter_group_id as group_id,
        quarter_units.unit_key
    from quarter_units
    inner join indicators
        on
            quarter_units.measure_id = indicators.measure_id
            and indicators.method = 'need_quarter'

)

select * from in_levels
union all
select * from in_quarters
