select * exclude (broken_rule)
from {{ ref('base_kolada__units') }}
where broken_rule is null
