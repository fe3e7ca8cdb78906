-- Whether each delivery behind the last release is behind this one, and how many rows it has against then.
select
    earlier.source,
    earlier.dataset,
    earlier.period,
    count(now.sha256) as n_now,
    max(now.delivered) / nullif(cast(max(earlier.delivered) as double), 0) as size_ratio
from last.pub_deliveries as earlier
left join pub_deliveries as now
    on
        earlier.source = now.source
        and earlier.dataset = now.dataset
        and earlier.period = now.period
group by earlier.source, earlier.dataset, earlier.period
