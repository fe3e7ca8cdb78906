select
    source,
    dataset,
    period,
    address,
    rule,
    message
from {{ ref('dq_delivery_problems') }}
