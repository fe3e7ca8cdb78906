select * exclude (broken_rule)
from {{ ref('base_kolada__municipality_data') }}
where broken_rule is null
