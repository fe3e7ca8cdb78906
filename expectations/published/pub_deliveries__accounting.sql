select
    source,
    dataset,
    period,
    delivered - loaded - rejected - duplicates as lost,
    rejected / nullif(cast(delivered as double), 0) as rejected_share
from pub_deliveries
