-- Pupils of the model more than pupils with a result, and the coverage they stand for, by year and measure.
select
    adjusted.municipality_code,
    adjusted.school_year,
    adjusted.measure_id,
    adjusted.n_pupils - coalesce(spread.n_pupils, 0) as more_pupils,
    abs(adjusted.coverage - adjusted.n_pupils / cast(spread.n_pupils as double)) as coverage_apart
from fct_municipality_variance_adjusted as adjusted
left join fct_municipality_result_spread as spread
    on
        adjusted.municipality_code = spread.municipality_code
        and adjusted.school_year = spread.school_year
        and adjusted.measure_id = spread.measure_id
