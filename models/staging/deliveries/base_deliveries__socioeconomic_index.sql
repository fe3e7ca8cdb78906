-- One row per unit, school year and school form; an empty index is missing, never zero.
{{ config(materialized='table') }}

{%- set types = {
    'unit_code': 'varchar', 'school_year': 'varchar', 'school_form': 'varchar', 'pupils': 'integer',
    'index_value': 'decimal(9, 4)'
} -%}
{%- set rules = delivered_rules(types) + known_unit_rule() + known_school_form_rule() -%}

with source as (

    select * from {{ source('deliveries', 'delivery_socioeconomic_index') }}

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
        {{ delivered_columns(types, {'school_form': 'known_forms.school_form'}) }},
        known_units.unit_code is not null as is_known_unit
    from source
    left join deliveries
        on source._extract_id = deliveries.extract_id
    left join known_units
        on source.unit_code = known_units.unit_code
    left join known_forms
        on source.school_form = known_forms.code

),

checked as (

    select
        * exclude (unreadable_column, is_known_unit),
        {{ first_broken(rules) }} as broken_rule
    from parsed

)

select * from checked
