-- The sound rows; where several deliveries speak of the same key, the latest wins.

select * exclude (broken_rule)
from {{ ref('base_deliveries__national_tests') }}
where broken_rule is null
qualify {{ latest_delivered(['person_key', 'school_year', 'year_group', 'subject_code']) }}
