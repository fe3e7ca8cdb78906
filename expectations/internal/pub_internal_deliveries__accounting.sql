select
    source,
    dataset,
    period,
    delivered - loaded - rejected - duplicates as lost
from pub_internal_deliveries
