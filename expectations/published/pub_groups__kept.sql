-- Whether each row of the last release is still there.
select
    earlier.group_id,
    count(now.group_id) as n_now
from last.pub_groups as earlier
left join pub_groups as now
    on earlier.group_id = now.group_id
group by earlier.group_id
