with figures as (

    select * from {{ ref('fct_organiser_quality') }}

),

measures as (

    select * from {{ ref('dim_measure') }}

),

thresholds as (

    {{ disclosure_thresholds('public') | indent(4) }}

)

select
    figures.organiser_number,
    figures.entity_type,
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
    on figures.entity_type = thresholds.entity_type
