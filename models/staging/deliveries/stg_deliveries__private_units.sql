-- The sound rows; where several deliveries speak of the same key, the latest wins.

select * exclude (broken_rule)
from {{ ref('base_deliveries__private_units') }}
where broken_rule is null
qualify {{ latest_delivered(['unit_code', 'valid_from']) }}
