-- The sound rows; where several deliveries speak of the same key, the latest wins.

select * exclude (broken_rule)
from {{ ref('base_deliveries__upper_secondary_outcomes') }}
where broken_rule is null
qualify {{ latest_delivered(['person_key', 'programme_code', 'start_year']) }}
