with statistics as (

    select * from {{ ref('ind_statistics') }}

)

select
    entity_type,
    entity_key,
    municipality_code,
    school_year,
    indicator_id,
    group_id,
    numerator,
    denominator,
    value,
    coverage,
    status,
    n_units,
    n_hidden_units,
    suppression,
    interval_low,
    interval_high,
    verdict,
    break_in_series,
    is_made_up
from statistics
where starts_with(indicator_id, 'own_')
