{{ config(materialized='table') }}

{%- set rules = (
    digits_rule('municipality_code', 4)
    + known_municipality_rule()
    + year_rule('calendar_year', 'year')
    + [('unknown_sex', 'sex', "sex is not null and sex not in ('1', '2')")]
    + number_rules(['population'])
    + one_row_per_rule(['municipality_code', 'sex', 'age', 'calendar_year', 'contents_code'])
) -%}

with source as (

    select * from {{ source('scb', 'scb_population') }}

),

known_municipalities as (

    select municipality_code from {{ ref('ref_municipalities') }}

),

parsed as (

    select
        source._extract_id as extract_id,
        source._source_file as source_file,
        source._row_number as row_number,
        source.region_code as municipality_code,
        source.sex,
        source.age,
        source.contents_code,
        try_cast(source.year as integer) as calendar_year,
        {{ value_and_status('source.value', 'population') }},
        known_municipalities.municipality_code is not null as is_known_municipality
    from source
    left join known_municipalities
        on source.region_code = known_municipalities.municipality_code

),

checked as (

    select
        * exclude (is_known_municipality),
        {{ first_broken(rules) }} as broken_rule
    from parsed

)

select * from checked
