-- How much of what each mart held of each period when the last release was built it still holds.
select
    earlier.mart,
    earlier.period,
    count(now.n_rows) / cast(count(*) as double) as entities_kept,
    coalesce(sum(now.n_rows), 0) / cast(sum(earlier.n_rows) as double) as rows_kept,
    -- Of the units that are there both times.
    (sum(now.n_values) / nullif(cast(sum(now.n_rows) as double), 0))
    / nullif(
        sum(earlier.n_values) filter (where now.n_rows is not null)
        / cast(sum(earlier.n_rows) filter (where now.n_rows is not null) as double),
        0
    ) as share_of_values_kept
from last.dq_marts as earlier
left join dq_marts as now
    on
        earlier.mart = now.mart
        and earlier.period = now.period
        and earlier.entity_key = now.entity_key
group by earlier.mart, earlier.period
