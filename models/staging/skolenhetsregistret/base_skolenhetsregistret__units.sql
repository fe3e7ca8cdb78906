{{ config(materialized='table') }}

{%- set rules = (
    digits_rule('unit_code', 8)
    + digits_rule('municipality_code', 4)
    + known_municipality_rule()
    + known_organiser_kind_rule()
    + [
        (
            'unknown_status', 'status',
            "not coalesce(status in ('AKTIV', 'VILANDE', 'UPPHORT', 'PLANERAD'), false)"
        ),
        ('unreadable', 'start_date', 'start_date is null and delivered_start_date is not null'),
        ('unreadable', 'end_date', 'end_date is null and delivered_end_date is not null')
    ]
    + ordered_rule('start_date', 'end_date')
    + position_rules()
    + one_row_per_rule(['unit_code'])
) -%}

with source as (

    select * from {{ source('skolenhetsregistret', 'register_v2') }}

),

known_municipalities as (

    select municipality_code from {{ ref('ref_municipalities') }}

),

known_kinds as (

    select
        source_text,
        organiser_kind
    from {{ ref('xwalk_organiser_kinds') }}

),

parsed as (

    select
        source._extract_id as extract_id,
        source._source_file as source_file,
        source._row_number as row_number,
        source.unit_code,
        source.unit_name,
        source.status,
        source.municipality_code,
        known_kinds.organiser_kind,
        source.organiser_number,
        source.organiser_name,
        json_extract_string(source.school_types, '$[*]') as school_forms,
        json_extract_string(source.year_groups, '$[*]') as year_groups,
        source.latitude as delivered_latitude,
        source.longitude as delivered_longitude,
        try_cast(source.latitude as double) as latitude,
        try_cast(source.longitude as double) as longitude,
        source.start_date as delivered_start_date,
        source.end_date as delivered_end_date,
        try_cast(source.start_date as date) as start_date,
        try_cast(source.end_date as date) as end_date,
        known_municipalities.municipality_code is not null as is_known_municipality
    from source
    left join known_municipalities
        on source.municipality_code = known_municipalities.municipality_code
    left join known_kinds
        on source.organiser_kind = known_kinds.source_text

),

checked as (

    select
        * exclude (
            is_known_municipality,
            delivered_latitude,
            delivered_longitude,
            delivered_start_date,
            delivered_end_date
        ),
        {{ first_broken(rules) }} as broken_rule
    from parsed

)

select * from checked
