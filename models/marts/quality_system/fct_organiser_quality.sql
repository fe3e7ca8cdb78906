with figures as (

    select * from {{ ref('int_measures__organisers_observed') }}

),

statuses as (

    select
        value_status,
        is_hidden
    from {{ ref('ref_value_statuses') }}

),

breaks as (

    select * from {{ ref('ref_breaks_in_series') }}

)

select
    figures.organiser_number,
    figures.entity_type,
    figures.school_year,
    figures.measure_id,
    'all' as group_id,
    figures.base_count,
    figures.value,
    figures.value_status,
    case when statuses.is_hidden then figures.value_status end as hidden_status,
    breaks.kind as break_in_series,
    'underlag_for_analys' as source_id
from figures
inner join statuses
    on figures.value_status = statuses.value_status
left join breaks
    on
        figures.measure_id = breaks.measure_id
        and figures.school_year = breaks.school_year
