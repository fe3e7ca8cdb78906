with figures as (

    select * from {{ ref('fct_unit_results') }}

    union all

    select * from {{ ref('fct_unit_staffing') }}

    union all

    select * from {{ ref('fct_unit_composition') }}

    union all

    select * from {{ ref('fct_unit_survey') }}

    union all

    select * from {{ ref('fct_unit_value_added') }}

),

units as (

    select * from {{ ref('dim_unit') }}

),

measures as (

    select * from {{ ref('dim_measure') }}

),

thresholds as (

    {{ disclosure_thresholds('public') | indent(4) }}

)

select
    figures.unit_key,
    units.municipality_code,
    units.organiser_kind,
    figures.school_year,
    figures.measure_id,
    figures.group_id,
    figures.base_count,
    figures.value,
    figures.value_status,
    figures.hidden_status,
    {{ primary_suppression() }} as suppression,
    figures.break_in_series,
    figures.source_id
from figures
inner join measures
    on figures.measure_id = measures.measure_id
inner join thresholds
    on thresholds.entity_type = 'unit'
-- The organiser and municipality the unit had that school year.
left join units
    on
        figures.unit_key = units.unit_key
        and figures.school_year >= units.valid_from_school_year
        and figures.school_year <= coalesce(units.valid_to_school_year, '9999/00')
