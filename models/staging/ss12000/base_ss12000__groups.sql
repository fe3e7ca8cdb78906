-- One row per delivered version of a class, teaching group or preschool group, with the rule it broke.
{{ config(materialized='table') }}

{%- set types = {
    'id': 'varchar', 'group_type': 'varchar', 'school_type': 'varchar',
    'organisation_id': 'varchar', 'start_date': 'date', 'end_date': 'date',
    'meta_modified': 'timestamptz'
} -%}
{%- set rules = (
    delivered_rules(types)
    + needed_rule(['id'])
    + reference_rule('organisation', 'organisation_id')
    + ordered_rule('start_date', 'end_date')
    + planned_rule('start_date')
) -%}

with source as (

    select * from {{ source('ss12000', 'ss12000_groups') }}

),

extracts as (

    select
        extract_id,
        fetched_at
    from {{ source('raw', 'extracts') }}

),

as_of as (

    select as_of_on from {{ ref('stg_ss12000__as_of') }}

),

organisation_units as (

    select
        organisation_id,
        unit_key
    from {{ ref('stg_ss12000__organisation_units') }}

),

parsed as (

    select
        source._extract_id as extract_id,
        source._source_file as source_file,
        source._row_number as row_number,
        extracts.fetched_at,
        organisation_units.unit_key,
        {{ enum_status('source.group_type', [
            'Undervisning', 'Klass', 'Mentor', 'Provgrupp', 'Schema', 'Avdelning', 'Personalgrupp',
            'Övrigt'
        ]) }} as group_type_status,
        {{ delivered_columns(types, {'meta_modified': instant('source.meta_modified')}) }},
        organisation_units.unit_key is not null as is_known_organisation,
        as_of.as_of_on
    from source
    left join extracts
        on source._extract_id = extracts.extract_id
    left join organisation_units
        on source.organisation_id = organisation_units.organisation_id
    cross join as_of

),

checked as (

    select
        * exclude (unreadable_column, is_known_organisation, as_of_on),
        {{ first_broken(rules) }} as broken_rule
    from parsed

)

select * from checked
