-- Whether each row of the last release is still there.
select
    earlier.measure_id,
    count(now.measure_id) as n_now
from last.pub_measures as earlier
left join pub_measures as now
    on earlier.measure_id = now.measure_id
group by earlier.measure_id
