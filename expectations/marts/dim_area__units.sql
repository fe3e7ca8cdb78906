-- Percent of the areas that have a unit of today, per municipality.
select
    areas.municipality_code,
    100.0 * count(distinct units.area_key) / count(distinct areas.area_key) as percent_with_units
from dim_area as areas
left join dim_unit as units
    on areas.area_key = units.area_key and units.is_current
group by areas.municipality_code
