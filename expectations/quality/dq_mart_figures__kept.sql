-- Whether a mart still has each kind of figure that it had when the last release was built, in any period.
with now as (

    select
        mart,
        figure,
        sum(n_values) as n_values
    from dq_mart_figures
    group by mart, figure

),

earlier as (

    select
        mart,
        figure
    from last.dq_mart_figures
    -- What hardly any row is may well be missing one day.
    where n_values > 0 and (coalesce(statistic, 'mean') = 'mean' or mean_value >= 0.05)
    group by mart, figure

)

select
    earlier.mart,
    earlier.figure,
    coalesce(now.n_values, 0) as n_values
from earlier
left join now
    on earlier.mart = now.mart and earlier.figure = now.figure
