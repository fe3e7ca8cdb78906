-- Which share of the last release's units is still there; one row per municipality.
with units_now as (

    select unit_key
    from pub_units
    group by unit_key

),

units_before as (

    select
        unit_key,
        municipality_code
    from last.pub_units
    where is_current and municipality_code is not null

)

select
    earlier.municipality_code,
    count(now.unit_key) / nullif(cast(count(*) as double), 0) as share_kept
from units_before as earlier
left join units_now as now
    on earlier.unit_key = now.unit_key
group by earlier.municipality_code
