-- One row per delivered version of a programme of upper secondary school, with the rule it broke.
{{ config(materialized='table') }}

{%- set types = {
    'id': 'varchar', 'name': 'varchar', 'type': 'varchar', 'parent_programme_id': 'varchar',
    'school_type': 'varchar', 'code': 'varchar', 'meta_modified': 'timestamptz'
} -%}
{%- set rules = (
    delivered_rules(types)
    + needed_rule(['id'])
) -%}

with source as (

    select * from {{ source('ss12000', 'ss12000_programmes') }}

),

extracts as (

    select
        extract_id,
        fetched_at
    from {{ source('raw', 'extracts') }}

),

parsed as (

    select
        source._extract_id as extract_id,
        source._source_file as source_file,
        source._row_number as row_number,
        extracts.fetched_at,
        {{ enum_status('source.type', [
            'Yrkesprogram', 'Högskoleförberedande program', 'Intruduktionsprogram',
            'Introduktionsprogram', 'Nationellt yrkespaket', 'Regionalt yrkespaket',
            'Fjärde tekniskt år', 'Programinriktning', 'Utgång'
        ]) }} as type_status,
        {{ delivered_columns(types, {'meta_modified': instant('source.meta_modified')}) }}
    from source
    left join extracts
        on source._extract_id = extracts.extract_id

),

checked as (

    select
        * exclude (unreadable_column),
        {{ first_broken(rules) }} as broken_rule
    from parsed

)

select * from checked
