with figures as (

    select * from {{ ref('int_measures__municipalities_resolved') }}
    where domain = 'composition'

),

breaks as (

    select * from {{ ref('ref_breaks_in_series') }}

)

select
    figures.municipality_code,
    figures.school_year,
    figures.measure_id,
    figures.group_id,
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
