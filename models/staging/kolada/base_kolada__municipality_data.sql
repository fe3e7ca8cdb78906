{{ config(materialized='table') }}

{%- set rules = (
    digits_rule('municipality_code', 4)
    + known_municipality_rule()
    + digits_rule('period', 4)
    + [
        ('unknown_kpi', 'kpi', 'measure_id is null'),
        ('unknown_sex', 'gender', "not coalesce(gender in ('T', 'K', 'M'), false)"),
        ('unreadable', 'value', 'value is null and delivered_value is not null')
    ]
    + measure_rules()
    + one_row_per_rule(['kpi_id', 'period', 'municipality_code', 'gender'])
) -%}

with source as (

    select * from {{ source('kolada', 'kolada_municipality_data') }}

),

known_kpis as (

    select
        kpis.kpi_id,
        kpis.measure_id,
        kpis.organiser_kind,
        kpis.year_meaning,
        measures.unit_of_measure
    from {{ ref('ref_kolada_kpis') }} as kpis
    left join {{ ref('ref_measures') }} as measures
        on kpis.measure_id = measures.measure_id

),

known_municipalities as (

    select municipality_code from {{ ref('ref_municipalities') }}

),

parsed as (

    select
        source._extract_id as extract_id,
        source._source_file as source_file,
        source._row_number as row_number,
        source.kpi as kpi_id,
        known_kpis.measure_id,
        known_kpis.organiser_kind,
        known_kpis.unit_of_measure,
        source.municipality_code,
        source.period,
        source.gender,
        source.value as delivered_value,
        -- A spring figure of 2025 and an autumn figure of 2024 both belong to 2024/25.
        case known_kpis.year_meaning
            when 'spring'
                then cast(try_cast(source.period as integer) - 1 as varchar) || '/' || right(source.period, 2)
            else
                source.period || '/'
                || lpad(cast((try_cast(source.period as integer) + 1) % 100 as varchar), 2, '0')
        end as school_year,
        case source.gender when 'K' then 'girls' when 'M' then 'boys' else 'all' end as sex,
        try_cast(source.value as decimal(18, 4)) as value,
        case when source.value is null then 'missing' else 'reported' end as value_status,
        -- 0000 is the nation.
        source.municipality_code = '0000'
        or known_municipalities.municipality_code is not null as is_known_municipality
    from source
    left join known_kpis
        on source.kpi = known_kpis.kpi_id
    left join known_municipalities
        on source.municipality_code = known_municipalities.municipality_code

),

checked as (

    select
        * exclude (is_known_municipality),
        {{ first_broken(rules) }} as broken_rule
    from parsed

)

select * from checked
