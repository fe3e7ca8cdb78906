select * exclude (broken_rule)
from {{ ref('base_siris__final_grades_y9') }}
where broken_rule is null
