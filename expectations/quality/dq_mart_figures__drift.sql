-- How far the figures of each mart have moved since the last release was built, in standard deviations of
-- then. Fewer than ten figures have no spread to measure with.
select
    earlier.mart,
    earlier.period,
    earlier.figure,
    abs(now.mean_value - earlier.mean_value) / nullif(earlier.standard_deviation, 0) as shift,
    now.standard_deviation / nullif(earlier.standard_deviation, 0) as spread_ratio,
    now.mean_coverage / nullif(earlier.mean_coverage, 0) as coverage_kept
from last.dq_mart_figures as earlier
inner join dq_mart_figures as now
    on
        earlier.mart = now.mart
        and earlier.period = now.period
        and earlier.figure = now.figure
where earlier.n_values >= 10 and now.n_values >= 10
