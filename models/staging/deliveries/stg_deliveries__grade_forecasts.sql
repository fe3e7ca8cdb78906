-- The sound rows; where several deliveries speak of the same key, the latest wins.

select * exclude (broken_rule)
from {{ ref('base_deliveries__grade_forecasts') }}
where broken_rule is null
qualify {{ latest_delivered(['person_key', 'forecast_on', 'subject_code']) }}
