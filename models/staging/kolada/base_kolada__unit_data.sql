{{ config(materialized='table') }}

{%- set rules = (
    digits_rule('period', 4)
    + [
        ('unknown_kpi', 'kpi', 'measure_id is null'),
        ('unknown_unit', 'ou', 'not is_known_unit'),
        ('unknown_sex', 'gender', "not coalesce(gender in ('T', 'K', 'M'), false)"),
        ('unreadable', 'value', 'value is null and delivered_value is not null')
    ]
    + measure_rules()
    + one_row_per_rule(['kpi_id', 'period', 'kolada_unit_id', 'gender'])
) -%}

with source as (

    select * from {{ source('kolada', 'kolada_unit_data') }}

),

known_units as (

    select kolada_unit_id from {{ ref('stg_kolada__units') }}

),

known_kpis as (

    select
        kpis.kpi_id,
        kpis.measure_id,
        measures.unit_of_measure
    from {{ ref('ref_kolada_kpis') }} as kpis
    left join {{ ref('ref_measures') }} as measures
        on kpis.measure_id = measures.measure_id

),

parsed as (

    select
        source._extract_id as extract_id,
        source._source_file as source_file,
        source._row_number as row_number,
        source.kpi as kpi_id,
        known_kpis.measure_id,
        known_kpis.unit_of_measure,
        source.ou as kolada_unit_id,
        source.period,
        source.gender,
        source.value as delivered_value,
        case source.gender when 'K' then 'girls' when 'M' then 'boys' else 'all' end as sex,
        try_cast(source.value as decimal(18, 4)) as value,
        case when source.value is null then 'missing' else 'reported' end as value_status,
        known_units.kolada_unit_id is not null as is_known_unit
    from source
    left join known_kpis
        on source.kpi = known_kpis.kpi_id
    left join known_units
        on source.ou = known_units.kolada_unit_id

),

checked as (

    select
        * exclude (is_known_unit),
        {{ first_broken(rules) }} as broken_rule
    from parsed

)

select * from checked
