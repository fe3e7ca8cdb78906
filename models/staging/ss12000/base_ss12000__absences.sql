-- One row per delivered version of an absence reported in advance, with the rule it broke.
{{ config(materialized='table') }}

{%- set types = {
    'id': 'varchar', 'student_key': 'varchar', 'organisation_id': 'varchar',
    'start_time': 'timestamptz', 'end_time': 'timestamptz', 'type': 'varchar',
    'meta_modified': 'timestamptz'
} -%}
{%- set rules = (
    delivered_rules(types)
    + needed_rule(['id', 'student_key', 'start_time'])
    + reference_rule('person', 'student_key')
    + ordered_rule('start_time', 'end_time')
) -%}

with source as (

    select * from {{ source('ss12000', 'ss12000_absences') }}

),

extracts as (

    select
        extract_id,
        fetched_at
    from {{ source('raw', 'extracts') }}

),

known_persons as (

    select person_id_key
    from {{ ref('base_ss12000__persons') }}
    where broken_rule is null
    group by person_id_key

),

parsed as (

    select
        source._extract_id as extract_id,
        source._source_file as source_file,
        source._row_number as row_number,
        extracts.fetched_at,
        {{ enum_status('source.type', ['Beviljad ledighet', 'Anmäld frånvaro']) }} as type_status,
        {{ delivered_columns(types, {
            'start_time': instant('source.start_time'),
            'end_time': instant('source.end_time'),
            'meta_modified': instant('source.meta_modified')
        }) }},
        known_persons.person_id_key is not null as is_known_person
    from source
    left join extracts
        on source._extract_id = extracts.extract_id
    left join known_persons
        on source.student_key = known_persons.person_id_key

),

checked as (

    select
        * exclude (unreadable_column, is_known_person),
        {{ first_broken(rules) }} as broken_rule
    from parsed

)

select * from checked
