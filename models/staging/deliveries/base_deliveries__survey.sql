-- One row per unit, school year, respondent, question area and year group.
{{ config(materialized='table') }}

{%- set types = {
    'unit_code': 'varchar', 'school_year': 'varchar', 'respondent': 'varchar', 'question_area': 'varchar',
    'year_group': 'integer', 'answers': 'integer', 'index_value': 'decimal(9, 4)'
} -%}
{%- set rules = delivered_rules(types) + known_unit_rule() -%}

with source as (

    select * from {{ source('deliveries', 'delivery_survey') }}

),

deliveries as (

    select
        extract_id,
        max(received_at) as received_at
    from {{ source('raw', 'delivery_files') }}
    group by extract_id

),

known_units as (

    select unit_code from {{ ref('stg_deliveries__known_units') }}

),

parsed as (

    select
        source._extract_id as extract_id,
        source._source_file as source_file,
        source._row_number as row_number,
        deliveries.received_at as delivered_at,
        {{ delivered_columns(types) }},
        known_units.unit_code is not null as is_known_unit
    from source
    left join deliveries
        on source._extract_id = deliveries.extract_id
    left join known_units
        on source.unit_code = known_units.unit_code

),

checked as (

    select
        * exclude (unreadable_column, is_known_unit),
        {{ first_broken(rules) }} as broken_rule
    from parsed

)

select * from checked
