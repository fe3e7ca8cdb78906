-- The agencies' deliveries. What the municipality's own systems sent is the administration's business.

select
    source,
    dataset,
    period,
    address,
    fetched_at,
    sha256,
    delivered,
    loaded,
    rejected,
    duplicates
from {{ ref('dq_extract_accounting') }}
where source not in ('ss12000', 'deliveries')
