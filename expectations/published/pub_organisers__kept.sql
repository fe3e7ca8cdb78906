-- Which share of the last release's organisers is still there.
select count(now.organiser_number) / nullif(cast(count(*) as double), 0) as share_kept
from last.pub_organisers as earlier
left join pub_organisers as now
    on earlier.organiser_number = now.organiser_number
