-- Number of municipalities with pupils, per school year.
select
    school_year,
    count(distinct municipality_code) as n_municipalities
from fct_municipality_composition
where measure_id = 'pupils' and group_id = 'all' and value is not null
group by school_year
