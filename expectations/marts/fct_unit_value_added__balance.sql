-- Mean deviation from what is expected, per measure and school year.
select
    measure_id,
    school_year,
    avg(value) as mean_deviation
from fct_unit_value_added
where measure_id in ('value_added_merit_deviation', 'value_added_passed_deviation')
group by measure_id, school_year
having count(value) >= 100
