-- How far the median and the quartile distance of each indicator's newest school year lie from those of the
-- newest school year of the last release.
with figures as (

    select
        'now' as held_in,
        indicator_id,
        school_year,
        value
    from pub_indicators
    where entity_type = 'municipality' and group_id = 'all' and value is not null

    union all

    select
        'last' as held_in,
        indicator_id,
        school_year,
        value
    from last.pub_indicators
    where entity_type = 'municipality' and group_id = 'all' and value is not null

),

by_year as (

    select
        held_in,
        indicator_id,
        school_year,
        count(*) as n_values,
        quantile_cont(value, 0.5) as middle,
        quantile_cont(value, 0.75) - quantile_cont(value, 0.25) as spread,
        row_number() over (partition by held_in, indicator_id order by school_year desc) as place
    from figures
    group by held_in, indicator_id, school_year

)

select
    now.indicator_id,
    abs(now.middle - earlier.middle) / nullif(earlier.spread, 0) as shift,
    now.spread / nullif(earlier.spread, 0) as spread_ratio
from by_year as now
inner join by_year as earlier
    on now.indicator_id = earlier.indicator_id
where
    now.held_in = 'now' and now.place = 1
    and earlier.held_in = 'last' and earlier.place = 1
    -- A handful of figures moves by chance.
    and least(now.n_values, earlier.n_values) >= 20
