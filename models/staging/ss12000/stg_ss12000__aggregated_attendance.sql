-- The sound rows: a month's sums of attendance of each pupil and activity.

select * exclude (broken_rule)
from {{ ref('base_ss12000__aggregated_attendance') }}
where broken_rule is null
