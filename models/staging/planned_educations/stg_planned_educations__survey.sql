select * exclude (broken_rule)
from {{ ref('base_planned_educations__survey') }}
where broken_rule is null
