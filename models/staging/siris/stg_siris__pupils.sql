select * exclude (broken_rule)
from {{ ref('base_siris__pupils') }}
where broken_rule is null
