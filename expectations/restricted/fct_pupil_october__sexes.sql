-- Percent girls of the children and pupils whose sex is known, by school form and school year.
select
    school_form,
    school_year,
    count(*) as n_pupils,
    100 * count(*) filter (where sex = 'girls') / cast(count(*) as double) as percent_girls
from fct_pupil_october
where sex <> 'unknown' and school_form in ('fs', 'fsk', 'fth', 'gr', 'gy')
group by school_form, school_year
