select * exclude (broken_rule)
from {{ ref('base_planned_educations__school_units') }}
where broken_rule is null
