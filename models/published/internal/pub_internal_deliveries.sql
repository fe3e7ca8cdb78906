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
where source in ('ss12000', 'deliveries')
