{{ config(materialized='table') }}

{%- set rules = (
    digits_rule('municipality_code', 4)
    + known_municipality_rule()
    + [('no_group_id', 'group_id', "coalesce(municipality_group_id, '') = ''")]
    + one_row_per_rule(['municipality_group_id', 'municipality_code'])
) -%}

with source as (

    select * from {{ source('kolada', 'kolada_municipality_groups') }}

),

known_municipalities as (

    select municipality_code from {{ ref('ref_municipalities') }}

),

parsed as (

    select
        source._extract_id as extract_id,
        source._source_file as source_file,
        source._row_number as row_number,
        source.group_id as municipality_group_id,
        source.group_title,
        source.municipality_code,
        -- Codes from 0000 to 0099 are the nation and the regions: Kolada has groups of these too.
        source.municipality_code like '00%'
        or known_municipalities.municipality_code is not null as is_known_municipality
    from source
    left join known_municipalities
        on source.municipality_code = known_municipalities.municipality_code

),

checked as (

    select
        * exclude (is_known_municipality),
        {{ first_broken(rules) }} as broken_rule
    from parsed

)

select * from checked
