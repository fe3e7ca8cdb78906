with figures as (

    select * from {{ ref('ind_unit_figures') }}
    where municipality_code is not null

)

select
    unit_key,
    municipality_code,
    school_year,
    measure_id,
    'all' as group_id,
    base_count,
    value,
    suppression,
    break_in_series
from figures

union all

select
    unit_key,
    municipality_code,
    school_year,
    measure_id,
    'organiser_' || organiser_kind as group_id,
    base_count,
    value,
    suppression,
    break_in_series
from figures
where organiser_kind in ('municipal', 'independent')
