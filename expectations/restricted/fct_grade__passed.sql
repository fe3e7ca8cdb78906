-- Percent passed of the grades that count, by school form and school year.
select
    school_form,
    school_year,
    count(*) as n_grades,
    100 * count(*) filter (where is_passed) / cast(count(*) as double) as percent_passed
from fct_grade
where is_counted and school_form is not null
group by school_form, school_year
