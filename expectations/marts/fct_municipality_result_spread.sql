-- Measures of a school year with pupils: one without any is not filled.
select
    school_year,
    measure_id,
    n_pupils,
    mean_value,
    standard_deviation,
    p10,
    p90
from fct_municipality_result_spread
where n_pupils > 0
