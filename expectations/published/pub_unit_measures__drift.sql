-- How far the median and the quartile distance of each measure's newest school year lie from those of the
-- newest school year of each of the last releases.
with figures as (

    select
        0 as releases_ago,
        measure_id,
        school_year,
        value
    from pub_unit_measures
    where group_id = 'all' and value is not null

    union all

    select
        releases_ago,
        measure_id,
        school_year,
        value
    from recent.pub_unit_measures
    where group_id = 'all' and value is not null

),

by_year as (

    select
        releases_ago,
        measure_id,
        school_year,
        count(*) as n_values,
        quantile_cont(value, 0.5) as middle,
        quantile_cont(value, 0.75) - quantile_cont(value, 0.25) as spread,
        row_number() over (partition by releases_ago, measure_id order by school_year desc) as place
    from figures
    group by releases_ago, measure_id, school_year

)

select
    now.measure_id,
    past.releases_ago,
    abs(now.middle - past.middle) / nullif(past.spread, 0) as shift,
    now.spread / nullif(past.spread, 0) as spread_ratio
from by_year as now
inner join by_year as past
    on now.measure_id = past.measure_id
where
    now.releases_ago = 0 and now.place = 1
    and past.releases_ago > 0 and past.place = 1
    -- A handful of figures moves by chance.
    and least(now.n_values, past.n_values) >= 20
