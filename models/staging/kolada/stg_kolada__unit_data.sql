select * exclude (broken_rule)
from {{ ref('base_kolada__unit_data') }}
where broken_rule is null
