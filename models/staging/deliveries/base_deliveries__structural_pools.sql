-- One row per school year and school form: the money that follows the index, in kronor.
{{ config(materialized='table') }}

{%- set types = {
    'school_year': 'varchar', 'school_form': 'varchar', 'pool_kronor': 'decimal(18, 2)',
    'missing_index_rule': 'varchar'
} -%}
{%- set rules = delivered_rules(types) + known_school_form_rule() -%}

with source as (

    select * from {{ source('deliveries', 'delivery_structural_pools') }}

),

deliveries as (

    select
        extract_id,
        max(received_at) as received_at
    from {{ source('raw', 'delivery_files') }}
    group by extract_id

),

known_forms as (

    select
        lower(ss12000_code) as code,
        school_form
    from {{ ref('ref_school_forms') }}

),

parsed as (

    select
        source._extract_id as extract_id,
        source._source_file as source_file,
        source._row_number as row_number,
        deliveries.received_at as delivered_at,
        {{ delivered_columns(types, {'school_form': 'known_forms.school_form'}) }}
    from source
    left join deliveries
        on source._extract_id = deliveries.extract_id
    left join known_forms
        on source.school_form = known_forms.code

),

checked as (

    select
        * exclude (unreadable_column),
        {{ first_broken(rules) }} as broken_rule
    from parsed

)

select * from checked
