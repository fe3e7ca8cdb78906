with own_rows as (

    {{ own_indicator_rows('internal') | indent(4) }}

)

select
    entity_type,
    entity_key,
    school_year,
    indicator_id,
    group_id,
    numerator,
    denominator,
    value,
    interval_low,
    interval_high,
    verdict,
    coverage,
    status,
    suppression,
    n_units,
    break_in_series,
    method_version,
    is_made_up
from own_rows
