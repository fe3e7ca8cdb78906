-- What retention has pruned of the municipality's own data, and by which rule.

select
    extract_id,
    source,
    dataset,
    period,
    pruned_at,
    keep_days,
    rows_pruned,
    is_file_pruned
from {{ source('raw', 'pruned_extracts') }}
