-- An area with its municipality.
select
    areas.area_key,
    areas.area_name,
    areas.municipality_code
from dim_area as areas
inner join dim_municipality as municipalities
    on areas.municipality_code = municipalities.municipality_code
