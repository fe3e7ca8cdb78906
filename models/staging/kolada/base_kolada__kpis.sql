{{ config(materialized='table') }}

{%- set rules = (
    needed_rule(['kpi_id', 'title'])
    + one_row_per_rule(['kpi_id'])
) -%}

with source as (

    select * from {{ source('kolada', 'kolada_kpis') }}

),

parsed as (

    select
        _extract_id as extract_id,
        _source_file as source_file,
        _row_number as row_number,
        kpi as kpi_id,
        title,
        description,
        coalesce(lower(is_divided_by_gender) in ('true', '1'), false) as is_divided_by_gender,
        coalesce(lower(has_ou_data) in ('true', '1'), false) as has_unit_data
    from source

),

checked as (

    select
        *,
        {{ first_broken(rules) }} as broken_rule
    from parsed

)

select * from checked
