select * exclude (broken_rule)
from {{ ref('base_kolada__kpis') }}
where broken_rule is null
