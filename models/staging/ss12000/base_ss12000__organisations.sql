-- One row per delivered version of an organisation, from huvudman to skolenhet, with the rule it broke.
{{ config(materialized='table') }}

{%- set types = {
    'id': 'varchar', 'display_name': 'varchar', 'organisation_code': 'varchar',
    'organisation_type': 'varchar', 'organisation_number': 'varchar',
    'parent_organisation_id': 'varchar', 'school_unit_code': 'varchar', 'school_types': 'varchar',
    'municipality_code': 'varchar', 'start_date': 'date', 'end_date': 'date',
    'meta_modified': 'timestamptz'
} -%}
{%- set rules = (
    delivered_rules(types)
    + needed_rule(['id'])
    + [('not_a_code', 'school_unit_code', "school_unit_code is not null and not regexp_full_match(school_unit_code, '[0-9]{8}')")]
    + ordered_rule('start_date', 'end_date')
) -%}

with source as (

    select * from {{ source('ss12000', 'ss12000_organisations') }}

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
        {{ enum_status('source.organisation_type', [
            'Huvudman', 'Verksamhetsområde', 'Förvaltning', 'Rektorsområde', 'Skola', 'Skolenhet',
            'Varumärke', 'Bolag', 'Övrigt', 'Stadsdel'
        ]) }} as organisation_type_status,
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
