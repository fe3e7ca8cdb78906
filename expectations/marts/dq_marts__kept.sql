-- How much of what each mart held when the last release was built it still holds.
select
    earlier.mart,
    earlier.period,
    coalesce(now.n_rows, 0) / cast(earlier.n_rows as double) as rows_kept,
    coalesce(now.n_entities, 0) / cast(earlier.n_entities as double) as entities_kept,
    (now.n_values / nullif(cast(now.n_rows as double), 0))
    / nullif(earlier.n_values / cast(earlier.n_rows as double), 0) as share_of_values_kept
from last.dq_marts as earlier
left join dq_marts as now
    on earlier.mart = now.mart and earlier.period = now.period
