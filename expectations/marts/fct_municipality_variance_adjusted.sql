-- Measures of a school year with a model, or with the reason why there is none.
select
    school_year,
    measure_id,
    icc_adjusted,
    explained,
    coverage
from fct_municipality_variance_adjusted
where coverage > 0 or reason is not null
