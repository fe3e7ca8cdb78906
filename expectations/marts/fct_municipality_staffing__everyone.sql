-- Number of rows for everyone behind each municipality, school year and measure.
select
    municipality_code,
    school_year,
    measure_id,
    count(*) filter (where group_id = 'all') as n_all
from fct_municipality_staffing
group by municipality_code, school_year, measure_id
