{{ config(materialized='table') }}

{%- set rules = (
    needed_rule(['kolada_unit_id'])
    + digits_rule('municipality_code', 4)
    + known_municipality_rule()
    + one_row_per_rule(['kolada_unit_id'])
) -%}

with source as (

    select * from {{ source('kolada', 'kolada_units') }}

),

known_municipalities as (

    select municipality_code from {{ ref('ref_municipalities') }}

),

parsed as (

    -- Kolada's own unit ids: no public crosswalk to skolenhetskod exists.
    select
        source._extract_id as extract_id,
        source._source_file as source_file,
        source._row_number as row_number,
        source.ou as kolada_unit_id,
        source.title as unit_name,
        source.municipality_code,
        known_municipalities.municipality_code is not null as is_known_municipality
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
