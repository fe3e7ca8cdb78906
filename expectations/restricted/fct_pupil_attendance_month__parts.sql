-- Rows in which the minutes cannot all be true, by month.
select
    month,
    count(*) filter (where valid_absence_minutes + invalid_absence_minutes <> absent_minutes) as n_wrong_sums,
    count(*) filter (
        where least(attended_minutes, valid_absence_minutes, invalid_absence_minutes, other_minutes) < 0
    ) as n_below_zero
from fct_pupil_attendance_month
group by month
