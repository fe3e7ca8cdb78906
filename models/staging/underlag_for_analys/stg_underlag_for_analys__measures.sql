select * exclude (broken_rule)
from {{ ref('base_underlag_for_analys__measures') }}
where broken_rule is null
