select
    value_status,
    symbol,
    name_sv,
    name_en
from {{ ref('ref_value_statuses') }}
