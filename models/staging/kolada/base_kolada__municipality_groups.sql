{{ config(materialized='table') }}

{%- set rules = (
    digits_rule('municipality_code', 4)
    + [('no_group_id', 'group_id', "coalesce(municipality_group_id, '') = ''")]
    + one_row_per_rule(['municipality_group_id', 'municipality_code'])
) -%}

with source as (

    select * from {{ source('kolada', 'kolada_municipality_groups') }}

),

parsed as (

    select
        source._extract_id as extract_id,
        source._source_file as source_file,
        source._row_number as row_number,
        source.group_id as municipality_group_id,
        source.group_title,
        source.municipality_code
    from source

),

checked as (

    select
        *,
        {{ first_broken(rules) }} as broken_rule
    from parsed

)

select * from checked
