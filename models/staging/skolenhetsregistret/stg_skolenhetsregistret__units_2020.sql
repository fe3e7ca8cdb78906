select * exclude (broken_rule)
from {{ ref('base_skolenhetsregistret__units_2020') }}
where broken_rule is null
