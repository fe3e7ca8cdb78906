-- Full-time teachers of all subjects, and of all stages, apart from the row of all, by school year.
select
    municipality_code,
    school_year,
    cast(abs(
        coalesce(sum(denominator) filter (where subject_code <> 'all' and stage = 'all'), 0)
        - coalesce(sum(denominator) filter (where subject_code = 'all' and stage = 'all'), 0)
    ) as double) as subjects_apart,
    cast(abs(
        coalesce(sum(denominator) filter (where subject_code = 'all' and stage <> 'all'), 0)
        - coalesce(sum(denominator) filter (where subject_code = 'all' and stage = 'all'), 0)
    ) as double) as stages_apart
from fct_municipality_staff_competence
where measure_id = 'qualified_fte_share'
group by municipality_code, school_year
