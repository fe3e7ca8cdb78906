-- How far the figures of each mart have moved since each of the last releases was built, in standard
-- deviations of then: what moves a little each time shows against the oldest. Fewer than ten figures have no
-- spread to measure with.
select
    past.releases_ago,
    past.mart,
    past.period,
    past.figure,
    abs(now.mean_value - past.mean_value) / nullif(past.standard_deviation, 0) as shift,
    now.standard_deviation / nullif(past.standard_deviation, 0) as spread_ratio,
    now.mean_coverage / nullif(past.mean_coverage, 0) as coverage_kept
from recent.dq_mart_figures as past
inner join dq_mart_figures as now
    on
        past.mart = now.mart
        and past.period = now.period
        and past.figure = now.figure
where past.n_values >= 10 and now.n_values >= 10
