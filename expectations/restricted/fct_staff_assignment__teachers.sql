-- Percent certified of the teachers about whom it is known, by school year.
select
    school_year,
    count(*) as n_posts,
    100 * count(*) filter (where is_certified) / cast(count(*) as double) as percent_certified
from fct_staff_assignment
where is_teacher and is_certified is not null
group by school_year
