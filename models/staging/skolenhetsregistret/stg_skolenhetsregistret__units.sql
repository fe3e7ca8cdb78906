select * exclude (broken_rule)
from {{ ref('base_skolenhetsregistret__units') }}
where broken_rule is null
