-- Mean of each index over the units, and percent of them that have it, per school year; of 100 units or more.
select
    measure_id,
    school_year,
    avg(value) as mean_index,
    100.0 * count(value) / count(*) as percent_with_index
from fct_unit_survey
group by measure_id, school_year
having count(*) >= 100
