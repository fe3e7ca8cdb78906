select * exclude (broken_rule)
from {{ ref('base_siris__teachers') }}
where broken_rule is null
