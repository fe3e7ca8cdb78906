-- The agencies' deliveries. What the municipality's own systems sent is the administration's business.

select
    source,
    dataset,
    period,
    address,
    rule,
    message
from {{ ref('dq_delivery_problems') }}
where source not in ('ss12000', 'deliveries')
