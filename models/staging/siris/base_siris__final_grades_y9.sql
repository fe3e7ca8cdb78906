{{ config(materialized='table') }}

{%- set rules = (
    school_year_rule()
    + digits_rule('unit_code', 8)
    + witnessed_unit_rule()
    + digits_rule('organiser_number', 10)
    + digits_rule('municipality_code', 4)
    + known_municipality_rule()
    + known_organiser_kind_rule()
    + number_rules(['pupils'])
    + number_rules(['merit_value_17'], 0, 340)
    + share_rules(['passed_all_subjects_share', 'eligible_vocational_share'])
    + one_row_per_rule(['school_year', 'unit_code'])
) -%}

with source as (

    select * from {{ source('siris', 'siris_final_grades_y9') }}

),

known_municipalities as (

    select municipality_code from {{ ref('ref_municipalities') }}

),

unit_codes as (

    select
        unit_code,
        is_stray
    from {{ ref('stg_skolverket__unit_codes') }}
    where dataset = 'final_grades_y9'

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
        source.unit_code,
        source.unit_name,
        source.municipality_code,
        source.organiser_number,
        source.organiser_name,
        known_kinds.organiser_kind,
        {{ value_and_status('pupils') }},
        {{ value_and_status('merit_value_17') }},
        {{ value_and_status('passed_all_subjects_share') }},
        {{ value_and_status('eligible_vocational_share') }},
        known_municipalities.municipality_code is not null as is_known_municipality,
        coalesce(unit_codes.is_stray, false) as is_stray_unit
    from source
    left join known_municipalities
        on source.municipality_code = known_municipalities.municipality_code
    left join known_kinds
        on source.organiser_kind = known_kinds.source_text
    left join unit_codes
        on source.unit_code = unit_codes.unit_code

),

checked as (

    select
        * exclude (is_known_municipality, is_stray_unit),
        {{ first_broken(rules) }} as broken_rule
    from parsed

)

select * from checked
