-- Units and school years with pupils: a year without any is not filled.
select
    unit_key,
    school_year,
    n_pupils,
    n_invalid_any,
    n_invalid_5,
    value,
    coverage
from fct_unit_attendance_year
where n_pupils > 0
