-- One row per delivered version of a grade, with the rule it broke.
{{ config(materialized='table') }}

{%- set types = {
    'id': 'varchar', 'student_key': 'varchar', 'organisation_id': 'varchar', 'registered_date': 'date',
    'grade_value': 'varchar', 'final_grade': 'boolean', 'trial': 'boolean', 'converted': 'boolean',
    'has_adapted_study_plan': 'boolean', 'correction_type': 'varchar', 'semester': 'varchar',
    'year': 'integer', 'syllabus_id': 'varchar', 'meta_modified': 'timestamptz'
} -%}
{%- set rules = (
    delivered_rules(types)
    + needed_rule(['id', 'student_key', 'registered_date', 'grade_value'])
    + reference_rule('person', 'student_key')
    + reference_rule('syllabus', 'syllabus_id')
    + reference_rule('organisation', 'organisation_id')
    + bounds_rules(['year'], 1990, 2100)
    + future_rule('registered_date')
) -%}

with source as (

    select * from {{ source('ss12000', 'ss12000_grades') }}

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

known_persons as (

    select person_id_key
    from {{ ref('base_ss12000__persons') }}
    where broken_rule is null
    group by person_id_key

),

known_syllabuses as (

    select id
    from {{ ref('base_ss12000__syllabuses') }}
    where broken_rule is null
    group by id

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
        {{ enum_status('source.correction_type', ['Ändring', 'Rättelse']) }} as correction_type_status,
        {{ enum_status('source.semester', ['HT', 'VT']) }} as semester_status,
        {{ delivered_columns(types, {'meta_modified': instant('source.meta_modified')}) }},
        known_persons.person_id_key is not null as is_known_person,
        known_syllabuses.id is not null as is_known_syllabus,
        nullif(source.organisation_id, '') is null or organisation_units.unit_key is not null
            as is_known_organisation,
        as_of.as_of_on
    from source
    left join extracts
        on source._extract_id = extracts.extract_id
    left join known_persons
        on source.student_key = known_persons.person_id_key
    left join known_syllabuses
        on source.syllabus_id = known_syllabuses.id
    left join organisation_units
        on source.organisation_id = organisation_units.organisation_id
    cross join as_of

),

checked as (

    select
        * exclude (unreadable_column, is_known_person, is_known_syllabus, is_known_organisation, as_of_on),
        {{ first_broken(rules) }} as broken_rule
    from parsed

)

select * from checked
