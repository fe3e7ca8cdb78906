-- The sound rows; where several deliveries speak of the same key, the latest wins.

select * exclude (broken_rule)
from {{ ref('base_deliveries__staff_qualifications') }}
where broken_rule is null
qualify {{ latest_delivered(['person_key', 'subject_code', 'stage']) }}
