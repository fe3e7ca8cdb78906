-- The sound rows; where several deliveries speak of the same key, the latest wins.

select * exclude (broken_rule)
from {{ ref('base_deliveries__survey') }}
where broken_rule is null
qualify {{ latest_delivered(['unit_code', 'school_year', 'respondent', 'question_area', 'year_group']) }}
