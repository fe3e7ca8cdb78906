select
    source,
    dataset,
    period,
    address,
    rule,
    message
from {{ ref('dq_delivery_problems') }}
where source in ('ss12000', 'deliveries')
