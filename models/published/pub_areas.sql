with areas as (

    select * from {{ ref('dim_area') }}

),

units as (

    select
        area_key,
        count(*) as n_units
    from {{ ref('dim_unit') }}
    where is_current and is_active and area_key is not null
    group by area_key

)

select
    areas.area_key,
    areas.area_name,
    areas.municipality_code,
    cast(coalesce(units.n_units, 0) as bigint) as n_units,
    areas.is_made_up
from areas
left join units
    on areas.area_key = units.area_key
