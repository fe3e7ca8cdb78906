-- One row per young person and registration within the municipality's activity responsibility.
{{ config(materialized='table') }}

{%- set types = {
    'person_key': 'varchar', 'registered_from': 'date', 'registered_to': 'date', 'activity': 'varchar'
} -%}
{%- set rules = delivered_rules(types) + ordered_rule('registered_from', 'registered_to') -%}

with source as (

    select * from {{ source('deliveries', 'delivery_kaa') }}

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
