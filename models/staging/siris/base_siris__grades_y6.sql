{{ config(materialized='table') }}

{%- set rules = (
    school_year_rule()
    + digits_rule('municipality_code', 4)
    + known_municipality_rule()
    + known_organiser_kind_rule()
    + number_rules(['pupils'])
    + number_rules(['subject_grades_mean'], high=20)
    + share_rules(['passed_all_subjects_share', 'failed_one_subject_share',
        'failed_several_subjects_share'])
    + one_row_per_rule(['school_year', 'municipality_code', 'organiser_kind'])
) -%}

with source as (

    select * from {{ source('siris', 'siris_grades_y6') }}

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
        source.school_year,
        source.municipality_code,
        source.municipality_name,
        source.county_code,
        source.county_name,
        known_kinds.organiser_kind,
        {{ value_and_status('pupils') }},
        {{ value_and_status('subject_grades_mean') }},
        {{ value_and_status('passed_all_subjects_share') }},
        {{ value_and_status('failed_one_subject_share') }},
        {{ value_and_status('failed_several_subjects_share') }},
        known_municipalities.municipality_code is not null as is_known_municipality
    from source
    left join known_municipalities
        on source.municipality_code = known_municipalities.municipality_code
    left join known_kinds
        on source.organiser_kind = known_kinds.source_text

),

checked as (

    select
        * exclude (is_known_municipality),
        {{ first_broken(rules) }} as broken_rule
    from parsed

)

select * from checked
