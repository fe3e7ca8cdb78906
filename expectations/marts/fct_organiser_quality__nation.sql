-- Sum of all organisers over what is published for the nation, by number and school year.
select
    school_year,
    measure_id,
    sum(value) filter (where entity_type = 'organiser')
    / nullif(sum(value) filter (where entity_type = 'nation'), 0) as of_nation
from fct_organiser_quality
where measure_id in ('pupils', 'teachers_fte', 'staff_fte') and group_id = 'all'
group by school_year, measure_id
