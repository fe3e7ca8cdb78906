-- Percent girls of the pupils whose sex is known, by school year.
select
    school_year,
    count(*) as n_pupils,
    100 * count(*) filter (where sex = 'girls') / cast(count(*) as double) as percent_girls
from dim_pupil_year
where sex <> 'unknown'
group by school_year
