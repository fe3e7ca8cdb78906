-- The smallest step from a percentile to the next, by municipality, school year and measure.
select
    municipality_code,
    school_year,
    measure_id,
    least(p25 - p10, p50 - p25, p75 - p50, p90 - p75) as smallest_step
from fct_municipality_result_spread
