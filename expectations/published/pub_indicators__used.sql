-- How many figures there are now of each indicator that had figures in the last release.
with used_before as (

    select indicator_id
    from last.pub_indicators
    where value is not null
    group by indicator_id

)

select
    used_before.indicator_id,
    count(figures.value) as n_values
from used_before
left join pub_indicators as figures
    on used_before.indicator_id = figures.indicator_id
group by used_before.indicator_id
