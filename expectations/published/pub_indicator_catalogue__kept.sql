-- Whether each row of the last release is still there.
select
    earlier.indicator_id,
    count(now.indicator_id) as n_now
from last.pub_indicator_catalogue as earlier
left join pub_indicator_catalogue as now
    on earlier.indicator_id = now.indicator_id
group by earlier.indicator_id
