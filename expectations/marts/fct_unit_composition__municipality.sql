-- Pupils of all units in a municipality over those that the municipality counts, per school year.
with units as (

    select
        places.municipality_code,
        pupils.school_year,
        sum(pupils.value) as n_pupils
    from fct_unit_composition as pupils
    inner join dim_unit as places
        on pupils.unit_key = places.unit_key and places.is_current
    where pupils.measure_id = 'pupils' and pupils.group_id = 'all' and pupils.value_status = 'reported'
    group by places.municipality_code, pupils.school_year

)

select
    units.municipality_code,
    units.school_year,
    units.n_pupils / nullif(counted.value, 0) as of_municipality
from units
inner join fct_municipality_composition as counted
    on units.municipality_code = counted.municipality_code and units.school_year = counted.school_year
where counted.measure_id = 'pupils' and counted.group_id = 'all'
