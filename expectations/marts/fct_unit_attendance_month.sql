-- Units and months with pupils: a month without any is not filled.
select
    unit_key,
    month,
    n_pupils,
    n_invalid_any,
    n_invalid_5,
    judged_offered_minutes,
    judged_absent_minutes,
    value,
    coverage
from fct_unit_attendance_month
where n_pupils > 0
