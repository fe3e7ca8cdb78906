select * exclude (broken_rule)
from {{ ref('base_planned_educations__school_unit_details') }}
where broken_rule is null
