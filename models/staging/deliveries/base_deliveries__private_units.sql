-- One row per unit of an independent organiser and validity period.
{{ config(materialized='table') }}

{%- set types = {
    'unit_code': 'varchar', 'unit_name': 'varchar', 'organiser_name': 'varchar',
    'organiser_number': 'varchar', 'municipality_code': 'varchar', 'school_forms': 'varchar',
    'valid_from': 'date', 'valid_to': 'date'
} -%}
{%- set rules = delivered_rules(types) + ordered_rule('valid_from', 'valid_to') -%}

with source as (

    select * from {{ source('deliveries', 'delivery_private_units') }}

),

deliveries as (

    select
        extract_id,
        max(received_at) as received_at
    from {{ source('raw', 'delivery_files') }}
    group by extract_id

),

parsed as (

    select
        source._extract_id as extract_id,
        source._source_file as source_file,
        source._row_number as row_number,
        deliveries.received_at as delivered_at,
        {{ delivered_columns(types) }}
    from source
    left join deliveries
        on source._extract_id = deliveries.extract_id

),

checked as (

    select
        * exclude (unreadable_column),
        {{ first_broken(rules) }} as broken_rule
    from parsed

)

select * from checked
