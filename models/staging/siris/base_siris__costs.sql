{#- Corrections between years make single cost items negative: they are the agency's own figures. -#}
{{ config(materialized='table') }}

{%- set rules = (
    year_rule('calendar_year', 'calendar_year')
    + digits_rule('municipality_code', 4)
    + known_municipality_rule()
    + known_organiser_kind_rule()
    + number_rules(['pupils_mean'])
    + number_rules(
        [
            'total_tkr', 'teaching_tkr', 'total_per_pupil', 'teaching_per_pupil', 'premises_per_pupil',
            'meals_per_pupil', 'materials_per_pupil', 'health_per_pupil', 'other_per_pupil'
        ],
        -1000000000, 1000000000
    )
    + one_row_per_rule(['calendar_year', 'school_form', 'municipality_code', 'organiser_kind'])
) -%}

with source as (

    select * from {{ source('siris', 'siris_costs') }}

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
        try_cast(source.calendar_year as integer) as calendar_year,
        source.school_form,
        source.municipality_code,
        source.municipality_name,
        source.county_code,
        source.county_name,
        known_kinds.organiser_kind,
        {{ value_and_status('pupils_mean') }},
        {{ value_and_status('total_tkr') }},
        {{ value_and_status('teaching_tkr') }},
        {{ value_and_status('total_per_pupil') }},
        {{ value_and_status('teaching_per_pupil') }},
        {{ value_and_status('premises_per_pupil') }},
        {{ value_and_status('meals_per_pupil') }},
        {{ value_and_status('materials_per_pupil') }},
        {{ value_and_status('health_per_pupil') }},
        {{ value_and_status('other_per_pupil') }},
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
