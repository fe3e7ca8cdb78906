-- One row per pupil and school year. An empty answer is unknown, never no.
{{ config(materialized='table') }}

{%- set types = {
    'person_key': 'varchar', 'school_year': 'varchar', 'parents_education': 'varchar',
    'foreign_background': 'boolean', 'newly_arrived': 'boolean', 'newly_immigrated': 'boolean'
} -%}
{%- set rules = delivered_rules(types) -%}

with source as (

    select * from {{ source('deliveries', 'delivery_background') }}

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
