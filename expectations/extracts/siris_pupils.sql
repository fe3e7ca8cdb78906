select
    school_year,
    cast(count(distinct municipality_code) as bigint) as municipalities
from raw.siris_pupils
group by school_year
