-- School years in which pupils were offered teaching: a year without any is not filled.
select
    municipality_code,
    school_year,
    value,
    coverage,
    n_invalid_any,
    n_invalid_5,
    100 * n_judged / cast(n_pupils as double) as percent_judged
from fct_municipality_attendance_year
where n_pupils > 0
