-- The median municipality's percent of all pupils who passed or are eligible, by measure and school year.
select
    measure_id,
    school_year,
    median(value) as median_percent
from fct_municipality_results
where
    group_id = 'all'
    and (
        starts_with(measure_id, 'test_passed_')
        or starts_with(measure_id, 'passed_')
        or starts_with(measure_id, 'eligible_')
    )
group by measure_id, school_year
having count(value) >= 50
