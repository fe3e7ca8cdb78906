select * exclude (broken_rule)
from {{ ref('base_scb__population') }}
where broken_rule is null
