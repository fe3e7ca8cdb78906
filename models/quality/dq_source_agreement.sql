-- Figures that two sources both show for the same unit, school year and measure, side by side.

with observed as (

    select * from {{ ref('int_measures__units_observed') }}
    where value is not null and value_status = 'reported'

),

pairs as (

    select
        one.unit_key,
        one.school_year,
        one.measure_id,
        one.source_id,
        other.source_id as other_source_id,
        one.value,
        other.value as other_value
    from observed as one
    inner join observed as other
        on
            one.unit_key = other.unit_key
            and one.school_year = other.school_year
            and one.measure_id = other.measure_id
            and one.source_id < other.source_id

)

select
    unit_key,
    school_year,
    measure_id,
    source_id,
    other_source_id,
    value,
    other_value,
    abs(value - other_value) as difference
from pairs
