-- The row for all of a unit less the sum of its school forms, per unit and school year.
select
    unit_key,
    school_year,
    coalesce(sum(n_pupils) filter (where school_form = 'all'), 0)
    - coalesce(sum(n_pupils) filter (where school_form <> 'all'), 0) as pupils_off,
    sum(calculated_kronor) filter (where school_form = 'all')
    - sum(calculated_kronor) filter (where school_form <> 'all') as kronor_off
from fct_structural_compensation
group by unit_key, school_year
