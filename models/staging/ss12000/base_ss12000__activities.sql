-- One row per delivered version of an activity, such as a subject taught to a group, with the rule it broke.
{{ config(materialized='table') }}

{%- set types = {
    'id': 'varchar', 'activity_type': 'varchar',
    'minutes_planned': 'integer', 'organisation_id': 'varchar', 'syllabus_id': 'varchar',
    'parent_activity_id': 'varchar', 'group_ids': 'varchar', 'start_date': 'date', 'end_date': 'date',
    'meta_modified': 'timestamptz'
} -%}
{%- set rules = (
    delivered_rules(types)
    + needed_rule(['id'])
    + reference_rule('organisation', 'organisation_id')
    + bounds_rules(['minutes_planned'], 0, 10000000)
    + ordered_rule('start_date', 'end_date')
) -%}

with source as (

    select * from {{ source('ss12000', 'ss12000_activities') }}

),

extracts as (

    select
        extract_id,
        fetched_at
    from {{ source('raw', 'extracts') }}

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
        {{ enum_status('source.activity_type', [
            'Undervisning', 'Elevaktivitet', 'Provaktivitet', 'Läraraktivitet', 'Övrigt'
        ]) }} as activity_type_status,
        {{ delivered_columns(types, {'meta_modified': instant('source.meta_modified')}) }},
        organisation_units.unit_key is not null as is_known_organisation
    from source
    left join extracts
        on source._extract_id = extracts.extract_id
    left join organisation_units
        on source.organisation_id = organisation_units.organisation_id

),

checked as (

    select
        * exclude (unreadable_column, is_known_organisation),
        {{ first_broken(rules) }} as broken_rule
    from parsed

)

select * from checked
