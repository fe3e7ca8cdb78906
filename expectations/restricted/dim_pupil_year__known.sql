-- Percent of pupils whose parents' education is known, by school year.
select
    school_year,
    count(*) as n_pupils,
    100 * count(*) filter (where parents_education <> 'unknown') / cast(count(*) as double) as percent_known
from dim_pupil_year
where not is_protected
group by school_year
