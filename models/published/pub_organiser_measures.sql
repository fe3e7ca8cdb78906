with figures as (

    select * from {{ ref('ind_organiser_figures') }}

)

select
    figures.organiser_number,
    figures.entity_type,
    figures.school_year,
    figures.measure_id,
    figures.group_id,
    case
        when figures.suppression in ('too_few', 'other_sex') then null
        else figures.base_count
    end as base_count,
    case when figures.suppression is null then figures.value end as value,
    case figures.suppression
        when 'agency' then figures.hidden_status
        when 'rounded_100' then 'rounded_100'
        when 'too_few' then 'suppressed'
        when 'other_sex' then 'suppressed'
        else figures.value_status
    end as value_status,
    figures.suppression,
    figures.break_in_series,
    figures.source_id
from figures
