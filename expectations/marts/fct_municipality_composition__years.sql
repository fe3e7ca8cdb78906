-- Pupils in none of years 1 to 9, per municipality, school year and group; where nothing is hidden.
select
    municipality_code,
    school_year,
    group_id,
    sum(value) filter (where measure_id = 'pupils')
    - sum(value) filter (where starts_with(measure_id, 'pupils_y')) as n_outside_years
from fct_municipality_composition
where starts_with(measure_id, 'pupils')
group by municipality_code, school_year, group_id
having count(*) filter (where hidden_status is not null) = 0
