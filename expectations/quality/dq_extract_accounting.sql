select
    extract_id,
    delivered - loaded - rejected - duplicates as lost,
    rejected / nullif(cast(delivered as double), 0) as rejected_share
from quality.dq_extract_accounting
