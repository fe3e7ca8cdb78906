-- One row per delivered version of a pupil's attendance at a lesson, with the rule it broke.
{{ config(materialized='table') }}

{%- set types = {
    'id': 'varchar', 'calendar_event_id': 'varchar', 'student_key': 'varchar', 'is_reported': 'boolean',
    'attendance_minutes': 'integer', 'valid_absence_minutes': 'integer',
    'invalid_absence_minutes': 'integer', 'other_attendance_minutes': 'integer',
    'meta_modified': 'timestamptz'
} -%}
{%- set rules = (
    delivered_rules(types)
    + needed_rule(['id', 'student_key'])
    + reference_rule('person', 'student_key')
    + bounds_rules(
        ['attendance_minutes', 'valid_absence_minutes', 'invalid_absence_minutes', 'other_attendance_minutes'], 0, 1440
    )
) -%}

with source as (

    select * from {{ source('ss12000', 'ss12000_attendances') }}

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
        {{ delivered_columns(types, {'meta_modified': instant('source.meta_modified')}) }},
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
