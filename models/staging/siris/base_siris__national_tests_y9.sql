{{ config(materialized='table') }}

{%- set rules = (
    school_year_rule()
    + digits_rule('municipality_code', 4)
    + known_municipality_rule()
    + known_organiser_kind_rule()
    + [('unknown_subject', 'subject', 'not is_known_subject')]
    + number_rules(['pupils_all', 'pupils_girls', 'pupils_boys'])
    + number_rules(['points_mean_all', 'points_mean_girls', 'points_mean_boys'], high=20)
    + share_rules(['participated_share_all', 'participated_share_girls', 'participated_share_boys',
        'passed_share_all', 'passed_share_girls', 'passed_share_boys'])
    + one_row_per_rule(['school_year', 'subject', 'municipality_code', 'organiser_kind'])
) -%}

with source as (

    select * from {{ source('siris', 'siris_national_tests_y9') }}

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

known_subjects as (

    select source_text from {{ ref('xwalk_test_subjects') }}

),

parsed as (

    select
        source._extract_id as extract_id,
        source._source_file as source_file,
        source._row_number as row_number,
        source.school_year,
        source.subject,
        source.municipality_code,
        source.municipality_name,
        source.county_code,
        source.county_name,
        known_kinds.organiser_kind,
        {{ value_and_status('pupils_all') }},
        {{ value_and_status('pupils_girls') }},
        {{ value_and_status('pupils_boys') }},
        {{ value_and_status('points_mean_all') }},
        {{ value_and_status('points_mean_girls') }},
        {{ value_and_status('points_mean_boys') }},
        {{ value_and_status('participated_share_all') }},
        {{ value_and_status('participated_share_girls') }},
        {{ value_and_status('participated_share_boys') }},
        {{ value_and_status('passed_share_all') }},
        {{ value_and_status('passed_share_girls') }},
        {{ value_and_status('passed_share_boys') }},
        known_municipalities.municipality_code is not null as is_known_municipality,
        known_subjects.source_text is not null as is_known_subject
    from source
    left join known_municipalities
        on source.municipality_code = known_municipalities.municipality_code
    left join known_kinds
        on source.organiser_kind = known_kinds.source_text
    left join known_subjects
        on source.subject = known_subjects.source_text

),

checked as (

    select
        * exclude (is_known_municipality, is_known_subject),
        {{ first_broken(rules) }} as broken_rule
    from parsed

)

select * from checked
