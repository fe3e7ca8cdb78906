{{ config(materialized='table') }}

{%- set rules = (
    school_year_rule()
    + digits_rule('municipality_code', 4)
    + known_municipality_rule()
    + known_organiser_kind_rule()
    + number_rules(['pupils_y1', 'pupils_y2', 'pupils_y3', 'pupils_y4', 'pupils_y5', 'pupils_y6',
        'pupils_y7', 'pupils_y8', 'pupils_y9', 'pupils_y1_9'])
    + share_rules(['girls_share', 'foreign_background_share', 'parents_higher_education_share'])
    + one_row_per_rule(['school_year', 'municipality_code', 'organiser_kind'])
) -%}

with source as (

    select * from {{ source('siris', 'siris_pupils') }}

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
        {{ value_and_status('pupils_y1') }},
        {{ value_and_status('pupils_y2') }},
        {{ value_and_status('pupils_y3') }},
        {{ value_and_status('pupils_y4') }},
        {{ value_and_status('pupils_y5') }},
        {{ value_and_status('pupils_y6') }},
        {{ value_and_status('pupils_y7') }},
        {{ value_and_status('pupils_y8') }},
        {{ value_and_status('pupils_y9') }},
        {{ value_and_status('pupils_y1_9') }},
        {{ value_and_status('girls_share') }},
        {{ value_and_status('foreign_background_share') }},
        {{ value_and_status('parents_higher_education_share') }},
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
