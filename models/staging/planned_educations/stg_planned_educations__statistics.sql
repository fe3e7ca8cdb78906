select * exclude (broken_rule)
from {{ ref('base_planned_educations__statistics') }}
where broken_rule is null
