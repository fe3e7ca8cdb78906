select * exclude (broken_rule)
from {{ ref('base_siris__eligibility_y9') }}
where broken_rule is null
