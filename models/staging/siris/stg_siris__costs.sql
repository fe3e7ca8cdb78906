select * exclude (broken_rule)
from {{ ref('base_siris__costs') }}
where broken_rule is null
