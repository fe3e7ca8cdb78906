with figures as (

    select * from {{ ref('int_measures__units_resolved') }}
    where domain = 'results'

),

breaks as (

    select * from {{ ref('ref_breaks_in_series') }}

)

select
    figures.unit_key,
    figures.school_year,
    figures.measure_id,
    'all' as group_id,
    figures.base_count,
    figures.value,
    figures.value_status,
    figures.hidden_status,
    breaks.kind as break_in_series,
    figures.source_id
from figures
left join breaks
    on
        figures.measure_id = breaks.measure_id
        and figures.school_year = breaks.school_year
