-- The catalogue with the smallest numbers a figure of each indicator rests on. What is counted is said by the
-- indicator of own data, and by the measure of open data.

with indicators as (

    select * from {{ ref('ref_indicators') }}

),

measures as (

    select
        measure_id,
        count_basis
    from {{ ref('dim_measure') }}

),

thresholds as (

    select
        audience,
        rule,
        max(threshold) filter (where entity_type = 'unit') as of_unit,
        max(threshold) filter (where entity_type = 'municipality') as of_municipality
    from {{ ref('thr_disclosure') }}
    where rule in ('minimum_pupils', 'minimum_teachers')
    group by audience, rule

),

counted as (

    select
        indicators.*,
        coalesce(indicators.count_basis, measures.count_basis, 'none') as basis
    from indicators
    left join measures
        on indicators.measure_id = measures.measure_id

)

select
    counted.indicator_id,
    counted.measure_id,
    counted.method,
    counted.name_sv,
    counted.name_en,
    counted.definition_sv,
    counted.definition_en,
    counted.unit_of_measure,
    counted.better_is,
    counted.strategy_area,
    counted.population,
    counted.sources_sv,
    counted.sources_en,
    counted.audience,
    counted.basis as count_basis,
    cast(thresholds.of_unit as integer) as minimum_of_unit,
    cast(thresholds.of_municipality as integer) as minimum_of_municipality,
    counted.minimum_units,
    counted.method_version
from counted
left join thresholds
    on
        counted.audience = thresholds.audience
        and thresholds.rule = case
            when counted.basis in ('pupils', 'answers') then 'minimum_pupils'
            when counted.basis in ('teachers_fte', 'teachers_heads') then 'minimum_teachers'
        end
