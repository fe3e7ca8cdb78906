-- Time, absence and what is not known of it, by month.
select
    month,
    count(*) as n_pupils,
    avg(offered_minutes) as mean_offered_minutes,
    100 * sum(absent_minutes) filter (where status = 'ok')
    / cast(nullif(sum(counted_offered_minutes) filter (where status = 'ok'), 0) as double) as percent_absent,
    100 * count(*) filter (where status in ('missing', 'error_absent_gt_offered')) / cast(count(*) as double)
        as percent_not_known
from fct_pupil_attendance_month
group by month
