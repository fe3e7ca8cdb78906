-- Percent of the persons with more than one and a half posts in all their units, by school year.
with persons as (

    select
        school_year,
        person_key,
        sum(fte_percent) as fte_percent
    from fct_staff_assignment
    where is_employed_on_october_15
    group by school_year, person_key

)

select
    school_year,
    100 * count(*) filter (where fte_percent > 150) / cast(count(*) as double) as percent_above
from persons
group by school_year
