-- One row per delivered version of a subject or course, with the rule it broke.
{{ config(materialized='table') }}

{%- set types = {
    'id': 'varchar', 'school_type': 'varchar', 'subject_code': 'varchar', 'subject_name': 'varchar',
    'subject_designation': 'varchar', 'course_code': 'varchar', 'course_name': 'varchar',
    'start_school_year': 'integer', 'end_school_year': 'integer', 'points': 'integer',
    'curriculum': 'varchar', 'official': 'boolean', 'meta_modified': 'timestamptz'
} -%}
{%- set rules = (
    delivered_rules(types)
    + needed_rule(['id'])
    + bounds_rules(['start_school_year', 'end_school_year'], 0, 10)
    + bounds_rules(['points'], 0, 10000)
) -%}

with source as (

    select * from {{ source('ss12000', 'ss12000_syllabuses') }}

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
        {{ enum_status('source.curriculum', [
            'Lgy70', 'Lgr80', 'Lpo94', 'Lpf94', 'Lpfö98', 'GR2000', 'GY2000', 'GYSÄR2000',
            'GYVUX2000', 'GYVUX2001', 'GYVUX2002', 'GR2011', 'GRSÄR2011', 'SPEC2011', 'SAM2011',
            'Lvux12', 'GY2011', 'GYSÄR2013', 'VU2013'
        ]) }} as curriculum_status,
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
