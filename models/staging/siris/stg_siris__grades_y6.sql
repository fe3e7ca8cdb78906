select * exclude (broken_rule)
from {{ ref('base_siris__grades_y6') }}
where broken_rule is null
