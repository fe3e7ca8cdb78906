-- Whether each row of the last release is still there.
select
    earlier.municipality_code,
    count(now.municipality_code) as n_now
from last.pub_municipalities as earlier
left join pub_municipalities as now
    on earlier.municipality_code = now.municipality_code
group by earlier.municipality_code
