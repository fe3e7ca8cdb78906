select * exclude (broken_rule)
from {{ ref('base_planned_educations__salsa') }}
where broken_rule is null
