-- Percent of pupils without a year group, by school form that has year groups and school year.
select
    school_form,
    school_year,
    count(*) as n_pupils,
    100 * count(*) filter (where year_group is null) / cast(count(*) as double) as percent_without
from fct_pupil_october
where school_form in ('fsk', 'gr', 'gy')
group by school_form, school_year
