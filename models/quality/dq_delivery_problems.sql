-- What the release lacks: periods whose latest delivery could not be fetched or read as a whole.

select
    source,
    dataset,
    period,
    raw_table,
    address,
    seen_at,
    rule,
    message
from {{ source('raw', 'delivery_problems') }}
