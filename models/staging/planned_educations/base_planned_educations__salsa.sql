{{ config(materialized='table') }}

{%- set rules = (
    digits_rule('unit_code', 8)
    + known_unit_rule()
    + school_year_rule()
    + number_rules(['merit_actual', 'merit_expected'], 0, 340)
    + number_rules(['merit_deviation'], -340, 340)
    + number_rules(['passed_deviation'], -100, 100)
    + number_rules(['parents_education_score'], 1, 3)
    + share_rules(['passed_actual', 'passed_expected', 'newly_immigrated_share', 'boys_share'])
    + one_row_per_rule(['school_year', 'unit_code'])
) -%}

with source as (

    select * from {{ source('planned_educations', 'pe_salsa') }}

),

known_units as (

    select unit_code from {{ ref('stg_planned_educations__known_units') }}

),

parsed as (

    select
        source._extract_id as extract_id,
        source._source_file as source_file,
        source._row_number as row_number,
        source.unit_code,
        source.time_period as school_year,
        {{ value_and_status('merit_actual') }},
        {{ value_and_status('merit_expected') }},
        {{ value_and_status('merit_deviation') }},
        {{ value_and_status('passed_actual') }},
        {{ value_and_status('passed_expected') }},
        {{ value_and_status('passed_deviation') }},
        {{ value_and_status('newly_immigrated_share') }},
        {{ value_and_status('boys_share') }},
        {{ value_and_status('parents_education_score') }},
        known_units.unit_code is not null as is_known_unit
    from source
    left join known_units
        on source.unit_code = known_units.unit_code

),

checked as (

    select
        * exclude (is_known_unit),
        {{ first_broken(rules) }} as broken_rule
    from parsed

)

select * from checked
