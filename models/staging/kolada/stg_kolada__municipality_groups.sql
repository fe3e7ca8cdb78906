select * exclude (broken_rule)
from {{ ref('base_kolada__municipality_groups') }}
where broken_rule is null
